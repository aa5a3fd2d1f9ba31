# task: cifar10
# mistake: plain_list
# line: self.blocks = [ | self.blocks
# fix: self.blocks = [block(3, 16), block(16, 32), block(32, 32)] => self.blocks = nn.ModuleList([block(3, 16), block(16, 32), block(32, 32)])
import torch
from torch import nn


def block(a, b):
    return nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))


class SmallVGG(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.blocks = [block(3, 16), block(16, 32), block(32, 32)]
        self.head = nn.Linear(32 * 4 * 4, classes)

    def forward(self, x):
        for b in self.blocks:
            x = b(x)
        return self.head(x.flatten(1))


def train(data):
    model = SmallVGG(data.num_classes)
    opt = torch.optim.Adam(model.parameters(), 2e-3)
    for epoch in range(2):
        for x, y in data.loader(64):
            opt.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            opt.step()
    return model
