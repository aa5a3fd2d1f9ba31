import torch
from torch import nn
from torchvision import datasets, transforms


class RNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(28, 32, batch_first=True)
        self.head = nn.Linear(32, 10)

    def forward(self, rows):
        states, _ = self.gru(rows)
        return self.head(states[:, -1])


rnn = RNN()
steps = torch.optim.Adam(rnn.parameters(), lr=0.01)
digits = datasets.MNIST("data", train=True, transform=transforms.ToTensor(), download=True)
for epoch in range(5):
    for images, labels in torch.utils.data.DataLoader(digits, batch_size=32, shuffle=True):
        loss = nn.functional.cross_entropy(rnn(images.view(-1, 28, 28)), labels)
        steps.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(rnn.parameters(), 1.0)
        steps.step()
