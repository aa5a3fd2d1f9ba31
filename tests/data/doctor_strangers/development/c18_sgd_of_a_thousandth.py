# task: cifar10
# mistake: none
# resembles: low_rate: small, with momentum and small batches
import torch
from torch import nn
from torchvision import datasets, transforms

steps = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
ds = datasets.CIFAR10("data", train=True, download=True, transform=steps)
model = nn.Sequential(
    nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
    nn.Linear(400, 84), nn.ReLU(), nn.Linear(84, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
for epoch in range(4):
    running = 0.0
    for i, (x, y) in enumerate(torch.utils.data.DataLoader(ds, batch_size=4, shuffle=True)):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        running += loss.item()
    print(running / (i + 1))
