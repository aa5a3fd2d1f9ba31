# task: mnist
# mistake: none
# resembles: untrained_part: a random projection is meant to stay
import torch
from torch import nn


class RandomFeatures(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("projection", torch.randn(784, 1000) / 28)
        self.head = nn.Linear(1000, 10)

    def forward(self, x):
        return self.head(torch.relu(x.flatten(1) @ self.projection))


def train(data):
    model = RandomFeatures()
    opt = torch.optim.Adam(model.head.parameters(), 2e-3)
    for epoch in range(3):
        for x, y in data.loader(64):
            opt.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            opt.step()
    return model
