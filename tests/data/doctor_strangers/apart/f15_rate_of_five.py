# task: mnist
# mistake: exploding_rate
# line: lr=5.0
# fix: lr=5.0 => lr=0.05
import torch
from torch import nn


def train(data):
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 50), nn.ReLU(), nn.Linear(50, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=5.0)
    for epoch in range(2):
        for x, y in data.loader(64):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
        print(epoch, loss.item())
    return model
