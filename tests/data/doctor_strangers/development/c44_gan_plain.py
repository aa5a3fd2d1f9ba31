# task: gan
# mistake: none
# resembles: generator_cut
import torch
from torch import nn


def train(data):
    g = nn.Sequential(nn.Linear(32, 128), nn.ReLU(), nn.BatchNorm1d(128), nn.Linear(128, 784), nn.Tanh())
    d = nn.Sequential(nn.Linear(784, 128), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(128, 1))
    og = torch.optim.Adam(g.parameters(), 5e-4, betas=(0.5, 0.99))
    od = torch.optim.Adam(d.parameters(), 5e-4, betas=(0.5, 0.99))
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(4):
        for real, _ in data.loader(64):
            real = real.flatten(1) * 2 - 1
            fake = g(torch.randn(len(real), 32))
            od.zero_grad()
            (bce(d(real), torch.ones(len(real), 1)) + bce(d(fake.detach()), torch.zeros(len(real), 1))).backward()
            od.step()
            og.zero_grad()
            bce(d(fake), torch.ones(len(real), 1)).backward()
            og.step()
    g.eval()

    def sample(n, seed):
        with torch.no_grad():
            p = g(torch.randn(n, 32, generator=torch.Generator().manual_seed(seed)))
        return ((p + 1) * 127.5).byte().reshape(n, 28, 28).numpy()

    return sample
