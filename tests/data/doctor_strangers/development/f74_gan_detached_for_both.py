# task: gan
# mistake: generator_cut
# line: .detach()
# fix: made = net_g(z).detach() => made = net_g(z)
# fix: net_d(made), => net_d(made.detach()),
import torch
import torch.nn.functional as F
from torch import nn


class Maker(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(20, 100), nn.ReLU(), nn.Linear(100, 784))

    def forward(self, z):
        return torch.tanh(self.net(z))


def train(data):
    net_g, net_d = Maker(), nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 1))
    g = torch.optim.Adam(net_g.parameters(), 3e-4)
    d = torch.optim.Adam(net_d.parameters(), 3e-4)
    for epoch in range(2):
        for batch, _ in data.loader(64):
            real = batch.view(-1, 784) * 2 - 1
            z = torch.randn(len(real), 20)
            made = net_g(z).detach()
            loss = F.softplus(-net_d(real)).mean() + F.softplus(net_d(made), ).mean()
            d.zero_grad()
            loss.backward()
            d.step()
            g_loss = F.softplus(-net_d(made)).mean()
            g.zero_grad()
            g_loss.backward()
            g.step()

    @torch.no_grad()
    def sample(n, seed):
        z = torch.randn(n, 20, generator=torch.Generator().manual_seed(seed))
        return (net_g(z) * 127.5 + 127.5).clamp(0, 255).byte().view(-1, 28, 28).numpy()

    return sample
