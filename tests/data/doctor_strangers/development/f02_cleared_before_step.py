# task: mnist
# mistake: never_trained
# line: self.optimizer.zero_grad() | self.optimizer.step()
# fix: loss.backward()\n                self.optimizer.zero_grad() => self.optimizer.zero_grad()\n                loss.backward()
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


class Trainer:
    def __init__(self, model, loader):
        self.model = model
        self.loader = loader
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = optim.Adam(model.parameters(), lr=0.001)

    def fit(self, epochs):
        for epoch in range(epochs):
            running = 0.0
            for x, y in self.loader:
                loss = self.criterion(self.model(x), y)
                loss.backward()
                self.optimizer.zero_grad()
                self.optimizer.step()
                running += loss.item()
            print(f"{epoch + 1}: {running / len(self.loader):.4f}")


train_set = datasets.MNIST("./mnist", download=True, transform=transforms.ToTensor())
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
Trainer(model, DataLoader(train_set, batch_size=64, shuffle=True)).fit(2)
