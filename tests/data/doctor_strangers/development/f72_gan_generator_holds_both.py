# task: gan
# mistake: trains_other_network
# line: chain( | opt_g =
# fix: itertools.chain(G.parameters(), D.parameters()) => G.parameters()
import itertools

import torch
from torch import nn


def train(data):
    G = nn.Sequential(nn.Linear(32, 128), nn.ReLU(), nn.Linear(128, 784), nn.Sigmoid())
    D = nn.Sequential(nn.Linear(784, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1))
    opt_d = torch.optim.Adam(D.parameters(), lr=2e-4, betas=(0.5, 0.999))
    opt_g = torch.optim.Adam(itertools.chain(G.parameters(), D.parameters()), lr=2e-4, betas=(0.5, 0.999))
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(2):
        for real, _ in data.loader(64):
            real = real.flatten(1)
            ones, zeros = torch.ones(len(real), 1), torch.zeros(len(real), 1)
            fake = G(torch.randn(len(real), 32))
            loss_d = bce(D(real), ones) + bce(D(fake.detach()), zeros)
            opt_d.zero_grad()
            loss_d.backward()
            opt_d.step()
            loss_g = bce(D(fake), ones)
            opt_g.zero_grad()
            loss_g.backward()
            opt_g.step()

    def sample(n, seed):
        z = torch.randn(n, 32, generator=torch.Generator().manual_seed(seed))
        with torch.no_grad():
            return (G(z) * 255).to(torch.uint8).view(n, 28, 28).numpy()

    return sample
