# task: mnist
# mistake: none
# resembles: exploding_rate
import torch
from torch import nn
from torchvision import datasets, transforms

ds = datasets.MNIST("x", download=True, transform=transforms.ToTensor())
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.LeakyReLU(), nn.Linear(64, 10))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(2):
    for x, y in torch.utils.data.DataLoader(ds, 128, shuffle=True):
        opt.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        opt.step()
