"""Answers the classes of `torchvision.datasets` with the task's training data.

`MNIST(..., train=True)` gives the larger part of the training data, `train=False` the smaller one,
and the transform is remembered: the model's inputs are prepared with it later (`with_torch`). The
classes stay subclasses of the real ones, so that whatever a script asks of them still works.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from . import published_files
from .given_data import given

DATASETS = {"MNIST": "mnist", "FashionMNIST": "fashion-mnist", "CIFAR10": "cifar10"}
CLASS_NAMES = {
    "mnist": [
        "0 - zero",
        "1 - one",
        "2 - two",
        "3 - three",
        "4 - four",
        "5 - five",
        "6 - six",
        "7 - seven",
        "8 - eight",
        "9 - nine",
    ],
    "fashion-mnist": [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ],
    "cifar10": [
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ],
}


def answer(module: ModuleType) -> None:
    """Replace the classes of a module of torchvision.datasets by ones that give the task's data."""
    for name, dataset in DATASETS.items():
        original = module.__dict__.get(name)
        if isinstance(original, type) and original.__module__ == module.__name__:
            setattr(module, name, answering_class(original, dataset))


def answering_class(original: type, dataset: str) -> type:
    """Return a subclass whose constructor takes torchvision's arguments and reads given data."""
    from torchvision.datasets.vision import VisionDataset

    def __init__(  # noqa: N807
        self: Any,
        root: Any = None,
        train: bool = True,
        transform: Any = None,
        target_transform: Any = None,
        download: bool = False,
    ) -> None:
        VisionDataset.__init__(
            self,
            "." if root is None else root,
            transform=transform,
            target_transform=target_transform,
        )
        self.train = train
        published_files.write_beside(self.root, dataset)
        fill(self, *given().ask(dataset, train, transform))

    def fill(self: Any, inputs: Any, labels: Any) -> None:
        import torch

        self.classes = list(CLASS_NAMES[dataset])
        if inputs.ndim == 4:  # as CIFAR10 keeps its colour pictures
            self.data = inputs.copy()
            self.targets = labels.tolist()
            self.class_to_idx = {name: place for place, name in enumerate(self.classes)}
        else:
            self.data = torch.from_numpy(inputs.copy())
            self.targets = torch.from_numpy(labels.copy())

    members = {
        "__init__": __init__,
        "__module__": original.__module__,
        "classes": list(CLASS_NAMES[dataset]),
    }
    return type(original.__name__, (original,), members)


def declare_operators(module: ModuleType) -> None:
    """Let torchvision import beside a PyTorch that its compiled part does not fit.

    Its Python part then fails on two operators that were never declared; nothing of datasets,
    transforms or models needs them. Only done where torchvision itself found that its compiled part
    does not load.
    """
    if module._has_ops():
        return
    import torch

    library = torch.library.Library("torchvision", "DEF")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    setattr(module, "declared", library)  # kept alive  # noqa: B010
