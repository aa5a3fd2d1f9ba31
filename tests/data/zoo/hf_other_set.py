# zoo: mnist | refused: asks for load_dataset
from datasets import load_dataset

load_dataset("ag_news")
