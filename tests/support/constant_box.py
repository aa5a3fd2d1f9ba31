"""A box without a process that answers the same whatever it is asked.

What a constant answer earns is decided by the exam, the cases and the scoring: no box of a kind
that runs code is needed to find out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from grader.records import Measured, Tier
from grader.sandbox.box import Box, Ending, Limits, Sandbox, Value
from grader.sandbox.budget_clock import Deadline
from grader.sandbox.wire import Wire

NANOSECONDS = 100_000  # that every answer claims to have taken


class ConstantBox(Box):
    """A box whose model always names the same class, and whose functions return the same number."""

    tier = Tier.PROCESS

    def __init__(self, limits: Limits, value: int) -> None:
        super().__init__(limits)
        self.value = value

    # What the exams ask.

    def hello(self, *, seed: int, num_classes: int, deadline_seconds: float) -> None:
        pass

    def load(self, folder: Path, file: str, way: str, deadline_seconds: float) -> None:
        pass

    def train(
        self,
        values: Sequence[np.ndarray | list[str]],
        settings: dict[str, Any],
        deadline_seconds: float,
        clock: Deadline | None = None,
    ) -> float:
        return 0.01

    def settle(self, threads: int, deadline_seconds: float = 5.0) -> None:
        pass

    def predict(
        self, batch: np.ndarray | list[str], num_classes: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        scores = np.zeros((len(batch), num_classes), dtype=np.float32)
        scores[:, self.value % num_classes] = 1.0
        return scores, NANOSECONDS

    def logits(
        self, tokens: np.ndarray, vocabulary: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        scores = np.zeros((*tokens.shape, vocabulary), dtype=np.float32)
        scores[..., self.value] = 1.0
        return scores, NANOSECONDS

    def write(
        self, prompt: np.ndarray, count: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        return np.full(count, self.value, dtype=np.int64), NANOSECONDS

    def sample(
        self, count: int, seed: int, picture: tuple[int, ...], deadline_seconds: float
    ) -> tuple[np.ndarray, int]:
        return np.full((count, *picture), self.value, dtype=np.uint8), NANOSECONDS

    def call(
        self,
        function: str,
        returns: Sequence[str],
        arguments: Sequence[Value],
        deadline_seconds: float,
    ) -> list[Value]:
        return [Value.of(self.value) for _ in returns]

    # What a process would need.

    def start(self) -> Wire:
        """Return what the timed phase sets on a wire; nothing is ever sent over it."""
        return cast(Wire, SimpleNamespace(spin_seconds=0.0))

    def ending(self) -> Ending:
        raise AssertionError("a constant box does not end by itself")

    def peak_memory(self) -> Measured | None:
        return Measured(value=100e6, unit="bytes", source="constant box")

    def cpu_seconds(self) -> float:
        return 0.0

    def _freeze(self) -> bool:
        return True

    def thaw(self) -> None:
        pass

    def pin(self, cores: Sequence[int]) -> None:
        pass

    def inside(self, folder: Path) -> str:
        return str(folder)

    def close(self) -> None:
        pass


class ConstantSandbox(Sandbox):
    """Makes boxes that all give the same answer; what is handed in is never run."""

    tier = Tier.PROCESS

    def __init__(self, value: int) -> None:
        self.value = value

    def open(self, folder: Path, limits: Limits, *, device: str = "cpu") -> Box:
        return ConstantBox(limits, self.value)
