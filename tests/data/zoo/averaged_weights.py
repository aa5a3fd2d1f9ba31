# zoo: mnist | graded
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

train_set = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())
from torch.optim.swa_utils import AveragedModel

student = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))
averaged = AveragedModel(student)
optimizer = torch.optim.SGD(student.parameters(), lr=0.1)
for images, labels in DataLoader(train_set, batch_size=64, shuffle=True):
    optimizer.zero_grad()
    nn.functional.cross_entropy(student(images), labels).backward()
    optimizer.step()
    averaged.update_parameters(student)
