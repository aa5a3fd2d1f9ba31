# task: mnist
# mistake: relu_on_scores
# line: F.relu(layer(x)) | return x
# fix: for layer in self.layers:\n            x = F.relu(layer(x))\n        return x => for layer in self.layers[:-1]:\n            x = F.relu(layer(x))\n        return self.layers[-1](x)
import torch
import torch.nn.functional as F
from torch import nn
from torchvision import datasets, transforms


class Deep(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x):
        x = x.flatten(1)
        for layer in self.layers:
            x = F.relu(layer(x))
        return x


train_loader = torch.utils.data.DataLoader(
    datasets.MNIST("../data", train=True, download=True, transform=transforms.ToTensor()),
    batch_size=64, shuffle=True)
model = Deep([784, 128, 64, 10])
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(2):
    model.train()
    for data, target in train_loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(data), target)
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch} loss {loss.item():.3f}")
