# task: gan
# mistake: none
import torch
import torch.nn as nn

latent = 64


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.Linear(latent, 128),
            nn.BatchNorm1d(128),
            nn.ReLU(),
            nn.Linear(128, 256),
            nn.BatchNorm1d(256),
            nn.ReLU(),
            nn.Linear(256, 784),
            nn.Sigmoid(),
        )

    def forward(self, z):
        return self.model(z).view(-1, 1, 28, 28)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.Flatten(), nn.Linear(784, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1)
        )

    def forward(self, x):
        return self.model(x)


def train(data):
    G, D = Generator(), Discriminator()
    optG = torch.optim.Adam(G.parameters(), lr=5e-4, betas=(0.5, 0.999))
    optD = torch.optim.Adam(D.parameters(), lr=5e-4, betas=(0.5, 0.999))
    mse = nn.MSELoss()
    for epoch in range(6):
        for imgs, _ in data.loader(64):
            n = imgs.size(0)
            valid = torch.full((n, 1), 0.9)
            fake = torch.zeros(n, 1)

            optD.zero_grad()
            gen = G(torch.randn(n, latent))
            loss_d = 0.5 * (mse(D(imgs), valid) + mse(D(gen.detach()), fake))
            loss_d.backward()
            optD.step()

            optG.zero_grad()
            loss_g = mse(D(gen), torch.ones(n, 1))
            loss_g.backward()
            optG.step()
    G.eval()
    return G
