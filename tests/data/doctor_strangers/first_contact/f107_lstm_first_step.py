# task: mnist
# mistake: first_state
# line: [:, 0]
# fix: seq[:, 0] => seq[:, -1]
import torch
import torch.nn as nn


class RowReader(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(28, 64, batch_first=True)
        self.out = nn.Linear(64, 10)

    def forward(self, x):
        seq, _ = self.lstm(x.squeeze(1))
        return self.out(seq[:, 0])


def train(data):
    model = RowReader()
    optimiser = torch.optim.Adam(model.parameters(), lr=0.002)
    loss_function = nn.CrossEntropyLoss()
    for epoch in range(3):
        for X, y in data.loader(batch_size=64):
            optimiser.zero_grad()
            loss_function(model(X), y).backward()
            optimiser.step()
    return model
