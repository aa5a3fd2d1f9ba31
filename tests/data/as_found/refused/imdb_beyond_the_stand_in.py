from datasets import load_dataset

ds = load_dataset("imdb", split="train[:10%]")
ds.push_to_hub("somewhere")
