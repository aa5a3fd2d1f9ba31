# task: mnist
# mistake: none
# resembles: never_trained: the model handed in is a moving average
import copy

import torch
from torch import nn


def train(data):
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 96), nn.ReLU(), nn.Linear(96, 10))
    average = copy.deepcopy(model)
    opt = torch.optim.Adam(model.parameters(), 2e-3)
    for epoch in range(3):
        for x, y in data.loader(64):
            opt.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            opt.step()
            with torch.no_grad():
                for a, w in zip(average.parameters(), model.parameters()):
                    a.lerp_(w, 0.02)
    return average
