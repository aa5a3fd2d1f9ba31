import torch
import torch.nn.functional as F
from torch import nn, optim


class MnistClassifier(nn.Module):
    def __init__(self, hidden_size=100, num_classes=10):
        super().__init__()
        self.fc1 = nn.Linear(784, hidden_size)
        self.fc2 = nn.Linear(hidden_size, hidden_size)
        self.fc3 = nn.Linear(hidden_size, num_classes)

    def forward(self, images):
        out = images.view(images.size(0), -1)
        out = torch.relu(self.fc1(out))
        out = torch.relu(self.fc2(out))
        return self.fc3(out)


class Trainer:
    """Keeps the network and the optimizer together, and remembers how it went."""

    def __init__(self, network, learning_rate):
        self.network = network
        self.optimizer = optim.SGD(network.parameters(), lr=learning_rate)
        self.history = []

    def run_batch(self, images, labels):
        outputs = self.network(images)
        loss = F.cross_entropy(outputs, labels)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def fit(self, loader, epochs):
        self.network.train()
        for epoch in range(epochs):
            total = 0.0
            batches = 0
            for images, labels in loader():
                total += self.run_batch(images, labels)
                batches += 1
            self.history.append(total / batches)
            print("epoch", epoch, "mean loss", self.history[-1])


def train(data):
    torch.manual_seed(data.seed)
    trainer = Trainer(MnistClassifier(), learning_rate=0.05)
    trainer.fit(lambda: data.loader(100), epochs=2)
    trainer.network.eval()
    return trainer.network
