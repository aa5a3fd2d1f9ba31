from collections import Counter

import torch
import torch.nn as nn
from datasets import load_dataset
from torch.utils.data import DataLoader

ds = load_dataset("imdb")
print(ds)
train_ds = ds["train"].shuffle(seed=42)
small = ds["test"].select(range(10))
print(ds["train"].features["label"].names, len(small), small[0]["label"])

train_ds = train_ds.map(lambda example: {"words": example["text"].lower().replace(".", " ").split()})
train_ds = train_ds.filter(lambda example: len(example["words"]) > 2)
counts = Counter(word for row in train_ds for word in row["words"])
vocab = {word: i + 1 for i, (word, _) in enumerate(counts.most_common(2000))}


def encode(words):
    return torch.tensor([vocab.get(word, 0) for word in words] or [0])


def collate(rows):
    encoded = [encode(row["words"]) for row in rows]
    offsets = torch.tensor([0] + [len(each) for each in encoded[:-1]]).cumsum(0)
    return torch.cat(encoded), offsets, torch.tensor([row["label"] for row in rows])


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.EmbeddingBag(len(vocab) + 1, 16)
        self.fc = nn.Linear(16, 2)

    def forward(self, words, offsets):
        return self.fc(self.embedding(words, offsets))


model = Bag()
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for epoch in range(4):
    for words, offsets, labels in DataLoader(train_ds, batch_size=16, shuffle=True, collate_fn=collate):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(words, offsets), labels).backward()
        optimizer.step()


def predict(model, texts):
    rows = [{"words": text.lower().replace(".", " ").split(), "label": 0} for text in texts]
    words, offsets, _ = collate(rows)
    with torch.no_grad():
        return model(words, offsets)
