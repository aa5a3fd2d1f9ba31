# task: diabetes
# mistake: none
# resembles: broadcast_error
import torch
from torch import nn


def train(data):
    x = torch.from_numpy(data.inputs)
    y = torch.from_numpy(data.labels).unsqueeze(1)
    mean, std = x.mean(0), x.std(0)
    center, spread = y.mean(), y.std()
    net = nn.Sequential(nn.Linear(10, 16), nn.Tanh(), nn.Linear(16, 1))
    opt = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=0.1)
    for epoch in range(60):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            nn.functional.smooth_l1_loss(net((x[rows] - mean) / std), (y[rows] - center) / spread).backward()
            opt.step()

    def model(inputs):
        with torch.no_grad():
            return (net((torch.from_numpy(inputs) - mean) / std) * spread + center).squeeze(1)

    return model
