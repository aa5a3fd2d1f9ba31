# task: mnist
# mistake: batchnorm_left_on | dropout_left_on
# line: net(batch) | return net
# fix: with torch.no_grad():\n => net.eval()\n        with torch.no_grad():\n
import torch
from torch import nn


def train(data):
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(4),
        nn.Flatten(),
        nn.Dropout(0.4),
        nn.Linear(16 * 7 * 7, 10),
    )
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(2):
        for pictures, digits in data.loader(64):
            opt.zero_grad()
            nn.functional.cross_entropy(net(pictures), digits).backward()
            opt.step()

    def classify(images):
        batch = torch.tensor(images, dtype=torch.float32).unsqueeze(1) / 255
        with torch.no_grad():
            return net(batch)

    return classify
