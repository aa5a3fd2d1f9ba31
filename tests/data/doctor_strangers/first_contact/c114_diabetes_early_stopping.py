# task: diabetes
# mistake: none
import copy

import numpy as np
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.body = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 1))

    def forward(self, x):
        return self.body((x - self.mean) / self.std).squeeze(-1) * 77 + 152


def train(data):
    torch.manual_seed(data.seed)
    order = np.random.default_rng(data.seed).permutation(len(data.inputs))
    x = torch.from_numpy(data.inputs[order])
    y = torch.from_numpy(data.labels[order])
    xt, yt, xv, yv = x[60:], y[60:], x[:60], y[:60]
    net = Net(xt.mean(0), xt.std(0))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-3)
    best, state, wait = float("inf"), None, 0
    for epoch in range(300):
        net.train()
        for idx in torch.randperm(len(xt)).split(32):
            opt.zero_grad()
            nn.functional.smooth_l1_loss(net(xt[idx]), yt[idx], beta=10.0).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            error = (net(xv) - yv).abs().mean().item()
        if error < best:
            best, state, wait = error, copy.deepcopy(net.state_dict()), 0
        else:
            wait += 1
            if wait > 25:
                break
    net.load_state_dict(state)
    return net
