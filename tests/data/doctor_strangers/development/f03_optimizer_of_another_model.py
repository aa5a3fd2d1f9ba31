# task: mnist
# mistake: never_trained
# line: optimizer = torch.optim.Adam( | model = Net() | net = Net()
# fix: model = Net()  # a fresh one =>
import torch
from torch import nn
from torchvision import datasets, transforms


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(784, 64), nn.Tanh(), nn.Linear(64, 10))

    def forward(self, x):
        return self.body(x.view(x.size(0), -1))


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
model = Net()  # a fresh one
loader = torch.utils.data.DataLoader(
    datasets.MNIST("d", train=True, download=True, transform=transforms.ToTensor()),
    batch_size=128, shuffle=True)
for _ in range(2):
    for data, target in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(data), target)
        loss.backward()
        optimizer.step()
    print(loss.item())
