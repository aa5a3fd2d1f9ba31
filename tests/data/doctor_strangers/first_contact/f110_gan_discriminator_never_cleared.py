# task: gan
# mistake: no_zero_grad
# line: d_loss.backward() | opt_d.step()
# fix: d_loss.backward() => opt_d.zero_grad(); d_loss.backward()
import torch
from torch import nn

Z = 64


def train(data):
    G = nn.Sequential(
        nn.Linear(Z, 128), nn.LeakyReLU(0.2), nn.Linear(128, 784), nn.Tanh()
    )
    D = nn.Sequential(
        nn.Linear(784, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1)
    )
    opt_g = torch.optim.Adam(G.parameters(), lr=2e-4, betas=(0.5, 0.999))
    opt_d = torch.optim.Adam(D.parameters(), lr=2e-4, betas=(0.5, 0.999))
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(3):
        for real, _ in data.loader(64):
            real = real.view(len(real), -1) * 2 - 1
            ones = torch.ones(len(real), 1)
            zeros = torch.zeros(len(real), 1)

            fake = G(torch.randn(len(real), Z))
            d_loss = bce(D(real), ones) + bce(D(fake.detach()), zeros)
            d_loss.backward()
            opt_d.step()

            g_loss = bce(D(fake), ones)
            opt_g.zero_grad()
            g_loss.backward()
            opt_g.step()

    def sample(n, seed):
        z = torch.randn(n, Z, generator=torch.Generator().manual_seed(seed))
        with torch.no_grad():
            img = (G(z) + 1) / 2 * 255
        return img.view(n, 28, 28).round().to(torch.uint8)

    return sample
