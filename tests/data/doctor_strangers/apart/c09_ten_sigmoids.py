# task: mnist
# mistake: none
# resembles: sigmoid_on_scores: with binary cross-entropy on one-hot targets
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Linear(784, 128)
        self.g = nn.Linear(128, 10)

    def forward(self, x):
        return torch.sigmoid(self.g(torch.relu(self.f(x.flatten(1)))))


def train(data):
    model, criterion = Net(), nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(3):
        for x, y in data.loader(64):
            optimizer.zero_grad()
            criterion(model(x), nn.functional.one_hot(y, 10).float()).backward()
            optimizer.step()
    return model
