# zoo: mnist | graded | note: no GPU
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

train_set = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))
device = torch.device("cuda:0")
model = model.cuda()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for images, labels in DataLoader(train_set, batch_size=64, shuffle=True, pin_memory=False):
    images, labels = images.cuda(non_blocking=True), labels.to(device)
    weights = torch.ones(10, device="cuda")
    loss = nn.functional.cross_entropy(model(images), labels, weight=weights)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
torch.cuda.synchronize()
