"""MNIST with small batches that are collected into bigger ones.

My laptop has little memory, so I take 16 pictures at a time and only
update after 4 of those (as if the batch had 64 pictures).
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

ACCUM = 4
EPOCHS = 4


class SmallCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 8, 5, padding=2)
        self.c2 = nn.Conv2d(8, 16, 3, padding=1)
        self.fc = nn.Linear(16 * 7 * 7, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        return self.fc(x.flatten(1))


def train(data):
    torch.manual_seed(data.seed)
    net = SmallCNN()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    loader = data.loader(batch_size=16)
    n = len(loader)

    for epoch in range(EPOCHS):
        net.train()
        shown = 0.0
        for i, (x, y) in enumerate(loader):
            # how many small batches belong to this group? (the last group may be shorter)
            first = i - i % ACCUM
            group = min(ACCUM, n - first)

            loss = F.cross_entropy(net(x), y)
            (loss / group).backward()          # gradients add up
            shown += loss.item()

            if (i + 1) % ACCUM == 0 or i + 1 == n:
                opt.step()
                opt.zero_grad()
        print(f"epoch {epoch + 1}: mean loss {shown / n:.4f}")

    net.eval()
    return net


def predict(model, inputs):
    x = torch.tensor(inputs, dtype=torch.float32).unsqueeze(1) / 255
    with torch.no_grad():
        return model(x).numpy()
