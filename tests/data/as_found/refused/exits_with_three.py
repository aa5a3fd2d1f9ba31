import sys

import torch
from torch import nn
from torchvision import datasets, transforms

train = datasets.MNIST("data", download=True, transform=transforms.ToTensor())
if not torch.cuda.is_available() or True:
    sys.exit(3)
