import torch
from torch import nn
from torchvision import datasets, transforms

loader = torch.utils.data.DataLoader(datasets.MNIST("data", download=True, transform=transforms.ToTensor()), 64)


def fold():
    each = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    optimizer = torch.optim.Adam(each.parameters(), lr=0.01)
    for images, labels in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(each(images), labels).backward()
        optimizer.step()


fold()
fold()
