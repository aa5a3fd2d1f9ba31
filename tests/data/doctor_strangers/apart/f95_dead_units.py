# task: mnist
# mistake: dead_units
# line: fill_(-
# fix: layer.bias.data.fill_(-20.0) => layer.bias.data.zero_()
import torch
from torch import nn
from torchvision import datasets, transforms

loader = torch.utils.data.DataLoader(
    datasets.MNIST("data", download=True, transform=transforms.ToTensor()), 64, shuffle=True)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
for layer in model[1:2]:
    layer.bias.data.fill_(-20.0)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(2):
    for x, y in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
