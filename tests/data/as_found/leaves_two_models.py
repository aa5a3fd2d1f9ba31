import torch
from torch import nn
from torchvision import datasets, transforms

loader = torch.utils.data.DataLoader(datasets.MNIST("data", download=True, transform=transforms.ToTensor()), 64)
small = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
large = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))
for each in (small, large):
    optimizer = torch.optim.Adam(each.parameters(), lr=0.01)
    for images, labels in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(each(images), labels).backward()
        optimizer.step()
