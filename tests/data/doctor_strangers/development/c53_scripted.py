# task: mnist
# mistake: none
# resembles: no mistake
import torch
from torch import nn
from torchvision import datasets, transforms


class Residual(nn.Module):
    def __init__(self, n: int):
        super().__init__()
        self.a = nn.Linear(n, n)
        self.b = nn.Linear(n, n)

    def forward(self, x):
        return torch.relu(x + self.b(torch.relu(self.a(x))))


model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), Residual(64), Residual(64), nn.Linear(64, 10))
ds = datasets.MNIST("data", train=True, download=True,
                    transform=transforms.Compose([transforms.RandomRotation(8), transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))]))
opt = torch.optim.Adam(model.parameters(), 1e-3)
for epoch in range(3):
    for x, y in torch.utils.data.DataLoader(ds, 64, shuffle=True):
        opt.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        opt.step()
