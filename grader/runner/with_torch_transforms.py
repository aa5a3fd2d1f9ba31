"""The transforms of torchvision that a script gave its data sets, applied at prediction.

What a model was trained on came through a transform, so its answers need the same. Steps that treat
every image alike are done on a whole batch at once, as float tensors: image by image they would
take longer than the model, and the timed phase would measure them. From the first step on that is
not known, images go one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch

from .frames import Trouble
from .problem import Problem, shorten
from .with_torch_data import images

AUGMENTATIONS = {
    "AutoAugment",
    "TrivialAugmentWide",
    "AugMix",
    "ColorJitter",
    "ElasticTransform",
    "ScaleJitter",
}
# Steps that draw from a range, and where they keep it.
RANDOM_IF_RANGE = {"GaussianBlur": "sigma", "JPEG": "quality"}

Transform = Callable[[np.ndarray], torch.Tensor]


def evaluation_transform(transforms: dict[bool, Any]) -> Transform:
    """Return what turns raw images into a model's inputs.

    transforms: those a script gave its data sets, by whether they were for training. The one for
    evaluation counts if there is one, else the training one without its random steps.
    """
    if not transforms:
        return images
    steps = flatten(transforms[False] if False in transforms else without_random(transforms[True]))
    rest = list(steps)
    together: list[Any] = []
    while rest and kind(rest[0]) == "CenterCrop":
        together.append(rest.pop(0))
    count = steps_to_float(rest)
    if count == 0:
        return lambda batch: one_by_one(map(picture, batch), steps)
    del rest[:count]
    while rest and kind(rest[0]) == "Normalize" and not getattr(rest[0], "inplace", False):
        together.append(rest.pop(0))

    def transform(batch: np.ndarray) -> torch.Tensor:
        changed = through(together, images(batch))
        return one_by_one(changed, rest) if rest else changed

    return transform


def steps_to_float(steps: list[Any]) -> int:
    """Return how many first steps together do what `images` does; 0 where they do something else.

    That is pictures to float32 in [0, 1], channels first.
    """
    names = [kind(step) for step in steps[:2]]
    if names[:1] == ["ToTensor"]:
        return 1
    if len(names) < 2 or names[0] not in ("ToImage", "PILToTensor"):
        return 0
    second = steps[1]
    scales = names[1] == "ConvertImageDtype" or (names[1] == "ToDtype" and second.scale)
    return 2 if scales and second.dtype is torch.float32 else 0


def kind(step: Any) -> str:
    """Return a step's class name if torchvision defines it, else an empty text."""
    if type(step).__module__.startswith("torchvision.transforms"):
        return type(step).__name__
    return ""


def flatten(transform: Any) -> list[Any]:
    """Return the single steps of nested Compose transforms."""
    if kind(transform) != "Compose":
        return [transform]
    return [step for part in transform.transforms for step in flatten(part)]


def without_random(transform: Any) -> Any:
    """Return a training transform without random steps; a random crop becomes one of the middle."""
    from torchvision import transforms

    kept: list[Any] = []
    for step in flatten(transform):
        if kind(step) == "RandomResizedCrop":
            kept.append(transforms.Resize(step.size))
        elif kind(step) == "RandomCrop":
            kept.append(transforms.CenterCrop(step.size))
        elif not is_random(step):
            kept.append(step)
    return transforms.Compose(kept)


def is_random(step: Any) -> bool:
    """Whether a step of torchvision's draws anything."""
    name = kind(step)
    span = getattr(step, RANDOM_IF_RANGE.get(name, ""), None)
    if isinstance(span, tuple | list):
        return bool(min(span) != max(span))
    return name.startswith(("Random", "Rand")) or name in AUGMENTATIONS or name == "GaussianNoise"


def one_by_one(batch: Iterable[Any], steps: list[Any]) -> torch.Tensor:
    """Return images after all steps, each taken through them alone."""
    return torch.stack([through(steps, image) for image in batch])


def through(steps: list[Any], image: Any) -> torch.Tensor:
    """Return one image, or a batch of them, after all steps; Problem names one that fails."""
    for step in steps:
        try:
            image = step(image)
        except Exception as error:
            name = getattr(step, "__name__", type(step).__name__)
            raise Problem(
                Trouble.RAISED,
                f"the transform {name} cannot be applied to a hidden image: {shorten(error)}",
            ) from None
    if not isinstance(image, torch.Tensor):
        raise Problem(
            Trouble.WRONG_TYPE,
            "the transform returns pictures, not tensors; add transforms.ToTensor()",
        )
    return image


def picture(image: np.ndarray) -> Any:
    """Return a raw image as the picture that transforms expect."""
    from PIL import Image

    return Image.fromarray(image)
