# zoo: cifar10 | refused: no pretrained weights
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from torchvision import models

model = models.resnet18(weights=models.ResNet18_Weights.DEFAULT)
