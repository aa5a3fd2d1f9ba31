# task: mnist
# mistake: none
# resembles: broadcast_error, double_softmax
import torch
from torch import nn


def train(data):
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10), nn.Softmax(dim=1))
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(3):
        for x, y in data.loader(50):
            target = torch.zeros(len(y), 10).scatter_(1, y[:, None], 1.0)
            loss = ((net(x) - target) ** 2).sum(1).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print("squared error", loss.item())
    return net
