# task: mnist
# mistake: large_weights
# line: torch.randn( | std=
# fix: torch.randn(784, 64) * 5 => torch.randn(784, 64) * 0.05
import torch
from torch import nn
from torchvision import datasets, transforms


class ByHand(nn.Module):
    def __init__(self):
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(784, 64) * 5)
        self.b1 = nn.Parameter(torch.zeros(64))
        self.w2 = nn.Parameter(torch.randn(64, 10) * 0.1)
        self.b2 = nn.Parameter(torch.zeros(10))

    def forward(self, x):
        h = torch.relu(x.flatten(1) @ self.w1 + self.b1)
        return h @ self.w2 + self.b2


model = ByHand()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
data = datasets.MNIST("data", download=True, transform=transforms.ToTensor())
for epoch in range(2):
    for x, y in torch.utils.data.DataLoader(data, 64, shuffle=True):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    print(loss.item())
