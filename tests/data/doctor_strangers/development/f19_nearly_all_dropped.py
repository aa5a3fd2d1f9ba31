# task: mnist
# mistake: high_dropout
# line: nn.Dropout(0.97) | p=0.97
# fix: nn.Dropout(0.97) => nn.Dropout(0.2)
import torch
from torch import nn
from torchvision import datasets, transforms

loader = torch.utils.data.DataLoader(
    datasets.MNIST("data", download=True, transform=transforms.ToTensor()), 100, shuffle=True)
model = nn.Sequential(
    nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Dropout(0.97),
    nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.97), nn.Linear(64, 10))
opt = torch.optim.Adam(model.parameters())
for epoch in range(3):
    model.train()
    for x, y in loader:
        opt.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        opt.step()
model.eval()
