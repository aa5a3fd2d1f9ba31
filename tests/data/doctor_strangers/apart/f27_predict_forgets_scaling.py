# task: mnist
# mistake: other_preparation
# line: torch.tensor(images | def predict
# fix: torch.tensor(images, dtype=torch.float32) => (torch.tensor(images, dtype=torch.float32) / 255 - 0.1307) / 0.3081
import torch
from torch import nn
from torchvision import datasets, transforms

norm = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
loader = torch.utils.data.DataLoader(
    datasets.MNIST("data", download=True, transform=norm), batch_size=64, shuffle=True)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 10))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(2):
    for x, y in loader:
        opt.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        opt.step()


def predict(model, images):
    model.eval()
    with torch.no_grad():
        return model(torch.tensor(images, dtype=torch.float32).unsqueeze(1))
