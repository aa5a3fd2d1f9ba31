# task: mnist
# mistake: double_softmax
# line: nn.Softmax(dim=1) | return self.softmax(
# fix: return self.softmax(self.fc2(x)) => return self.fc2(x)
import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


class MLP(nn.Module):
    def __init__(self, hidden=128):
        super(MLP, self).__init__()
        self.fc1 = nn.Linear(784, hidden)
        self.act = nn.ReLU()
        self.fc2 = nn.Linear(hidden, 10)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        x = x.reshape(-1, 784)
        x = self.act(self.fc1(x))
        return self.softmax(self.fc2(x))


def main():
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    loader = DataLoader(datasets.MNIST("data", download=True, transform=transforms.ToTensor()),
                        batch_size=50, shuffle=True)
    model = MLP().to(device)
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters())
    for epoch in range(2):
        total = 0
        for xb, yb in loader:
            xb, yb = xb.to(device), yb.to(device)
            loss = loss_fn(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        print(f"Epoch {epoch}: {total / len(loader):.3f}")
    return model


model = main()
