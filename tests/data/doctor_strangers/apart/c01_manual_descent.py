# task: mnist
# mistake: none
# resembles: no_zero_grad: gradients are set to None by hand
import torch
from torch import nn


def train(data):
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
    for epoch in range(3):
        for x, y in data.loader(64):
            nn.functional.cross_entropy(model(x), y).backward()
            with torch.no_grad():
                for weight in model.parameters():
                    weight -= 0.1 * weight.grad
                    weight.grad = None
    return model
