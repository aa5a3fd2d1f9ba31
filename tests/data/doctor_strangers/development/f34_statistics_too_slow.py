# task: mnist
# mistake: lagging_statistics
# line: momentum=0.0005
# fix: momentum=0.0005 => momentum=0.1
import torch
from torch import nn
from torchvision import datasets, transforms

transform = transforms.ToTensor()
loader = torch.utils.data.DataLoader(
    datasets.MNIST("data", download=True, transform=transform), batch_size=64, shuffle=True)
model = nn.Sequential(
    nn.Conv2d(1, 8, 5, stride=2), nn.BatchNorm2d(8, momentum=0.0005), nn.ReLU(),
    nn.Conv2d(8, 16, 5, stride=2), nn.BatchNorm2d(16, momentum=0.0005), nn.ReLU(),
    nn.Flatten(), nn.Linear(256, 10))
opt = torch.optim.AdamW(model.parameters(), lr=2e-3)
for epoch in range(2):
    model.train()
    for x, y in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
model.eval()
