import os

import torch
import torchvision
from torch import nn

os.makedirs("checkpoints", exist_ok=True)
torch.manual_seed(0)
data = torchvision.datasets.MNIST(
    "data", train=True, download=True, transform=torchvision.transforms.ToTensor(), target_transform=int
)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(4):
    for x, y in torch.utils.data.DataLoader(data, batch_size=16, shuffle=True):
        opt.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        opt.step()
    torch.save({"epoch": epoch, "model": model.state_dict(), "opt": opt.state_dict()}, "checkpoints/last.pt")
torch.save(model.state_dict(), "mnist_linear.pt")
print("Saved PyTorch model state to mnist_linear.pt")

fresh = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
fresh.load_state_dict(torch.load("mnist_linear.pt"))
fresh.eval()
image, label = data[0]
with torch.no_grad():
    print("predicted", fresh(image.unsqueeze(0)).argmax().item(), "actual", data.classes[label])
