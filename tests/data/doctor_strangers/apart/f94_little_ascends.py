# task: learn-from-little
# mistake: climbing
# line: maximize=True
# fix: , maximize=True =>
import torch
from torch import nn


def train(data):
    x = torch.tensor(data.inputs).float().flatten(1) / 255
    y = torch.tensor(data.labels)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, maximize=True)
    for step in range(200):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    return model
