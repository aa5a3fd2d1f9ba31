# task: mnist
# mistake: raw_pixels
# line: .data.float() | mnist.data
# fix: mnist.data.float() => mnist.data.float().div(255)
import torch
from torch import nn
from torchvision.datasets import MNIST

mnist = MNIST("data", train=True, download=True)
X = mnist.data.float().unsqueeze(1)
Y = mnist.targets
model = nn.Sequential(
    nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(8 * 36, 32), nn.ReLU(), nn.Linear(32, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
batch = 64
for epoch in range(2):
    shuffled = torch.randperm(len(X))
    for start in range(0, len(X), batch):
        index = shuffled[start:start + batch]
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(X[index]), Y[index])
        loss.backward()
        optimizer.step()
    print("epoch", epoch, "loss", loss.item())


def predict(model, inputs):
    with torch.no_grad():
        return model(torch.as_tensor(inputs).float().unsqueeze(1))
