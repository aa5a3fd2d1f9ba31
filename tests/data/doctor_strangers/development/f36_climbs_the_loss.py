# task: mnist
# mistake: climbing
# line: p += | p.add_
# fix: p += rate * p.grad => p -= rate * p.grad
import torch
from torch import nn


def train(data):
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
    rate = 0.1
    for epoch in range(2):
        for x, y in data.loader(64):
            loss = nn.functional.cross_entropy(model(x), y)
            model.zero_grad()
            loss.backward()
            with torch.no_grad():
                for p in model.parameters():
                    p += rate * p.grad
        print(epoch, loss.item())
    return model
