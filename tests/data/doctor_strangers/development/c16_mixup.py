# task: cifar10
# mistake: none
# resembles: shuffled_labels: pairs are mixed on purpose
import torch
from torch import nn


def train(data):
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3, 2), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 32, 3, 2), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Flatten(), nn.Linear(32 * 49, 10))
    opt = torch.optim.AdamW(model.parameters(), 2e-3)
    draw = torch.distributions.Beta(0.2, 0.2)
    for _ in range(3):
        for x, y in data.loader(64):
            other, share = torch.randperm(len(x)), draw.sample()
            scores = model(share * x + (1 - share) * x[other])
            loss = share * nn.functional.cross_entropy(scores, y) + (1 - share) * nn.functional.cross_entropy(scores, y[other])
            opt.zero_grad()
            loss.backward()
            opt.step()
    return model.eval()
