# task: cifar10
# mistake: scrambled_pixels
# line: .reshape(-1, 3, 32, 32)
# fix: x.reshape(-1, 3, 32, 32) => x.transpose(0, 3, 1, 2).copy()
import torch
from torch import nn


def channels_first(x):
    x = x.astype("float32") / 255
    return torch.from_numpy(x.reshape(-1, 3, 32, 32))


def train(data):
    pictures = channels_first(data.inputs)
    labels = torch.from_numpy(data.labels)
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3, stride=2), nn.ReLU(), nn.Conv2d(16, 32, 3, stride=2), nn.ReLU(),
        nn.Flatten(), nn.Linear(32 * 49, 10))
    opt = torch.optim.Adam(model.parameters(), 2e-3)
    for epoch in range(3):
        order = torch.randperm(len(labels))
        for rows in order.split(64):
            opt.zero_grad()
            nn.functional.cross_entropy(model(pictures[rows]), labels[rows]).backward()
            opt.step()
    return model


def predict(model, inputs):
    with torch.no_grad():
        return model(channels_first(inputs))
