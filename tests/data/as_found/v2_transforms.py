import torch
from torch import nn
from torchvision import datasets
from torchvision.transforms import v2

train_transform = v2.Compose(
    [
        v2.ToImage(),
        v2.RandomAffine(degrees=5, translate=(0.05, 0.05)),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize(mean=[0.1307], std=[0.3081]),
    ]
)
train_set = datasets.MNIST("data", train=True, download=True, transform=train_transform)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(4):
    for images, labels in torch.utils.data.DataLoader(train_set, batch_size=32, shuffle=True):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
