# task: mnist
# mistake: softmax_over_batch
# line: nn.LogSoftmax(dim=0)
# fix: nn.LogSoftmax(dim=0) => nn.LogSoftmax(dim=1)
import torch
from torch import nn
from torchvision import datasets
from torchvision.transforms import v2

to_float = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
train_data = datasets.MNIST("root", train=True, download=True, transform=to_float)
train_loader = torch.utils.data.DataLoader(train_data, batch_size=64, shuffle=True)
model = nn.Sequential(
    nn.Flatten(),
    nn.Linear(784, 128), nn.ReLU(),
    nn.Linear(128, 10), nn.LogSoftmax(dim=0),
)
criterion = nn.NLLLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
for epoch in range(2):
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
