# zoo: gan | graded
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

train_set = datasets.MNIST("data", train=True, download=True, transform=transforms.Compose([transforms.Resize(32), transforms.ToTensor()]))
G = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1024), nn.Sigmoid(), nn.Unflatten(1, (1, 32, 32)))
D = nn.Sequential(nn.Flatten(), nn.Linear(1024, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
d = torch.optim.Adam(D.parameters(), 2e-4)
g = torch.optim.Adam(G.parameters(), 2e-4)
judge = nn.BCEWithLogitsLoss()
for images, labels in DataLoader(train_set, batch_size=64, shuffle=True):
    z = torch.randn(len(images), 64)
    made = G(z)
    loss = judge(D(images), torch.ones(len(images), 1)) + judge(D(made.detach()), torch.zeros(len(images), 1))
    d.zero_grad()
    loss.backward()
    d.step()
    g.zero_grad()
    judge(D(made), torch.ones(len(images), 1)).backward()
    g.step()
