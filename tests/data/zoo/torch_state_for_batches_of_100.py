# zoo: mnist | graded
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

train_set = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())
test_set = datasets.MNIST("data", train=False, transform=transforms.ToTensor())


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.RNN(28, 48, batch_first=True)
        self.head = nn.Linear(48, 10)

    def forward(self, rows):
        state = torch.zeros(1, rows.size(0), 48)
        return self.head(self.cell(rows, state)[0][:, -1])


model = Reader()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for images, labels in DataLoader(train_set, batch_size=100, shuffle=True):
    loss = nn.functional.cross_entropy(model(images.reshape(-1, 28, 28)), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
hits = 0
for images, labels in DataLoader(test_set, batch_size=100):
    guesses = model(images.view(100, 28, 28)).argmax(1)
    for place in range(100):
        hits += int(guesses[place] == labels[place])
