# zoo: mnist | graded
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

import numpy as np

datasets.MNIST("here", train=True, download=True)
with open("here/MNIST/raw/train-labels-idx1-ubyte", "rb") as file:
    counts = np.bincount(np.frombuffer(file.read(), np.uint8, offset=8))
print(counts)
train_set = datasets.MNIST("here", train=True, transform=transforms.ToTensor())
torch.save(train_set.targets, "here/targets.pt")
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for images, labels in DataLoader(train_set, batch_size=64, shuffle=True):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(images), labels).backward()
    optimizer.step()
