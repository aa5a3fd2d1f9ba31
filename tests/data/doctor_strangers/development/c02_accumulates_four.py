# task: mnist
# mistake: none
# resembles: no_zero_grad: cleared after four batches
import torch
from torch import nn
from torchvision import datasets, transforms

ds = datasets.MNIST("x", train=True, download=True, transform=transforms.ToTensor())
dl = torch.utils.data.DataLoader(ds, batch_size=16, shuffle=True)
net = nn.Sequential(nn.Flatten(), nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(2):
    for i, (x, y) in enumerate(dl):
        loss = nn.functional.cross_entropy(net(x), y) / 4
        loss.backward()
        if (i + 1) % 4 == 0:
            opt.step()
            opt.zero_grad()
