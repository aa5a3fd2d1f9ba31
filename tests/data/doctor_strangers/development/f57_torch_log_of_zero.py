# task: mnist
# mistake: nan_from_log
# line: torch.log(
# fix: p = torch.softmax(scores, dim=1) => p = torch.softmax(scores, dim=1).clamp_min(1e-7)
import torch
from torch import nn
from torchvision import datasets, transforms

loader = torch.utils.data.DataLoader(
    datasets.MNIST("data", download=True, transform=transforms.Compose([transforms.ToTensor(), lambda t: t * 255])),
    batch_size=64, shuffle=True)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(2):
    for x, y in loader:
        scores = model(x)
        p = torch.softmax(scores, dim=1)
        t = nn.functional.one_hot(y, 10)
        loss = -(t * torch.log(p)).sum(dim=1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch", epoch, "loss", loss.item())
