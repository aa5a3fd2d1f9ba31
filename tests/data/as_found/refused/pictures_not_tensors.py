import torch
from torch import nn
from torchvision import datasets, transforms

train = datasets.MNIST("data", download=True, transform=transforms.Resize(28))
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
pixels = train.data.float()[:, None] / 255
for start in range(0, len(pixels), 64):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(pixels[start : start + 64]), train.targets[start : start + 64]).backward()
    optimizer.step()
