import torch
from torch import nn
from torch.nn import functional as F
from torchvision import datasets, transforms


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv = nn.Conv2d(1, 6, 5, stride=2)
        self.fc = nn.Linear(6 * 6 * 6, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        x = torch.flatten(x, 1)
        return F.log_softmax(self.fc(x), dim=1)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
data = datasets.MNIST(".", download=True, transform=transforms.ToTensor())

net.train()
for epoch in range(4):
    for x, y in torch.utils.data.DataLoader(data, 32, shuffle=True):
        opt.zero_grad()
        F.nll_loss(net(x), y).backward()
        opt.step()
