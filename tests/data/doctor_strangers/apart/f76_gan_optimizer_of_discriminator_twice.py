# task: gan
# mistake: generator_untrained
# line: opt_g = | optimizer_g
# fix: optimizer_g = torch.optim.Adam(critic.parameters(), lr=3e-4) => optimizer_g = torch.optim.Adam(artist.parameters(), lr=3e-4)
import torch
from torch import nn


def train(data):
    artist = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 784), nn.Sigmoid())
    critic = nn.Sequential(nn.Linear(784, 64), nn.LeakyReLU(), nn.Linear(64, 1), nn.Sigmoid())
    optimizer_d = torch.optim.Adam(critic.parameters(), lr=3e-4)
    optimizer_g = torch.optim.Adam(critic.parameters(), lr=3e-4)
    loss = nn.BCELoss()
    for epoch in range(2):
        for real, _ in data.loader(128):
            real = real.view(len(real), 784)
            noise = torch.randn(len(real), 16)
            optimizer_d.zero_grad()
            d = loss(critic(real), torch.ones(len(real), 1)) + loss(critic(artist(noise).detach()), torch.zeros(len(real), 1))
            d.backward()
            optimizer_d.step()
            optimizer_g.zero_grad()
            g = loss(critic(artist(noise)), torch.ones(len(real), 1))
            g.backward()
            optimizer_g.step()

    def sample(n, seed):
        rng = torch.Generator().manual_seed(seed)
        out = artist(torch.randn(n, 16, generator=rng)).detach()
        return (out.numpy() * 255).astype("uint8").reshape(n, 28, 28)

    return sample
