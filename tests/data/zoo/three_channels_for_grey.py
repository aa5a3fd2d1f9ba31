# zoo: mnist | refused: transforms.Normalize((0.5,), (0.5,))
from torchvision import datasets, transforms

steps = [transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))]
train_set = datasets.MNIST("data", download=True, transform=transforms.Compose(steps))
print(train_set[0][0].shape)
