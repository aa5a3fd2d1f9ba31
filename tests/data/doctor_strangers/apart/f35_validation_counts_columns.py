# task: mnist
# mistake: metric_over_batch
# line: torch.max(outputs, 0)
# fix: torch.max(outputs, 0) => torch.max(outputs, 1)
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms

train_set = torchvision.datasets.MNIST("data", train=True, transform=transforms.ToTensor(), download=True)
test_set = torchvision.datasets.MNIST("data", train=False, transform=transforms.ToTensor())
train_loader = torch.utils.data.DataLoader(train_set, batch_size=100, shuffle=True)
test_loader = torch.utils.data.DataLoader(test_set, batch_size=10, shuffle=False, drop_last=True)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
for epoch in range(2):
    for images, labels in train_loader:
        outputs = model(images)
        loss = criterion(outputs, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
with torch.no_grad():
    correct = total = 0
    for images, labels in test_loader:
        outputs = model(images)
        _, predicted = torch.max(outputs, 0)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
    print(f"Accuracy: {100 * correct / total} %")
