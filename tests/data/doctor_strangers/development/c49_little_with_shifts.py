# task: learn-from-little
# mistake: none
# resembles: trained_on_copies
import torch
from torch import nn


def train(data):
    x = torch.tensor(data.inputs).float().unsqueeze(1) / 255
    y = torch.tensor(data.labels)
    net = nn.Sequential(nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.3), nn.Flatten(), nn.Linear(16 * 144, 10))
    opt = torch.optim.Adam(net.parameters(), 2e-3)
    net.train()
    for step in range(200):
        dx, dy = torch.randint(-2, 3, (2,)).tolist()
        opt.zero_grad()
        nn.functional.cross_entropy(net(x.roll((dx, dy), (2, 3))), y).backward()
        opt.step()
    return net.eval()
