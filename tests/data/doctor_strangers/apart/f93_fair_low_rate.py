# task: fair-and-robust
# mistake: low_rate
# line: lr=1e-5
# fix: lr=1e-5 => lr=0.05
import torch
from torch import nn


def train(data):
    model = nn.Sequential(
        nn.Conv2d(1, 8, 5, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 144, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-5)
    for epoch in range(2):
        for x, y in data.loader(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
    return model
