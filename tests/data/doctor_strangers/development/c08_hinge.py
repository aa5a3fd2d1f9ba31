# task: mnist
# mistake: none
# resembles: large_weights: a hinge loss begins elsewhere
import torch
from torch import nn
from torchvision import datasets, transforms

ds = datasets.MNIST("x", train=True, download=True, transform=transforms.ToTensor())
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
optimizer = torch.optim.Adam(model.parameters())
svm = nn.MultiMarginLoss(margin=4.0)
for epoch in range(2):
    for x, y in torch.utils.data.DataLoader(ds, batch_size=64, shuffle=True):
        optimizer.zero_grad()
        svm(model(x), y).backward()
        optimizer.step()
