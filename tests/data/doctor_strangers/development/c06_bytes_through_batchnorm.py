# task: mnist
# mistake: none
# resembles: raw_pixels: the first layer scales them
import torch
from torch import nn
from torchvision.datasets import MNIST

mnist = MNIST("data", download=True)
x, y = mnist.data[:, None].float(), mnist.targets
model = nn.Sequential(
    nn.BatchNorm2d(1), nn.Conv2d(1, 8, 5, stride=2), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 144, 10))
opt = torch.optim.Adam(model.parameters(), 2e-3)
for epoch in range(3):
    model.train()
    for rows in torch.randperm(len(x)).split(64):
        opt.zero_grad()
        nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
        opt.step()
model.eval()


def predict(model, inputs):
    with torch.no_grad():
        return model(torch.from_numpy(inputs)[:, None].float())
