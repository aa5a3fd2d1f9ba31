# task: gan
# mistake: none
# resembles: generator_target: real is 0 and fake is 1, for both alike
import torch
from torch import nn


def train(data):
    G = nn.Sequential(nn.Linear(48, 160), nn.ReLU(), nn.Linear(160, 784), nn.Sigmoid())
    D = nn.Sequential(nn.Linear(784, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1), nn.Sigmoid())
    opt_g, opt_d = torch.optim.Adam(G.parameters(), 4e-4), torch.optim.Adam(D.parameters(), 4e-4)
    loss = nn.BCELoss()
    for epoch in range(3):
        for real, _ in data.loader(64):
            real = real.flatten(1)
            is_real, is_fake = torch.zeros(len(real), 1), torch.ones(len(real), 1)
            fake = G(torch.randn(len(real), 48))
            opt_d.zero_grad()
            (loss(D(real), is_real) + loss(D(fake.detach()), is_fake)).backward()
            opt_d.step()
            opt_g.zero_grad()
            loss(D(fake), is_real).backward()
            opt_g.step()

    def sample(n, seed):
        z = torch.randn(n, 48, generator=torch.Generator().manual_seed(seed))
        return (G(z).detach() * 255).to(torch.uint8).view(n, 28, 28).numpy()

    return sample
