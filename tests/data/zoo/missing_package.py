# zoo: mnist | refused: No module named 'package_for_nobody'
import package_for_nobody
