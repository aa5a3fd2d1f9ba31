# zoo: mnist | graded
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

train_set = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())
ensemble = []
for _ in range(2):
    member = nn.Sequential(nn.Flatten(), nn.Linear(784, 24), nn.ReLU(), nn.Linear(24, 10))
    optimizer = torch.optim.Adam(member.parameters(), lr=0.01)
    for images, labels in DataLoader(train_set, batch_size=64, shuffle=True):
        optimizer.zero_grad()
        nn.functional.cross_entropy(member(images), labels).backward()
        optimizer.step()
    ensemble.append(member)
