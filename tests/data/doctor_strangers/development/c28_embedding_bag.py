# task: imdb
# mistake: none
# resembles: rnn_batch_axis
import torch
from torch import nn


def number(word):
    value = 0
    for letter in word:
        value = (value * 131 + ord(letter)) % 20011
    return value


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(20011, 16, mode="mean")
        self.out = nn.Linear(16, 2)

    def forward(self, texts):
        ids, starts = [], []
        for text in texts:
            starts.append(len(ids))
            ids += [number(w) for w in text.lower().split()] or [0]
        return self.out(self.bag(torch.tensor(ids), torch.tensor(starts)))


def train(data):
    model = Bag()
    opt = torch.optim.Adam(model.parameters(), 1e-2)
    labels = torch.tensor(data.labels)
    for epoch in range(4):
        for rows in torch.randperm(len(labels)).split(32):
            opt.zero_grad()
            nn.functional.cross_entropy(model([data.inputs[i] for i in rows.tolist()]), labels[rows]).backward()
            opt.step()
    return lambda texts: model(texts).detach().numpy()
