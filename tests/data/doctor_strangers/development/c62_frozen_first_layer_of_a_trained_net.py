# task: mnist
# mistake: none
# resembles: untrained_part: fine-tunes the head of what it trained before
import torch
from torch import nn


def epochs(model, optimizer, data, n):
    for _ in range(n):
        for x, y in data.loader(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()


def train(data):
    body = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU())
    model = nn.Sequential(body, nn.Linear(64, 10))
    epochs(model, torch.optim.Adam(model.parameters(), 2e-3), data, 2)
    for p in body.parameters():
        p.requires_grad = False
    epochs(model, torch.optim.Adam(model[1].parameters(), 1e-3), data, 1)
    return model
