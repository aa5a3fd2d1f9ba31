# task: mnist
# mistake: flattering_metric
# line: test_set.targets | shuffle=True
# fix: torch.utils.data.DataLoader(test_set, batch_size=200, shuffle=True) => torch.utils.data.DataLoader(test_set, batch_size=200)
import torch
from torch import nn
from torchvision import datasets, transforms

train_set = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())
test_set = datasets.MNIST("data", train=False, download=True, transform=transforms.ToTensor())
train_loader = torch.utils.data.DataLoader(train_set, batch_size=64, shuffle=True)
test_loader = torch.utils.data.DataLoader(test_set, batch_size=200, shuffle=True)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(2):
    for x, y in train_loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
model.eval()
answers = []
with torch.no_grad():
    for x, _ in test_loader:
        answers.append(model(x).argmax(1))
accuracy = (torch.cat(answers) == test_set.targets).float().mean()
print("test accuracy", accuracy.item())
