# zoo: mnist | refused: sys.exit(2)
import sys

sys.exit(2)
