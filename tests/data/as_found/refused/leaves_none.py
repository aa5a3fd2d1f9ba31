import numpy as np
from torchvision import datasets

train = datasets.MNIST("data", download=True)
pixels = train.data.numpy().reshape(len(train), -1)
means = np.stack([pixels[train.targets.numpy() == digit].mean(axis=0) for digit in range(10)])
print(means.shape)
