# task: mnist
# mistake: low_rate
# line: lr=1e-6 | LR = 1e-6
# fix: LR = 1e-6 => LR = 1e-3
import torch
from torch import nn, optim
from torchvision import datasets, transforms

BATCH, EPOCHS, LR = 64, 2, 0.001
LR = 1e-6

loader = torch.utils.data.DataLoader(
    datasets.MNIST("m", train=True, download=True, transform=transforms.ToTensor()),
    batch_size=BATCH, shuffle=True)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = optim.Adam(model.parameters(), lr=LR)
for epoch in range(EPOCHS):
    for x, y in loader:
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(loss.item())
