import torch
from torch import nn
from torchvision import datasets, transforms

import package_that_nobody_has

train = datasets.MNIST("data", download=True, transform=transforms.ToTensor())
