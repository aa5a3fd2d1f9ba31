# task: mnist
# mistake: untrained_part
# line: torch.optim.Adam(classifier.parameters()
# fix: torch.optim.Adam(classifier.parameters(), lr=1e-3) => torch.optim.Adam([*encoder.parameters(), *classifier.parameters()], lr=1e-3)
import torch
import torch.nn as nn
from torchvision import datasets, transforms

encoder = nn.Sequential(
    nn.Conv2d(1, 8, 3, stride=2), nn.ReLU(), nn.Conv2d(8, 16, 3, stride=2), nn.ReLU(), nn.Flatten(),
    nn.Linear(16 * 36, 32), nn.ReLU())
classifier = nn.Linear(32, 10)
model = nn.Sequential(encoder, classifier)
optimizer = torch.optim.Adam(classifier.parameters(), lr=1e-3)
loader = torch.utils.data.DataLoader(
    datasets.MNIST("data", download=True, transform=transforms.ToTensor()), 64, shuffle=True)
for epoch in range(2):
    for images, labels in loader:
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
