# zoo: mnist | refused: this task gives its data (mnist) through
import pandas as pd

train = pd.read_csv("../input/digit-recognizer/train.csv")
