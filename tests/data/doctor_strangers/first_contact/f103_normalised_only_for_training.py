# task: mnist
# mistake: other_preparation
# line: test_tf = | Normalize
# fix: test_tf = transforms.ToTensor() => test_tf = train_tf
import torch
from torch import nn, optim
from torchvision import datasets, transforms

train_tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.1,))])
test_tf = transforms.ToTensor()

trainset = datasets.MNIST("./", train=True, download=True, transform=train_tf)
testset = datasets.MNIST("./", train=False, download=True, transform=test_tf)
trainloader = torch.utils.data.DataLoader(trainset, batch_size=64, shuffle=True)
testloader = torch.utils.data.DataLoader(testset, batch_size=256)

model = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
opt = optim.Adam(model.parameters())
lossf = nn.CrossEntropyLoss()

for epoch in range(4):
    for images, labels in trainloader:
        opt.zero_grad()
        loss = lossf(model(images), labels)
        loss.backward()
        opt.step()

correct = 0
with torch.no_grad():
    for images, labels in testloader:
        correct += (model(images).argmax(1) == labels).sum().item()
print("test accuracy", correct / len(testset))
