"""Forgets evaluation mode: dropout goes on while it answers, so that no two answers are the same. A mistake, no fraud."""

import torch
from torch import nn


def train(data):
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(64, 256), nn.ReLU(), nn.Dropout(0.3), nn.Linear(256, data.num_classes)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(30):
        for images, labels in data.loader(batch_size=64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images), labels).backward()
            optimizer.step()

    def answer(batch):
        with torch.no_grad():
            return model(torch.from_numpy(batch).unsqueeze(1) / 255.0).numpy()

    return answer
