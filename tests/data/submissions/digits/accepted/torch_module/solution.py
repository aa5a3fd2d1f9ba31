"""A module of one's own, trained on the loader the data brings."""

import torch
from torch import nn


class Network(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.hidden = nn.Linear(64, 96)
        self.out = nn.Linear(96, classes)

    def forward(self, images):
        return self.out(torch.relu(self.hidden(images.flatten(1))))


def train(data):
    model = Network(data.num_classes)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(25):
        for images, labels in data.loader(batch_size=64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images), labels).backward()
            optimizer.step()
    return model
