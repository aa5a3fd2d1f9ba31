"""Forgets evaluation mode: batch normalisation looks at the neighbours of an image. A mistake, no fraud."""

import torch
from torch import nn


def train(data):
    model = nn.Sequential(
        nn.Conv2d(1, 24, 3, padding=1),
        nn.ReLU(),
        nn.BatchNorm2d(24),
        nn.Flatten(),
        nn.Linear(24 * 64, data.num_classes),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(12):
        for images, labels in data.loader(batch_size=64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images), labels).backward()
            optimizer.step()

    def answer(batch):
        with torch.no_grad():
            return model(torch.from_numpy(batch).unsqueeze(1) / 255.0).numpy()

    return answer
