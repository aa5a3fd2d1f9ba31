# %%
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets
from torchvision.transforms import ToTensor

BATCHES = 100

# %%
train_data = datasets.MNIST("./data", train=True, download=True, transform=ToTensor())
test_data = datasets.MNIST("./data", train=False, download=True, transform=ToTensor())
train_loader = DataLoader(train_data, batch_size=64, shuffle=True)
test_loader = DataLoader(test_data, batch_size=500)
print(len(train_data), "training images,", len(test_data), "test images")

# %%
model = nn.Sequential(
    nn.Flatten(),
    nn.Linear(784, 128),
    nn.ReLU(),
    nn.Linear(128, 10),
)
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

# %%
# As it stands, training stops after 100 small batches. How far does it get with all of them?
model.train()
for step, (images, labels) in enumerate(train_loader, start=1):
    optimizer.zero_grad()
    loss = loss_function(model(images), labels)
    loss.backward()
    optimizer.step()
    if step % 20 == 0:
        print(f"batch {step}: loss {loss.item():.4f}")
    if step == BATCHES:
        break

# %%
model.eval()
correct = 0
with torch.no_grad():
    for images, labels in test_loader:
        correct += (model(images).argmax(dim=1) == labels).sum().item()
print(f"test accuracy {correct / len(test_data):.4f}")
