# task: text-generation
# mistake: never_trained
# line: loss.backward() | optimizer
# fix: loss.backward() => loss.backward(); optimizer.step()
import torch
from torch import nn


class LSTMText(nn.Module):
    def __init__(self, v):
        super().__init__()
        self.e = nn.Embedding(v, 24)
        self.l = nn.LSTM(24, 48, batch_first=True)
        self.o = nn.Linear(48, v)

    def forward(self, t):
        h, _ = self.l(self.e(t))
        return self.o(h)


def train(data):
    torch.manual_seed(1)
    model = LSTMText(data.vocabulary_size)
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    criterion = nn.CrossEntropyLoss()
    text = torch.from_numpy(data.tokens)
    for i in range(60):
        at = torch.randint(len(text) - 40, (16, 1)) + torch.arange(33)
        piece = text[at]
        optimizer.zero_grad()
        loss = criterion(model(piece[:, :-1]).flatten(0, 1), piece[:, 1:].flatten())
        loss.backward()
        if i % 20 == 0:
            print(i, loss.item())
    return model
