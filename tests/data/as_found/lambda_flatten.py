import torch
from torch import nn
from torchvision import datasets, transforms

flatten = transforms.Compose(
    [transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,)), transforms.Lambda(lambda x: x.view(-1))]
)
train = datasets.MNIST("./mnist", train=True, download=True, transform=flatten)
test = datasets.MNIST("./mnist", train=False, download=True, transform=flatten)

model = nn.Sequential(nn.Linear(784, 32), nn.Sigmoid(), nn.Linear(32, 10))
optimizer = torch.optim.Adam(model.parameters(), 0.01)
for _ in range(5):
    for x, y in torch.utils.data.DataLoader(train, batch_size=50, shuffle=True):
        loss = nn.CrossEntropyLoss()(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    x, y = next(iter(torch.utils.data.DataLoader(test, batch_size=len(test))))
    print("accuracy:", (model(x).max(1)[1] == y).float().mean().item())
