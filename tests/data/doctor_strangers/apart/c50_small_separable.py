# task: small-and-fast
# mistake: none
# resembles: no mistake
import torch
from torch import nn


def train(data):
    net = nn.Sequential(
        nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        nn.Conv2d(16, 16, 3, 2, 1, groups=16, bias=False), nn.Conv2d(16, 32, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
        nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(512, 10))
    opt = torch.optim.SGD(net.parameters(), 0.05, momentum=0.9, nesterov=True)
    for epoch in range(3):
        for x, y in data.loader(64):
            opt.zero_grad()
            nn.functional.cross_entropy(net(x - 0.5), y).backward()
            opt.step()
    net.eval()
    return lambda images: net(torch.as_tensor(images).permute(0, 3, 1, 2).float() / 255 - 0.5).detach()
