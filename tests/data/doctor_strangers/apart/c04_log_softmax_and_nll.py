# task: mnist
# mistake: none
# resembles: nll_on_shares
import torch
import torch.nn.functional as F
from torch import nn, optim
from torchvision import datasets, transforms


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(1, 8, 5)
        self.a = nn.Linear(8 * 144, 64)
        self.b = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.c(x), 2)).flatten(1)
        x = F.dropout(F.relu(self.a(x)), 0.2, training=self.training)
        return F.log_softmax(self.b(x), 1)


def main():
    loader = torch.utils.data.DataLoader(
        datasets.MNIST("data", train=True, download=True,
                       transform=transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])),
        batch_size=64, shuffle=True)
    model = Net()
    optimizer = optim.Adadelta(model.parameters(), lr=1.0)
    scheduler = optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.7)
    for epoch in range(2):
        model.train()
        for data, target in loader:
            optimizer.zero_grad()
            loss = F.nll_loss(model(data), target)
            loss.backward()
            optimizer.step()
        scheduler.step()
    return model


if __name__ == "__main__":
    model = main()
