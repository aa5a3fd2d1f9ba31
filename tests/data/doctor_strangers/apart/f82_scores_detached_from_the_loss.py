# task: cifar10
# mistake: never_trained
# line: .data | requires_grad_()
# fix: scores = net(x).data.requires_grad_() => scores = net(x)
import torch
from torch import nn


def train(data):
    net = nn.Sequential(nn.Conv2d(3, 12, 3, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(12 * 225, 10))
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(2):
        for x, y in data.loader(64):
            opt.zero_grad()
            scores = net(x).data.requires_grad_()
            loss = nn.functional.cross_entropy(scores, y)
            loss.backward()
            opt.step()
        print(loss.item())
    return net
