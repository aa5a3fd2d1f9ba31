import torch
from datasets import load_dataset

train = load_dataset("imdb", split="train")
model = torch.nn.Linear(1, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for row in train.select(range(20)):
    optimizer.zero_grad()
    scores = model(torch.tensor([[float(len(row["text"]))]]) / 1000)
    torch.nn.functional.cross_entropy(scores, torch.tensor([row["label"]])).backward()
    optimizer.step()
