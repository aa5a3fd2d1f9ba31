# task: mnist
# mistake: none
import torch
import torch.nn as nn
import torch.nn.functional as F


class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0):
        super().__init__()
        self.gamma = gamma

    def forward(self, logits, target):
        ce = F.cross_entropy(logits, target, reduction="none")
        pt = torch.exp(-ce)
        return ((1 - pt) ** self.gamma * ce).mean()


def train(data):
    device = data.device
    model = nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 200),
        nn.GELU(),
        nn.LayerNorm(200),
        nn.Dropout(0.1),
        nn.Linear(200, 10),
    ).to(device)
    criterion = FocalLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    for epoch in range(4):
        for x, y in data.loader(64):
            x, y = x.to(device), y.to(device)
            noisy = x + 0.05 * torch.randn_like(x)
            loss = criterion(model(noisy), y)
            for p in model.parameters():
                p.grad = None
            loss.backward()
            optimizer.step()
    return model
