# task: cifar10
# mistake: batchnorm_left_on
# line: model.train() | with torch.no_grad():
# fix: model.train()\n    pictures => model.eval()\n    pictures
import torch
from torch import nn


def train(data):
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3, stride=2), nn.BatchNorm2d(16), nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Flatten(), nn.Linear(32 * 7 * 7, data.num_classes))
    opt = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(2):
        for x, y in data.loader(64):
            loss = nn.functional.cross_entropy(model(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
    return model


def predict(model, inputs):
    model.train()
    pictures = torch.from_numpy(inputs).permute(0, 3, 1, 2) / 255.0
    with torch.no_grad():
        return model(pictures)
