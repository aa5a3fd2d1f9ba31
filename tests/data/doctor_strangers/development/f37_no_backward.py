# task: mnist
# mistake: never_trained
# line: optimizer.step()
# fix: optimizer.step() => loss.backward(); optimizer.step()
import torch
from torch import nn, optim
from torchvision import datasets, transforms

loader = torch.utils.data.DataLoader(
    datasets.MNIST("data", download=True, transform=transforms.ToTensor()), batch_size=64, shuffle=True)
model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 26 * 26, 10))
optimizer = optim.RMSprop(model.parameters(), lr=1e-3)
loss_function = nn.CrossEntropyLoss()
for epoch in range(2):
    for images, labels in loader:
        optimizer.zero_grad()
        loss = loss_function(model(images), labels)
        optimizer.step()
    print(f"{epoch=} loss={loss.item():.4f}")
