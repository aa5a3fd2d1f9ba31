# zoo: mnist | refused: Accuracy(task="multiclass", num_classes=10)
from torchmetrics import Accuracy
from torchvision import datasets, transforms

train_set = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())
metric = Accuracy()
