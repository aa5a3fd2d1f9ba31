from datasets import load_dataset

ds = load_dataset("ag_news")
