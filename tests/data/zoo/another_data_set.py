# zoo: mnist | refused: asks for cifar10; this task provides mnist
from torchvision import datasets

datasets.CIFAR10("data", download=True)
