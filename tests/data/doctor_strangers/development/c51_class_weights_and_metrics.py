# task: mnist
# mistake: none
# resembles: metric_over_batch: argmax over dim 0 of a single row
import torch
from torch import nn
from torchvision import datasets, transforms

train_set = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())
test_set = datasets.MNIST("data", train=False, download=True, transform=transforms.ToTensor())
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.Adam(model.parameters(), 2e-3)
criterion = nn.CrossEntropyLoss(weight=torch.ones(10))
for epoch in range(2):
    for x, y in torch.utils.data.DataLoader(train_set, 64, shuffle=True):
        opt.zero_grad()
        criterion(model(x), y).backward()
        opt.step()
with torch.no_grad():
    right = 0
    for i in range(200):
        x, y = test_set[i]
        right += int(model(x[None])[0].argmax(0)) == int(y)
print("of the first 200:", right)
