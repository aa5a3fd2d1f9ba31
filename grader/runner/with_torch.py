"""PyTorch inside the box: data as a DataLoader, and a module as something that answers raw inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

if TYPE_CHECKING:
    from .entry import Data


def prepare(settings: dict[str, Any]) -> None:
    """Seed PyTorch and give it its share of the cores."""
    torch.manual_seed(settings["seed"])
    torch.set_num_threads(settings["threads"])


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


def answerer(model: torch.nn.Module, data: Data) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from raw inputs to the module's scores, in evaluation mode and without gradients."""
    model.eval()
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))

    def answer(batch: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            scores = model(images(batch).to(device))
            return scores.float().cpu().numpy() if isinstance(scores, torch.Tensor) else scores

    return answer
