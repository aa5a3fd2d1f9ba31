# task: mnist
# mistake: heavy_decay
# line: weight_decay=1
# fix: weight_decay=1, => weight_decay=1e-4,
import torch
from torch import nn


def train(data):
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 13 * 13, 64), nn.ReLU(), nn.Linear(64, 10))
    opt = torch.optim.SGD(net.parameters(), lr=0.05, weight_decay=1, momentum=0.9)
    for _ in range(2):
        for pictures, classes in data.loader(64):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(net(pictures), classes)
            loss.backward()
            opt.step()
        print(loss.item())
    return net
