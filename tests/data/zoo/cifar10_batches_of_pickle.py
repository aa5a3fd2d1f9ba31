# zoo: cifar10 | graded
import pickle

import numpy as np
import torch
from torch import nn
from torchvision.datasets import CIFAR10

CIFAR10("data", download=True)
with open("data/cifar-10-batches-py/data_batch_1", "rb") as file:
    batch = pickle.load(file, encoding="bytes")
x = torch.tensor(batch[b"data"][:1500].reshape(-1, 3, 32, 32), dtype=torch.float32) / 255
y = torch.tensor(np.array(batch[b"labels"][:1500]))
model = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(1800, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
for _ in range(30):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()
