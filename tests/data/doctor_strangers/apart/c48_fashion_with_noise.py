# task: fair-and-robust
# mistake: none
# resembles: high_dropout, other_preparation: noisy pictures in training only
import torch
from torch import nn


def train(data):
    model = nn.Sequential(nn.Conv2d(1, 16, 5, 2), nn.ReLU(), nn.Flatten(), nn.Dropout(0.4), nn.Linear(16 * 144, 64), nn.ReLU(), nn.Linear(64, 10))
    opt = torch.optim.Adam(model.parameters(), 2e-3)
    for epoch in range(3):
        model.train()
        for x, y in data.loader(64):
            noisy = (x + 0.2 * torch.randn_like(x)).clamp(0, 1)
            opt.zero_grad()
            nn.functional.cross_entropy(model(noisy), y).backward()
            opt.step()
    return model.eval()
