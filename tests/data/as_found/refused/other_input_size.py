import torch
from torch import nn
from torchvision import datasets, transforms

scaled = transforms.Compose([transforms.Resize(16), transforms.ToTensor()])
train = datasets.MNIST("data", download=True)
model = nn.Sequential(nn.Flatten(), nn.Linear(256, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for number in range(20):
    image, label = train[number]
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(scaled(image)[None]), torch.tensor([label])).backward()
    optimizer.step()
