import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
input_size = 784
hidden_size = 50
learning_rate = 0.01

train_dataset = torchvision.datasets.MNIST(root="data", train=True, transform=transforms.ToTensor(), download=True)
test_dataset = torchvision.datasets.MNIST(root="data", train=False, transform=transforms.ToTensor())
train_loader = torch.utils.data.DataLoader(dataset=train_dataset, batch_size=40, shuffle=True)
test_loader = torch.utils.data.DataLoader(dataset=test_dataset, batch_size=40, shuffle=False)


class TwoLayers(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super().__init__()
        self.first = nn.Linear(input_size, hidden_size)
        self.second = nn.Linear(hidden_size, num_classes)

    def forward(self, x):
        return self.second(torch.relu(self.first(x)))


model = TwoLayers(input_size, hidden_size, 10).to(device)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)

for epoch in range(3):
    for i, (images, labels) in enumerate(train_loader):
        images = images.reshape(-1, 28 * 28).to(device)
        labels = labels.to(device)
        outputs = model(images)
        loss = criterion(outputs, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    correct = total = 0
    for images, labels in test_loader:
        outputs = model(images.reshape(-1, 28 * 28).to(device))
        _, predicted = torch.max(outputs.data, 1)
        total += labels.size(0)
        correct += (predicted == labels.to(device)).sum().item()
    print(f"Accuracy: {100 * correct / total} %")
