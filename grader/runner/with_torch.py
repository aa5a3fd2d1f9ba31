"""PyTorch inside the box: data as a DataLoader, and a module as something that answers raw
inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from .frames import Trouble
from .problem import Problem, shorten

if TYPE_CHECKING:
    from .data import Data

AUGMENTATIONS = {
    "AutoAugment",
    "TrivialAugmentWide",
    "AugMix",
    "ColorJitter",
    "ElasticTransform",
    "ScaleJitter",
}
RANDOM_IF_RANGE = {
    "GaussianBlur": "sigma",
    "JPEG": "quality",
}  # steps that draw from a range, and where they keep it
PROBES = 2
NOISE_NAMES = ("nz", "latent_dim", "z_dim", "latent_size", "noise_dim", "latent")


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
    """Return a function from raw inputs to the module's scores, in evaluation mode and without
    gradients.
    """
    model.eval()
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    form = find_form(model, data, transform, device)

    def answer(batch: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            inputs = form(transform(batch)).to(device)
            try:
                scores = model(inputs)
            except (RuntimeError, ValueError, TypeError, IndexError) as error:
                raise unanswered(error, inputs) from None
            return scores.float().cpu().numpy() if isinstance(scores, torch.Tensor) else scores

    return answer


def as_given(batch: torch.Tensor) -> torch.Tensor:
    return batch


def without_channel(batch: torch.Tensor) -> torch.Tensor:
    return batch.squeeze(1)


def flattened(batch: torch.Tensor) -> torch.Tensor:
    return batch.flatten(1)


def find_form(
    model: torch.nn.Module,
    data: Data,
    transform: Callable[[np.ndarray], torch.Tensor],
    device: torch.device,
) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return what brings images into the form the model takes: many training loops flatten them
    outside the model.

    Tried on two training examples, the plainest first; where none brings one row of scores for
    each, images stay.
    """
    if not isinstance(data.inputs, np.ndarray) or len(data.inputs) < PROBES:
        return as_given
    with torch.inference_mode():
        probe = transform(data.inputs[:PROBES])
        for form in (as_given, without_channel, flattened):
            try:
                scores = model(form(probe).to(device))
            except Exception:
                continue
            if isinstance(scores, torch.Tensor) and tuple(scores.shape) == (
                PROBES,
                data.num_classes,
            ):
                return form
    return as_given


def unanswered(error: Exception, inputs: torch.Tensor) -> Exception:
    """Return what the learner should hear of an error in the model, with the form of what it was
    given.
    """
    if isinstance(error, NotImplementedError | torch.OutOfMemoryError):
        return error
    given = f"{str(inputs.dtype).removeprefix('torch.')} of shape {tuple(inputs.shape)}"
    return Problem(
        Trouble.RAISED,
        f"the model was given {given} and raised {shorten(error)}. "
        "Where it takes another form, predict(model, inputs) beside it says how raw inputs are answered.",
    )


def evaluation_transform(transforms: dict[bool, Any]) -> Callable[[np.ndarray], torch.Tensor]:
    """Return what turns raw images into a model's inputs, from the transforms a script gave its
    datasets.

    The one for `train=False` if there was one, else the training one without its random steps.
    Steps that treat every image alike are done on the whole batch at once; from the first unknown
    one on, image by image.
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
        return lambda batch: one_by_one([picture(image) for image in batch], steps)
    del rest[:count]
    while rest and kind(rest[0]) == "Normalize" and not getattr(rest[0], "inplace", False):
        together.append(rest.pop(0))

    def transform(batch: np.ndarray) -> torch.Tensor:
        changed = through(together, images(batch))
        return one_by_one(changed, rest) if rest else changed

    return transform


def steps_to_float(steps: list[Any]) -> int:
    """Return how many first steps together do what `images` does: pictures to float32 in [0, 1],
    channels first.
    """
    names = [kind(step) for step in steps[:2]]
    if names[:1] == ["ToTensor"]:
        return 1
    if names in (["ToImage", "ToDtype"], ["PILToTensor", "ToDtype"]):
        return 2 if steps[1].dtype is torch.float32 and steps[1].scale else 0
    if names in (["ToImage", "ConvertImageDtype"], ["PILToTensor", "ConvertImageDtype"]):
        return 2 if steps[1].dtype is torch.float32 else 0
    return 0


def kind(step: Any) -> str:
    """Return a step's class name if torchvision defines it, else an empty text."""
    return type(step).__name__ if type(step).__module__.startswith("torchvision.transforms") else ""


def flatten(transform: Any) -> list[Any]:
    """Return the single steps of nested Compose transforms."""
    if kind(transform) == "Compose":
        return [step for part in transform.transforms for step in flatten(part)]
    return [transform]


def without_random(transform: Any) -> Any:
    """Return a training transform without its random steps; a random crop becomes one of the
    middle.
    """
    from torchvision import transforms

    kept = []
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


def one_by_one(batch: Any, steps: list[Any]) -> torch.Tensor:
    return torch.stack([through(steps, image) for image in batch])


def through(steps: list[Any], image: Any) -> torch.Tensor:
    """Return one image, or a batch of them, after all steps; Problem names a step that cannot be
    applied.
    """
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
            "the transform gives pictures, not tensors; add transforms.ToTensor()",
        )
    return image


def picture(image: np.ndarray) -> Any:
    from PIL import Image

    return Image.fromarray(image)


def language_model(model: torch.nn.Module) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from int64 tokens (n, t) to the module's logits; where it returns several
    things, the first.
    """
    model.eval()
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))

    def logits(tokens: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            answer = model(torch.from_numpy(tokens).to(device))
            answer = answer[0] if isinstance(answer, tuple) else answer
            return answer.float().cpu().numpy() if isinstance(answer, torch.Tensor) else answer

    return logits


def painter(model: torch.nn.Module, names: dict[str, Any]) -> Callable[[int, int], np.ndarray]:
    """Return paint(n, seed) of a module from normal noise to pictures, as floats in the range of
    its last layer.

    The width of the noise is what the script calls nz, latent_dim or the like, else what the first
    layer takes.
    """
    model.eval()
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    form = find_noise(model, names, device)

    def paint(count: int, seed: int) -> np.ndarray:
        noise = torch.randn(count, *form, generator=torch.Generator().manual_seed(seed)).to(device)
        with torch.inference_mode():
            pictures: np.ndarray = model(noise).float().cpu().numpy()
        return pictures

    return paint


def find_noise(
    model: torch.nn.Module, names: dict[str, Any], device: torch.device
) -> tuple[int, ...]:
    """Return the shape of one noise vector the module takes: (k,) or (k, 1, 1)."""
    named = [names[name] for name in NOISE_NAMES if isinstance(names.get(name), int)]
    layers = (torch.nn.Linear, torch.nn.modules.conv._ConvNd)
    first = next((layer for layer in model.modules() if isinstance(layer, layers)), None)
    widths = [
        getattr(first, name) for name in ("in_features", "in_channels") if hasattr(first, name)
    ]
    for width in (*named, *widths):
        for form in ((width,), (width, 1, 1)):
            try:
                with torch.inference_mode():
                    model(torch.randn(2, *form, device=device))
            except Exception:
                continue
            return form
    raise Problem(
        Trouble.WRONG_TYPE,
        f"the generator takes no noise of shape (n, k) or (n, k, 1, 1) with k from {[*named, *widths]}; "
        "define sample(model, n, seed) beside it",
    )
