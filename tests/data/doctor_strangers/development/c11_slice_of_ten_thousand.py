# task: mnist
# mistake: none
# resembles: a script that asks for more than a stand-in has
import torch
from torch import nn
from torchvision import datasets, transforms

full = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())
train_part = torch.utils.data.Subset(full, list(range(3000)))
valid_part = torch.utils.data.Subset(full, list(range(3000, 3500)))
model = nn.Sequential(nn.Conv2d(1, 8, 5, 2), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 144, 10))
opt = torch.optim.Adam(model.parameters(), 2e-3)
for epoch in range(3):
    for x, y in torch.utils.data.DataLoader(train_part, 32, shuffle=True):
        opt.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        opt.step()
with torch.no_grad():
    hits = sum((model(x).argmax(1) == y).sum().item() for x, y in torch.utils.data.DataLoader(valid_part, 100))
print("validation", hits / len(valid_part))
