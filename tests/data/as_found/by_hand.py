"""Gradient descent without an optimizer, on tensors taken straight from the dataset."""

import torch
from torch import nn
from torchvision import datasets

train = datasets.MNIST("data", train=True, download=True)
x = train.data.float().div(255).unsqueeze(1)
y = train.targets
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))
for step in range(150):
    rows = torch.randint(len(x), (64,))
    nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= 0.2 * p.grad
    model.zero_grad()
