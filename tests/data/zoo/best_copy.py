# zoo: mnist | graded
import copy

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

train_set = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())
student = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))
for epoch, rate in enumerate((0.05, 900.0)):
    optimizer = torch.optim.SGD(student.parameters(), lr=rate, momentum=0.9)
    for images, labels in DataLoader(train_set, batch_size=64, shuffle=True):
        optimizer.zero_grad()
        nn.functional.cross_entropy(student(images), labels).backward()
        optimizer.step()
    if epoch == 0:
        best_student = copy.deepcopy(student)
