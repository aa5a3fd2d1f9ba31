import torch
from torch import nn, optim
from torchvision import datasets, transforms

augment = transforms.Compose(
    [
        transforms.RandomCrop(24),
        transforms.RandomApply([transforms.RandomRotation(8)], p=0.3),
        transforms.ToTensor(),
        transforms.Normalize(0.13, 0.31),
        transforms.RandomErasing(p=0.2),
    ]
)
loader = torch.utils.data.DataLoader(
    datasets.MNIST("data", train=True, download=True, transform=augment), batch_size=32, shuffle=True
)
model = nn.Sequential(nn.Flatten(), nn.Linear(24 * 24, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = optim.AdamW(model.parameters(), lr=3e-3)
for epoch in range(4):
    for images, labels in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
