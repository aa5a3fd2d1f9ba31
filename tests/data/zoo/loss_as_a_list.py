# zoo: mnist | refused: write loss.item() for loss.data[0]
import torch
from torch import nn
from torch.autograd import Variable
from torchvision import datasets, transforms

train_set = datasets.MNIST("data", download=True, transform=transforms.ToTensor())
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for images, labels in torch.utils.data.DataLoader(train_set, batch_size=64):
    loss = nn.CrossEntropyLoss()(model(Variable(images)), Variable(labels))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.data[0])
