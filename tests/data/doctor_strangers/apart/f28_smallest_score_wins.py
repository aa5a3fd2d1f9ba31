# task: mnist
# mistake: worse_than_guessing
# line: argmin
# fix: argmin => argmax
import torch
from torch import nn
from torchvision import datasets, transforms

loader = torch.utils.data.DataLoader(
    datasets.MNIST("data", download=True, transform=transforms.ToTensor()), batch_size=64, shuffle=True)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(2):
    for x, y in loader:
        opt.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        opt.step()


def predict(model, images):
    x = torch.from_numpy(images).float().unsqueeze(1) / 255
    with torch.no_grad():
        distances = model(x)
    return distances.argmin(dim=1).numpy()
