# task: mnist
# mistake: none
# resembles: double_softmax: applied outside training only
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.seq = nn.Sequential(nn.Flatten(), nn.Linear(784, 96), nn.GELU(), nn.Linear(96, 10))

    def forward(self, x):
        scores = self.seq(x)
        return scores if self.training else torch.softmax(scores, dim=1)


def train(data):
    net = Net()
    opt = torch.optim.AdamW(net.parameters(), 1e-3)
    for _ in range(3):
        for x, y in data.loader(64):
            opt.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            opt.step()
    return net.eval()
