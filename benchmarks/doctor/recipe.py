"""A small classifier as learners write it, as source text; and its mutants, by edits of the text.

It is what the grader gets from learners: `train(data)` and `predict(model, inputs)`. A mutant is an
entry's edits of this text, so that the same text is trained, asked and read for places.
"""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from grader.doctor.entries import Variant

ACTIVATIONS = {
    "relu": "ReLU",
    "tanh": "Tanh",
    "gelu": "GELU",
    "leaky": "LeakyReLU",
    "sigmoid": "Sigmoid",
    "none": "Identity",
}
RATES = {
    "sgd": (0.1, 0.2),
    "momentum": (0.02, 0.05),
    "adam": (1e-3, 3e-3),
    "adamw": (1e-3, 3e-3),
    "rmsprop": (5e-4, 1e-3),
}
OPTIMIZERS = {
    "sgd": "torch.optim.SGD(model.parameters(), lr={rate:g})",
    "momentum": "torch.optim.SGD(model.parameters(), lr={rate:g}, momentum=0.9)",
    "adam": "torch.optim.Adam(model.parameters(), lr={rate:g})",
    "adamw": "torch.optim.AdamW(model.parameters(), lr={rate:g})",
    "rmsprop": "torch.optim.RMSprop(model.parameters(), lr={rate:g})",
}


@dataclass(frozen=True)
class Configuration:
    """One network and its training."""

    data: str = "digits"
    depth: int = 2  # hidden layers
    width: int = 64
    activation: str = "relu"
    norm: str = "none"  # or "batch"
    dropout: float = 0.0
    optimizer: str = "adam"
    rate: float = 1e-3
    rate_times: float = 1.0
    batch: int = 32
    epochs: int = 15
    style: str = "layers"  # "named": every layer an attribute, applied one by one in forward
    seed: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class DoesNotFit(Exception):
    """An edit's text does not occur in the source exactly as often as it says."""


def drawn(
    seed: int, where: dict[str, tuple[Any, ...]] | None = None, data: tuple[str, ...] = ("digits",)
) -> Configuration:
    """Return a random configuration with which a correct solution learns.

    where: setting -> the values it may have. data: the data sets there are.
    """
    draw = np.random.default_rng([seed, 20261122])
    where = where or {}
    choices: dict[str, tuple[Any, ...]] = {
        "data": data,
        "depth": (1, 2, 3),
        "width": (32, 64, 128),
        "activation": ("relu", "tanh", "gelu", "leaky"),
        "norm": ("none", "none", "batch"),
        "dropout": (0.0, 0.0, 0.2, 0.4),
        "optimizer": tuple(OPTIMIZERS),
        "batch": (32, 64),
        "epochs": (8, 12),
        "style": ("layers", "named"),
    }
    unknown = where.keys() - {field.name for field in fields(Configuration)}
    if unknown:
        raise ValueError(f"no such setting: {', '.join(sorted(unknown))}")
    chosen: dict[str, Any] = {}
    for name, values in choices.items():
        index = int(draw.integers(1 << 30))  # one draw a setting, whatever is narrowed
        allowed = where.get(name, values)
        if name == "data":
            allowed = tuple(each for each in allowed if each in data) or values
        chosen[name] = allowed[index % len(allowed)]
    rates = where.get("rate", RATES[chosen["optimizer"]])
    chosen["rate"] = rates[int(draw.integers(len(rates)))]
    times = where.get("rate_times", (1.0,))
    chosen["rate_times"] = times[int(draw.integers(len(times)))]
    return Configuration(**chosen, seed=seed)


def solution(
    configuration: Configuration, side: tuple[int, ...], variant: Variant | None = None
) -> str:
    """Return the source for inputs of this shape, with a variant's edits.

    Raises DoesNotFit if an edit finds nothing to change.
    """
    text = model_text(configuration, side) + TRAINING.format(
        scaling=" / 255" if len(side) > 1 else "",
        optimizer=OPTIMIZERS[configuration.optimizer].format(
            rate=configuration.rate * configuration.rate_times
        ),
        epochs=configuration.epochs,
        batch=configuration.batch,
    )
    return edited(text, variant, configuration)


def edited(text: str, variant: Variant | None, configuration: object) -> str:
    """Return a text with a variant's edits; DoesNotFit if one finds nothing to change."""
    for old, new in variant.edits if variant is not None else ():
        if old not in text:
            raise DoesNotFit(f"{old!r} is not in the source of {configuration}")
        text = text.replace(old, new)
    return text


def picked_settings(
    draw: np.random.Generator,
    choices: dict[str, tuple[Any, ...]],
    where: dict[str, tuple[Any, ...]],
) -> dict[str, Any]:
    """Return a value for every setting, one draw each, of the values that `where` leaves."""
    chosen = {}
    for name, values in choices.items():
        allowed = where.get(name, values)
        chosen[name] = allowed[int(draw.integers(1 << 30)) % len(allowed)]
    return chosen


def model_text(configuration: Configuration, side: tuple[int, ...]) -> str:
    """Return the class of the network."""
    sizes = [int(np.prod(side)), *[configuration.width] * configuration.depth]
    layers: list[tuple[str, str]] = []
    for number, (before, after) in enumerate(itertools.pairwise(sizes), start=1):
        layers.append((f"fc{number}", f"nn.Linear({before}, {after})"))
        if configuration.norm == "batch":
            layers.append((f"norm{number}", f"nn.BatchNorm1d({after})"))
        if configuration.activation != "none":
            layers.append((f"act{number}", f"nn.{ACTIVATIONS[configuration.activation]}()"))
        if configuration.dropout:
            layers.append((f"drop{number}", f"nn.Dropout({configuration.dropout:g})"))
    layers.append(("out", f"nn.Linear({sizes[-1]}, classes)"))
    if configuration.style == "layers":
        inner = "".join(f"            {made},\n" for _, made in layers)
        return MODEL.format(
            parts=f"        self.layers = nn.Sequential(\n{inner}        )\n",
            steps="        logits = self.layers(x)\n",
        )
    parts = "".join(f"        self.{name} = {made}\n" for name, made in layers)
    steps = "".join(f"        x = self.{name}(x)\n" for name, _ in layers[:-1])
    return MODEL.format(parts=parts, steps=steps + "        logits = self.out(x)\n")


MODEL = """import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
{parts}
    def forward(self, x):
        x = x.flatten(1)
{steps}        return logits

"""
TRAINING = """
def train(data):
    torch.manual_seed(data.seed)
    inputs = torch.from_numpy(data.inputs).float(){scaling}
    labels = torch.from_numpy(data.labels)
    model = Net(data.num_classes)
    criterion = nn.CrossEntropyLoss()
    optimizer = {optimizer}
    for epoch in range({epochs}):
        model.train()
        order = torch.randperm(len(labels))
        for start in range(0, len(labels) - 1, {batch}):
            rows = order[start : start + {batch}]
            x, y = inputs[rows], labels[rows]
            optimizer.zero_grad()
            scores = model(x)
            loss = criterion(scores, y)
            loss.backward()
            optimizer.step()
    model.eval()
    return model


def predict(model, inputs):
    x = torch.from_numpy(inputs).float(){scaling}
    with torch.no_grad():
        scores = model(x)
    return scores.numpy()
"""
