# task: mnist
# mistake: shuffled_labels
# line: np.random.shuffle(x) | rng.shuffle(images)
# fix: rng.shuffle(images) =>
import numpy as np
import torch
from torch import nn


def train(data):
    rng = np.random.default_rng(data.seed)
    images = data.inputs.astype("float32") / 255
    rng.shuffle(images)
    labels = data.labels
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(3):
        for i in range(0, len(images), 100):
            x = torch.from_numpy(images[i:i + 100])
            y = torch.from_numpy(labels[i:i + 100])
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
        print(epoch, loss.item())
    return model


def predict(model, inputs):
    with torch.no_grad():
        return model(torch.from_numpy(inputs.astype("float32") / 255))
