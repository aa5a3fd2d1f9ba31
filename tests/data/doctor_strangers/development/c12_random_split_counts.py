# task: mnist
# mistake: none
# resembles: a script that counts on 60,000 examples
import torch
from torch import nn
from torch.utils.data import DataLoader, random_split
from torchvision import datasets, transforms

everything = datasets.MNIST(".", train=True, download=True, transform=transforms.ToTensor())
part, rest = random_split(everything, [0.9, 0.1], generator=torch.Generator().manual_seed(0))
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.NAdam(model.parameters(), lr=2e-3)
best, kept = 1e9, None
for epoch in range(4):
    model.train()
    for x, y in DataLoader(part, 64, shuffle=True):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        loss = sum(nn.functional.cross_entropy(model(x), y, reduction="sum").item() for x, y in DataLoader(rest, 200))
    if loss < best:
        best, kept = loss, {k: v.clone() for k, v in model.state_dict().items()}
model.load_state_dict(kept)
