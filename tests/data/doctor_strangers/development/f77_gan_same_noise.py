# task: gan
# mistake: noise_ignored
# line: noise = torch.zeros | torch.zeros(n
# fix: torch.zeros(n, 24) => torch.randn(n, 24, generator=torch.Generator().manual_seed(seed))
import torch
from torch import nn


def train(data):
    G = nn.Sequential(nn.Linear(24, 128), nn.ReLU(), nn.Linear(128, 784), nn.Sigmoid())
    D = nn.Sequential(nn.Linear(784, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1))
    og, od = torch.optim.Adam(G.parameters(), 3e-4), torch.optim.Adam(D.parameters(), 3e-4)
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(2):
        for x, _ in data.loader(64):
            x = x.flatten(1)
            fake = G(torch.randn(len(x), 24))
            loss = bce(D(x), torch.ones(len(x), 1)) + bce(D(fake.detach()), torch.zeros(len(x), 1))
            od.zero_grad(); loss.backward(); od.step()
            loss = bce(D(fake), torch.ones(len(x), 1))
            og.zero_grad(); loss.backward(); og.step()

    def sample(n, seed):
        noise = torch.zeros(n, 24)
        return (G(noise) * 255).detach().byte().view(n, 28, 28).numpy()

    return sample
