import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, transforms


def build(hidden=32):
    return nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, hidden), nn.Tanh(), nn.Linear(hidden, 10), nn.LogSoftmax(dim=1))


def accuracy(net, loader):
    net.eval()
    with torch.no_grad():
        return np.mean([(net(x).argmax(1) == y).float().mean().item() for x, y in loader])


def main():
    torch.manual_seed(0)
    transform = transforms.Compose([transforms.ToTensor(), transforms.Lambda(lambda x: x * 2 - 1)])
    full = datasets.MNIST("data", train=True, download=True, transform=transform)
    order = np.random.permutation(len(full))
    train_loader = DataLoader(Subset(full, order[50:]), batch_size=32, shuffle=True)
    val_loader = DataLoader(Subset(full, order[:50]), batch_size=50)
    net = build()
    best, weights = 0.0, None
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
    for epoch in range(5):
        net.train()
        for x, y in train_loader:
            opt.zero_grad()
            loss = nn.functional.nll_loss(net(x), y)
            loss.backward()
            opt.step()
        acc = accuracy(net, val_loader)
        if acc >= best:
            best, weights = acc, {k: v.clone() for k, v in net.state_dict().items()}
    net.load_state_dict(weights)
    print(f"best validation accuracy {best:.3f}")


if __name__ == "__main__":
    main()
