# zoo: mnist | graded
import multiprocessing

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import datasets, transforms

# At the top, so every worker loads it again.
digits = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())


class Evens(Dataset):
    def __len__(self):
        return len(digits) // 2

    def __getitem__(self, index):
        return digits[2 * index]


def main():
    multiprocessing.set_start_method("spawn", force=True)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for images, labels in DataLoader(Evens(), batch_size=50, shuffle=True, num_workers=2):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()


if __name__ == "__main__":
    main()
