"""PyTorch inside the box: data as a DataLoader, and a module as something that answers raw inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from .frames import Trouble
from .problem import Problem, shorten

if TYPE_CHECKING:
    from .entry import Data

AUGMENTATIONS = {"AutoAugment", "RandAugment", "TrivialAugmentWide", "AugMix", "ColorJitter"}


def images(inputs: np.ndarray) -> torch.Tensor:
    """Return uint8 images (n, h, w) or (n, h, w, c) as float32 in [0, 1], shape (n, c, h, w).

    Arrays of any other kind come back as float32 of their own shape.
    """
    tensor = torch.from_numpy(inputs)
    if inputs.dtype != np.uint8 or inputs.ndim not in (3, 4):
        return tensor.float()
    tensor = tensor.unsqueeze(1) if inputs.ndim == 3 else tensor.permute(0, 3, 1, 2).contiguous()
    return tensor.float().div_(255.0)


def loader(data: Data, batch_size: int, shuffle: bool) -> DataLoader[tuple[torch.Tensor, ...]]:
    """Return the training set as a DataLoader of (images, labels)."""
    dataset = TensorDataset(images(data.inputs), torch.from_numpy(data.labels))
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle)


def answerer(
    model: torch.nn.Module, data: Data, transform: Callable[[np.ndarray], torch.Tensor] = images
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from raw inputs to the module's scores, in evaluation mode and without gradients."""
    model.eval()
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))

    def answer(batch: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            scores = model(transform(batch).to(device))
            return scores.float().cpu().numpy() if isinstance(scores, torch.Tensor) else scores

    return answer


def evaluation_transform(transforms: dict[bool, Any]) -> Callable[[np.ndarray], torch.Tensor]:
    """Return what turns raw images into a model's inputs, from the transforms a script gave its datasets.

    The one for `train=False` if there was one, else the training one without its random steps. Steps that treat
    every image alike are done on the whole batch at once; from the first unknown one on, image by image.
    """
    if not transforms:
        return images
    chosen = transforms[False] if False in transforms else without_random(transforms[True])
    steps = flatten(chosen)
    together: list[Callable[[torch.Tensor], torch.Tensor]] = []
    rest = list(steps)
    if rest and kind(rest[0]) == "ToTensor":
        rest.pop(0)
        while rest and kind(rest[0]) == "Normalize" and not getattr(rest[0], "inplace", False):
            together.append(rest.pop(0))
        return lambda batch: one_by_one(apply(together, images(batch)), rest)
    return lambda batch: torch.stack([through(steps, picture(image)) for image in batch])


def kind(step: Any) -> str:
    """Return a step's class name if torchvision defines it, else an empty text."""
    return type(step).__name__ if type(step).__module__.startswith("torchvision.transforms") else ""


def flatten(transform: Any) -> list[Any]:
    """Return the single steps of nested Compose transforms."""
    if kind(transform) == "Compose":
        return [step for part in transform.transforms for step in flatten(part)]
    return [transform]


def without_random(transform: Any) -> list[Any] | Any:
    """Return a training transform without its random steps."""
    from torchvision import transforms

    kept = []
    for step in flatten(transform):
        if kind(step) == "RandomResizedCrop":
            kept.append(transforms.Resize(step.size))
        elif not (kind(step).startswith("Random") or kind(step) in AUGMENTATIONS):
            kept.append(step)
    return transforms.Compose(kept)


def apply(steps: list[Callable[[torch.Tensor], torch.Tensor]], batch: torch.Tensor) -> torch.Tensor:
    for step in steps:
        batch = step(batch)
    return batch


def one_by_one(batch: torch.Tensor, steps: list[Any]) -> torch.Tensor:
    return torch.stack([through(steps, image) for image in batch]) if steps else batch


def through(steps: list[Any], image: Any) -> torch.Tensor:
    """Return one image after all steps; Problem names a step that cannot be applied."""
    for step in steps:
        try:
            image = step(image)
        except Exception as error:
            name = type(step).__name__
            raise Problem(
                Trouble.RAISED, f"the transform {name} cannot be applied to a hidden image: {shorten(error)}"
            ) from None
    if not isinstance(image, torch.Tensor):
        raise Problem(Trouble.WRONG_TYPE, "the transform gives pictures, not tensors; add transforms.ToTensor()")
    return image


def picture(image: np.ndarray) -> Any:
    from PIL import Image

    return Image.fromarray(image)
