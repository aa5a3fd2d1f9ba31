"""A small character model as learners write it, as source text, and its box in this process. As
`recipe`, for texts.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from benchmarks.doctor.local import watched
from benchmarks.doctor.recipe import edited, picked_settings
from grader.course.dataset import Corpus, data_folder, find_corpus
from grader.doctor.entries import Variant
from grader.doctor.probes.text import probe_text
from grader.errors import SubmissionFailed
from grader.records import Failure, Status
from grader.runner import language
from grader.runner.entry import Loaded
from grader.runner.frames import Kind

CONTEXT = 48
MADE_UP = "made-up text"
RATES = (3e-3, 6e-3)
WIDTHS = (48, 96)


@dataclass(frozen=True)
class TextConfiguration:
    """One language model and its training."""

    data: str = MADE_UP
    width: int = 64
    optimizer: str = "Adam"
    rate: float = 3e-3
    rate_times: float = 1.0
    dropout: float = 0.0
    batch: int = 16
    steps: int = 120
    seed: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def drawn_text(seed: int, where: dict[str, tuple[Any, ...]] | None = None) -> TextConfiguration:
    """Return a random configuration; `where` narrows settings."""
    draw = np.random.default_rng([seed, 1122])
    choices: dict[str, tuple[Any, ...]] = {
        "width": WIDTHS,
        "optimizer": ("Adam", "AdamW", "RMSprop"),
        "rate": RATES,
        "rate_times": (1.0,),
        "dropout": (0.0, 0.2),
        "batch": (16, 32),
        "steps": (100, 140),
    }
    return TextConfiguration(**picked_settings(draw, choices, where or {}), seed=seed)


def text_solution(configuration: TextConfiguration, variant: Variant | None = None) -> str:
    """Return the source, with a variant's edits; DoesNotFit if one finds nothing to change."""
    dropout = configuration.dropout
    text = SOURCE.format(
        width=configuration.width,
        batch=configuration.batch,
        steps=configuration.steps,
        optimizer=configuration.optimizer,
        rate=f"{configuration.rate * configuration.rate_times:g}",
        layer=f"        self.dropout = nn.Dropout({dropout:g})\n" if dropout else "",
        drop="        hidden = self.dropout(hidden)\n" if dropout else "",
    )
    return edited(text, variant, configuration)


@lru_cache(maxsize=2)
def corpus(name: str = MADE_UP) -> Corpus:
    """Return the made-up text, or a real one by its name."""
    if name == MADE_UP:
        return find_corpus("tiny-shakespeare").stand_in(np.random.default_rng(7))
    return find_corpus(name).load(data_folder(None))


class LocalText:
    """Answers as a box would, by way of the runner's own language exam."""

    def __init__(self, source: str, seed: int, data: str = MADE_UP) -> None:
        module = ModuleType("solution")
        exec(compile(source, "solution.py", "exec"), module.__dict__)
        given = corpus(data)
        self.corpus = given
        torch.manual_seed(seed)
        train = module.__dict__["train"]
        kept: list[Any] = []

        def keeping(data: Any) -> Any:
            kept.append(train(data))
            return kept[0]

        module.__dict__["train"] = keeping
        ask = {"context": CONTEXT, "seed": seed, "device": "cpu"}
        with watched() as seen:
            ways = language.ways(
                Loaded(Path(), "solution.py", module), ask, [[given.train], [given.vocabulary]]
            )
        self._answer = ways[Kind.PREDICT]
        self.trace = seen.trace(kept[0])

    def logits(
        self, tokens: np.ndarray, vocabulary: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        del vocabulary, deadline_seconds
        try:
            return self._answer(tokens), 1
        except Exception as error:
            raise SubmissionFailed(Failure(Status.RUNTIME_ERROR, "raised", str(error))) from None


def ask_text(box: LocalText, seed: int, seconds: float) -> Any:
    """Return the evidence of one trained model."""
    given = box.corpus
    draw = np.random.default_rng(seed)
    return probe_text(
        box, given.encode(given.train), len(given.vocabulary), CONTEXT, draw, seconds=seconds
    )


SOURCE = """import torch
from torch import nn
from torch.nn import functional as F

WIDTH, LENGTH = {width}, 48


class Net(nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, 32)
        self.rnn = nn.GRU(32, WIDTH, batch_first=True)
{layer}        self.head = nn.Linear(WIDTH, vocabulary)

    def forward(self, tokens):
        x = self.embedding(tokens)
        hidden, _ = self.rnn(x)
{drop}        logits = self.head(hidden)
        return logits


def train(data):
    torch.manual_seed(data.seed)
    tokens = torch.from_numpy(data.tokens)
    model = Net(data.vocabulary_size)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.{optimizer}(model.parameters(), lr={rate})
    model.train()
    for step in range({steps}):
        starts = torch.randint(0, len(tokens) - LENGTH - 1, ({batch},)).tolist()
        x = torch.stack([tokens[i : i + LENGTH] for i in starts])
        y = torch.stack([tokens[i + 1 : i + 1 + LENGTH] for i in starts])
        optimizer.zero_grad()
        scores = model(x)
        loss = criterion(scores.flatten(0, 1), y.flatten())
        loss.backward()
        optimizer.step()
    model.eval()
    return model


def logits(model, tokens):
    with torch.no_grad():
        scores = model(torch.from_numpy(tokens))
    return scores.numpy()
"""
