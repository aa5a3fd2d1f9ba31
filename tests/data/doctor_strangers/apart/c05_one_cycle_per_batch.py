# task: mnist
# mistake: none
# resembles: scheduler_in_batches: one cycle is meant to step with every batch
import torch
from torch import nn
from torchvision import datasets, transforms

ds = datasets.MNIST("x", train=True, download=True, transform=transforms.ToTensor())
dl = torch.utils.data.DataLoader(ds, batch_size=128, shuffle=True)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.3, steps_per_epoch=len(dl), epochs=3)
for epoch in range(3):
    for x, y in dl:
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(model(x), y, label_smoothing=0.1).backward()
        optimizer.step()
        schedule.step()
