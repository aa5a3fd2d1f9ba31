# zoo: gan | graded
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

train_set = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(784, 64)
        self.mean, self.spread = nn.Linear(64, 12), nn.Linear(64, 12)
        self.decoder = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 784))

    def forward(self, x):
        h = torch.relu(self.encoder(x))
        mean, spread = self.mean(h), self.spread(h)
        z = mean + torch.randn_like(mean) * (spread / 2).exp()
        return self.decoder(z), mean, spread


vae = VAE()
optimizer = torch.optim.Adam(vae.parameters(), lr=0.003)
for images, _ in DataLoader(train_set, batch_size=64, shuffle=True):
    flat = images.flatten(1)
    made, mean, spread = vae(flat)
    loss = nn.functional.binary_cross_entropy_with_logits(made, flat, reduction="sum")
    loss = loss - 0.5 * torch.sum(1 + spread - mean**2 - spread.exp())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
