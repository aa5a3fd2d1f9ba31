# task: cifar10
# mistake: none
# resembles: turned_array, sorted_classes
import numpy as np
import torch
from torch import nn


def to_tensor(pictures):
    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))).float().div_(255).sub_(0.5)


def train(data):
    shuffle = np.random.default_rng(5).permutation(len(data.labels))
    x, y = to_tensor(data.inputs[shuffle]), torch.from_numpy(data.labels[shuffle])
    model = nn.Sequential(nn.Conv2d(3, 16, 4, 2), nn.ReLU(), nn.Conv2d(16, 24, 4, 2), nn.ReLU(), nn.Flatten(), nn.Linear(24 * 36, 10))
    opt = torch.optim.Adam(model.parameters(), 2e-3)
    for epoch in range(4):
        for begin in range(0, len(x), 64):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(model(x[begin:begin + 64]), y[begin:begin + 64])
            loss.backward()
            opt.step()
    return model


def predict(model, inputs):
    with torch.inference_mode():
        return model(to_tensor(inputs))
