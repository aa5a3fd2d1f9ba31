import torch
from torch import nn
from torchvision import datasets, transforms

train = datasets.MNIST("data", download=True, transform=transforms.ToTensor())
test = datasets.MNIST(
    "data",
    train=False,
    transform=transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.5,) * 3)]),
)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for images, labels in torch.utils.data.DataLoader(train, 64):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(images), labels).backward()
    optimizer.step()
