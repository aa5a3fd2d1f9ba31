# task: imdb
# mistake: double_softmax
# line: softmax(
# fix: .softmax(dim=-1) =>
import torch
from torch import nn


def hashed(texts, size=4096):
    counts = torch.zeros(len(texts), size)
    for row, text in zip(counts, texts):
        for word in text.lower().split():
            row[hash_of(word) % size] += 1
    return counts / counts.sum(1, keepdim=True).clamp_min(1)


def hash_of(word):
    value = 5381
    for letter in word:
        value = (value * 33 + ord(letter)) & 0xFFFFFF
    return value


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4096, 32)
        self.top = nn.Linear(32, 2)

    def forward(self, counts):
        return self.top(torch.relu(self.layer(counts * 50))).softmax(dim=-1)


def train(data):
    x, y = hashed(data.inputs), torch.tensor(data.labels)
    model = Bag()
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(8):
        for rows in torch.randperm(len(x)).split(64):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
            loss.backward()
            opt.step()
        print(loss.item())
    return lambda texts: model(hashed(texts)).detach().numpy()
