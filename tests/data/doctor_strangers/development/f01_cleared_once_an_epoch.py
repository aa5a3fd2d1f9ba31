# task: mnist
# mistake: no_zero_grad
# line: cost.backward() | opt.zero_grad()
# fix: cost.backward() => opt.zero_grad(); cost.backward()
import torch
import torchvision
from torch.utils.data import DataLoader
from torchvision.transforms import Compose, Normalize, ToTensor

steps = Compose([ToTensor(), Normalize((0.13,), (0.31,))])
digits = torchvision.datasets.MNIST("files", train=True, download=True, transform=steps)
batches = DataLoader(digits, batch_size=100, shuffle=True)

net = torch.nn.Sequential(
    torch.nn.Conv2d(1, 6, 5), torch.nn.MaxPool2d(2), torch.nn.ReLU(),
    torch.nn.Flatten(), torch.nn.Linear(6 * 12 * 12, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10),
)
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
for epoch in range(2):
    opt.zero_grad()
    seen, right = 0, 0
    for pictures, wanted in batches:
        scores = net(pictures)
        cost = torch.nn.functional.cross_entropy(scores, wanted)
        cost.backward()
        opt.step()
        right += int((scores.argmax(1) == wanted).sum())
        seen += len(wanted)
    print("epoch", epoch, "train accuracy", right / seen)
