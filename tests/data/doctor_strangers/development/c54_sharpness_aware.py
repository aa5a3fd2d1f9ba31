# task: mnist
# mistake: none
# resembles: climbing, no_zero_grad: goes uphill first, on purpose
import torch
from torch import nn


def train(data):
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
    base = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    for epoch in range(2):
        for x, y in data.loader(64):
            nn.functional.cross_entropy(model(x), y).backward()
            norm = torch.stack([p.grad.norm() for p in model.parameters()]).norm()
            moves = [0.05 * p.grad / (norm + 1e-12) for p in model.parameters()]
            with torch.no_grad():
                for p, e in zip(model.parameters(), moves):
                    p.add_(e)
            base.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            with torch.no_grad():
                for p, e in zip(model.parameters(), moves):
                    p.sub_(e)
            base.step()
            base.zero_grad()
    return model
