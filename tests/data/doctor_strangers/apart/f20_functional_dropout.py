# task: mnist
# mistake: dropout_left_on
# line: F.dropout(x, 0.4)
# fix: F.dropout(x, 0.4) => F.dropout(x, 0.4, self.training)
import torch
import torch.nn.functional as F
from torch import nn, optim
from torchvision import datasets, transforms


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 12, 5)
        self.fc1 = nn.Linear(12 * 12 * 12, 60)
        self.fc2 = nn.Linear(60, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2).flatten(1)
        x = F.relu(self.fc1(x))
        x = F.dropout(x, 0.4)
        return F.log_softmax(self.fc2(x), dim=-1)


model = Net()
optimizer = optim.Adam(model.parameters(), lr=0.001)
loader = torch.utils.data.DataLoader(
    datasets.MNIST("data", download=True, transform=transforms.ToTensor()), 64, shuffle=True)
for epoch in range(2):
    for x, y in loader:
        optimizer.zero_grad()
        F.nll_loss(model(x), y).backward()
        optimizer.step()
model.eval()
