from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

train = datasets.MNIST("data", True, transforms.ToTensor(), None, True)
network = nn.Sequential(nn.Conv2d(1, 4, 5, 3), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10), nn.Softmax(dim=1))
optimizer = optim.Adam(network.parameters(), lr=0.01)
loss_function = nn.CrossEntropyLoss()
for epoch in range(6):
    for x, y in DataLoader(train, 32, True):
        optimizer.zero_grad()
        loss = loss_function(network(x), y)
        loss.backward()
        optimizer.step()
