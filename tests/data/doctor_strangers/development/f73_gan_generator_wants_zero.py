# task: gan
# mistake: generator_target
# line: g_loss = criterion(
# fix: g_loss = criterion(discriminator(fake), no) => g_loss = criterion(discriminator(fake), yes)
import torch
from torch import nn

discriminator = nn.Sequential(nn.Flatten(), nn.Linear(784, 96), nn.LeakyReLU(0.2), nn.Linear(96, 1), nn.Sigmoid())
generator = nn.Sequential(nn.Linear(48, 96), nn.ReLU(), nn.Linear(96, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))


def train(data):
    criterion = nn.BCELoss()
    d_opt = torch.optim.Adam(discriminator.parameters(), 2e-4)
    g_opt = torch.optim.Adam(generator.parameters(), 2e-4)
    for epoch in range(2):
        for images, _ in data.loader(100):
            images = images * 2 - 1
            yes = torch.full((len(images), 1), 1.0)
            no = torch.full((len(images), 1), 0.0)
            fake = generator(torch.randn(len(images), 48))
            d_opt.zero_grad()
            d_loss = criterion(discriminator(images), yes) + criterion(discriminator(fake.detach()), no)
            d_loss.backward()
            d_opt.step()
            g_opt.zero_grad()
            g_loss = criterion(discriminator(fake), no)
            g_loss.backward()
            g_opt.step()
        print(epoch, d_loss.item(), g_loss.item())

    def sample(n, seed):
        torch.manual_seed(seed)
        with torch.no_grad():
            pictures = generator(torch.randn(n, 48))[:, 0]
        return ((pictures + 1) / 2 * 255).byte().numpy()

    return sample
