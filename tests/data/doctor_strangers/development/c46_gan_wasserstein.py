# task: gan
# mistake: none
# resembles: climbing: losses without a floor
import torch
from torch import nn


def train(data):
    G = nn.Sequential(nn.Linear(32, 128), nn.ReLU(), nn.Linear(128, 784), nn.Sigmoid())
    C = nn.Sequential(nn.Linear(784, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1))
    g_opt, c_opt = torch.optim.RMSprop(G.parameters(), 5e-4), torch.optim.RMSprop(C.parameters(), 5e-4)
    for epoch in range(3):
        for i, (real, _) in enumerate(data.loader(64)):
            real = real.flatten(1)
            c_opt.zero_grad()
            fake = G(torch.randn(len(real), 32)).detach()
            (C(fake).mean() - C(real).mean()).backward()
            c_opt.step()
            for p in C.parameters():
                p.data.clamp_(-0.05, 0.05)
            if i % 2 == 0:
                g_opt.zero_grad()
                (-C(G(torch.randn(64, 32))).mean()).backward()
                g_opt.step()

    def sample(n, seed):
        z = torch.randn(n, 32, generator=torch.Generator().manual_seed(seed))
        return (G(z).detach() * 255).to(torch.uint8).view(n, 28, 28).numpy()

    return sample
