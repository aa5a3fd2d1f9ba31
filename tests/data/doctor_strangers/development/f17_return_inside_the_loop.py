# task: mnist
# mistake: leaves_loop
# line: return running
# fix:         return running / len(loader) =>     return running / len(loader)
import torch
from torch import nn
from torchvision import datasets, transforms

mnist = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())
loader = torch.utils.data.DataLoader(mnist, batch_size=64, shuffle=True)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_function = nn.CrossEntropyLoss()


def one_epoch():
    running = 0.0
    for images, labels in loader:
        optimizer.zero_grad()
        loss = loss_function(model(images), labels)
        loss.backward()
        optimizer.step()
        running += loss.item()
        return running / len(loader)


for epoch in range(5):
    print(epoch, one_epoch())
