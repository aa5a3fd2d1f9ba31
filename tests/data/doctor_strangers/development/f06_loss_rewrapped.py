# task: mnist
# mistake: never_trained
# line: requires_grad=True
# fix: loss = torch.tensor(criterion(output, y).item(), requires_grad=True) => loss = criterion(output, y)
import torch
from torch import nn
from torchvision import datasets, transforms

ds = datasets.MNIST(".", True, transforms.ToTensor(), download=True)
dl = torch.utils.data.DataLoader(ds, batch_size=64, shuffle=True)
model = nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 50), nn.ReLU(), nn.Linear(50, 10))
criterion = nn.CrossEntropyLoss()
sgd = torch.optim.SGD(model.parameters(), lr=0.1)
for e in range(2):
    for X, y in dl:
        sgd.zero_grad()
        output = model(X)
        loss = torch.tensor(criterion(output, y).item(), requires_grad=True)
        loss.backward()
        sgd.step()
    print("loss", float(loss))
