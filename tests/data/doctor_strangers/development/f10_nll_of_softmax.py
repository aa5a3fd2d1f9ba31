# task: mnist
# mistake: nll_on_shares
# line: F.softmax(x, dim=1) | F.nll_loss(
# fix: F.softmax(x, dim=1) => F.log_softmax(x, dim=1)
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torchvision import datasets, transforms


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.fc1 = nn.Linear(10 * 12 * 12, 50)
        self.fc2 = nn.Linear(50, 10)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(self.fc1(x.flatten(1)))
        x = self.fc2(x)
        return F.softmax(x, dim=1)


def train(model, loader, optimizer):
    model.train()
    for batch_idx, (data, target) in enumerate(loader):
        optimizer.zero_grad()
        output = model(data)
        loss = F.nll_loss(output, target)
        loss.backward()
        optimizer.step()
        if batch_idx % 50 == 0:
            print(batch_idx, loss.item())


mnist = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())
network = Net()
sgd = optim.SGD(network.parameters(), lr=0.05, momentum=0.5)
for epoch in range(2):
    train(network, torch.utils.data.DataLoader(mnist, batch_size=64, shuffle=True), sgd)
model = network
