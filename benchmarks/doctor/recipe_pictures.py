"""A small generator and its discriminator as learners write them, as source text, and its box in
this process.

As `recipe`, for pictures. The generator has batch normalisation: without it a network of this size
collapses on most seeds, mistake or not, and nothing could be said of correct runs.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.doctor.local import dataset, watched
from benchmarks.doctor.recipe import edited, picked_settings
from grader.doctor.entries import Variant
from grader.doctor.evidence import Made
from grader.runner import generator
from grader.runner.data import Data
from grader.runner.entry import Loaded

SEEDS = 6
PICTURES_OF_A_SEED = 40
OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW"}


@dataclass(frozen=True)
class PicturesConfiguration:
    """One generator, one discriminator and their training."""

    data: str = "digits"
    width: int = 128
    noise: int = 32
    optimizer: str = "adam"
    rate: float = 1e-3
    batch: int = 64
    steps: int = 250
    style: str = "together"  # "apart": new pictures are made for the generator's step
    seed: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def drawn_pictures(
    seed: int, where: dict[str, tuple[Any, ...]] | None = None, data: tuple[str, ...] = ("digits",)
) -> PicturesConfiguration:
    """Return a random configuration; `where` narrows settings. Only data sets of pictures count."""
    draw = np.random.default_rng([seed, 221122])
    choices: dict[str, tuple[Any, ...]] = {
        "data": tuple(name for name in data if name in ("digits", "fashion")) or ("digits",),
        "width": (96, 128),
        "noise": (16, 32, 64),
        "optimizer": tuple(OPTIMIZERS),
        "rate": (7e-4, 1e-3),
        "batch": (48, 64),
        "steps": (250, 300),
        "style": ("together", "apart"),
    }
    return PicturesConfiguration(**picked_settings(draw, choices, where or {}), seed=seed)


def pictures_solution(configuration: PicturesConfiguration, variant: Variant | None = None) -> str:
    """Return the source, with a variant's edits; DoesNotFit if one finds nothing to change."""
    together = configuration.style == "together"
    made = "        fake = maker(torch.randn(BATCH, NOISE))\n"
    text = SOURCE.format(
        width=configuration.width,
        noise=configuration.noise,
        batch=configuration.batch,
        steps=configuration.steps,
        optimizer=OPTIMIZERS[configuration.optimizer],
        rate=f"{configuration.rate:g}",
        judged=made if together else f"        with torch.no_grad():\n    {made}",
        shown="fake.detach()" if together else "fake",
        anew="" if together else made,
    )
    return edited(text, variant, configuration)


def ask_pictures(source: str, configuration: PicturesConfiguration) -> tuple[Made, Any]:
    """Train a recipe and let it make pictures; return the evidence and the training trace."""
    given = dataset(configuration.data)
    module = ModuleType("solution")
    data = Data(
        given.train_inputs, given.train_labels, given.num_classes, configuration.seed, "cpu"
    )
    with watched() as seen:
        exec(compile(source, "solution.py", "exec"), module.__dict__)
        model = module.__dict__["train"](data)
        sample = generator.sampler(Loaded(Path(), "solution.py", module), model, data)
    side = given.train_inputs.shape[1:]
    made = [
        generator.as_pictures(sample(PICTURES_OF_A_SEED, seed), PICTURES_OF_A_SEED, side)
        for seed in range(1, SEEDS + 1)
    ]
    return Made(np.stack(made), given.train_inputs), seen.trace(model)


SOURCE = """import numpy as np
import torch
from torch import nn

WIDTH, NOISE, BATCH, STEPS = {width}, {noise}, {batch}, {steps}
SIDE = [0, 0]


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(NOISE, WIDTH),
            nn.BatchNorm1d(WIDTH),
            nn.ReLU(),
            nn.Linear(WIDTH, WIDTH),
            nn.BatchNorm1d(WIDTH),
            nn.ReLU(),
            nn.Linear(WIDTH, SIDE[0] * SIDE[1]),
            nn.Tanh(),
        )

    def forward(self, noise):
        return self.layers(noise)

    @torch.no_grad()
    def sample(self, n, seed):
        draw = torch.Generator().manual_seed(seed)
        pictures = self(torch.randn(n, NOISE, generator=draw)).view(n, *SIDE)
        return ((pictures + 1) * 127.5).round().to(torch.uint8)


def train(data):
    torch.manual_seed(data.seed)
    SIDE[:] = data.inputs.shape[1:]
    inputs = torch.from_numpy(data.inputs).float().flatten(1) / 255
    maker = Generator()
    judge = nn.Sequential(nn.Linear(inputs.shape[1], WIDTH), nn.LeakyReLU(0.2), nn.Linear(WIDTH, 1))
    criterion = nn.BCEWithLogitsLoss()
    optimizer_judge = torch.optim.{optimizer}(judge.parameters(), lr={rate}, betas=(0.5, 0.999))
    optimizer_maker = torch.optim.{optimizer}(maker.parameters(), lr={rate}, betas=(0.5, 0.999))
    for step in range(STEPS):
        rows = torch.randint(len(inputs), (BATCH,))
        real = inputs[rows]
        real = real * 2 - 1
{judged}        optimizer_judge.zero_grad()
        scores_real, scores_fake = judge(real), judge({shown})
        loss_judge = criterion(scores_real, torch.ones_like(scores_real))
        loss_judge = loss_judge + criterion(scores_fake, torch.zeros_like(scores_fake))
        loss_judge.backward()
        optimizer_judge.step()

{anew}        opinion = judge(fake)
        loss_maker = criterion(opinion, torch.ones_like(opinion))
        optimizer_maker.zero_grad()
        loss_maker.backward()
        optimizer_maker.step()
    return maker.eval()
"""
