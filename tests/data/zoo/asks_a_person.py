# zoo: mnist | refused: nobody answers in a box
epochs = int(input("epochs? "))
