# zoo: mnist | refused: Missing parentheses
print "training"
