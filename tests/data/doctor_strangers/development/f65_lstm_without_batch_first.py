# task: imdb
# mistake: rnn_batch_axis
# line: nn.LSTM( | nn.GRU(
# fix: nn.GRU(16, 32) => nn.GRU(16, 32, batch_first=True)
import torch
from torch import nn

SIZE = 3000


class Sentiment(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(SIZE, 16)
        self.rnn = nn.GRU(16, 32)
        self.classify = nn.Linear(32, 2)

    def forward(self, tokens):
        states, _ = self.rnn(self.embedding(tokens))
        return self.classify(states.mean(dim=1))


def encode(texts):
    rows = torch.zeros(len(texts), 60, dtype=torch.int64)
    for row, text in zip(rows, texts):
        for i, word in enumerate(text.lower().split()[:60]):
            row[i] = sum(map(ord, word)) * 7919 % SIZE
    return rows


def train(data):
    model = Sentiment()
    tokens, labels = encode(data.inputs), torch.tensor(data.labels)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(2):
        for rows in torch.randperm(len(labels)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(tokens[rows]), labels[rows]).backward()
            optimizer.step()
    return model


def predict(model, texts):
    with torch.no_grad():
        return model(encode(texts))
