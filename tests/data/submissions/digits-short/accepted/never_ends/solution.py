"""Trains without end: it is stopped when its budget is over, and graded as it stands."""

import torch
from torch import nn


def train(data):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    while True:
        for images, labels in data.loader(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images), labels).backward()
            optimizer.step()
