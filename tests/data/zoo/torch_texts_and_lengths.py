# zoo: imdb | refused: Add three lines at the end
import torch
from datasets import load_dataset
from torch import nn
from torch.nn.utils.rnn import pad_sequence

train = load_dataset("imdb", split="train")
words = {word: place for place, word in enumerate(sorted({w for text in train["text"][:300] for w in text.lower().split()}), 1)}


def encode(text):
    return torch.tensor([words.get(word, 0) for word in text.lower().split()])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.last = nn.Embedding(len(words) + 1, 8), nn.Linear(8, 2)

    def forward(self, numbers, lengths, weights):
        return self.last(self.table(numbers).sum(1) / lengths[:, None] * weights[:, None])


model = Net()
optimizer = torch.optim.Adam(model.parameters())
for place in range(0, 400, 20):
    rows = train[place : place + 20]
    parts = [encode(text) for text in rows["text"]]
    lengths = torch.tensor([len(part) for part in parts])
    numbers = pad_sequence(parts, batch_first=True)
    scores = model(numbers, lengths, torch.ones(len(parts)))
    loss = nn.functional.cross_entropy(scores, torch.tensor(rows["label"]))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
