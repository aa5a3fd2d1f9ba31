# task: gan
# mistake: wrong_greys
# line: * 255 | Tanh()
# fix: (pictures * 255) => ((pictures + 1) * 127.5)
import torch
from torch import nn


def train(data):
    gen = nn.Sequential(nn.Linear(32, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, 784), nn.Tanh())
    dis = nn.Sequential(nn.Linear(784, 128), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(128, 1))
    og = torch.optim.Adam(gen.parameters(), 5e-4, betas=(0.5, 0.999))
    od = torch.optim.Adam(dis.parameters(), 5e-4, betas=(0.5, 0.999))
    bce = nn.functional.binary_cross_entropy_with_logits
    for epoch in range(3):
        for x, _ in data.loader(64):
            x = (x.flatten(1) - 0.5) / 0.5
            fake = gen(torch.randn(len(x), 32))
            od.zero_grad()
            a, b = dis(x), dis(fake.detach())
            (bce(a, torch.ones_like(a)) + bce(b, torch.zeros_like(b))).backward()
            od.step()
            og.zero_grad()
            c = dis(fake)
            bce(c, torch.ones_like(c)).backward()
            og.step()
    gen.eval()

    def sample(n, seed):
        with torch.no_grad():
            pictures = gen(torch.randn(n, 32, generator=torch.Generator().manual_seed(seed)))
        return (pictures * 255).clamp(0, 255).to(torch.uint8).reshape(n, 28, 28).numpy()

    return sample
