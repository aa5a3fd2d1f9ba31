"""Boxes for benchmarks, opened without an exam around them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from grader.sandbox.box import MIB, Box, Limits
from grader.sandbox.process_sandbox import ProcessSandbox

SECONDS = 300.0
SETTINGS = {"num_classes": 10, "seed": 1, "device": "cpu", "dataset": "mnist"}


@contextmanager
def open_box(folder: Path, *, cores: int = 1, memory_mib: int = 8192) -> Iterator[Box]:
    """Give a box with the solution in `folder` loaded."""
    sandbox = ProcessSandbox()
    sandbox.warm()
    limits = Limits(memory_bytes=memory_mib * MIB, cores=cores, file_bytes=4096 * MIB)
    with sandbox.open(folder, limits) as box:
        box.hello(seed=1, num_classes=10, deadline_seconds=SECONDS)
        box.load(folder, "solution.py", "model", SECONDS)
        yield box


def images(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return random images like MNIST's, with labels."""
    draw = np.random.default_rng(0)
    labels = np.arange(count, dtype=np.int64) % 10
    return draw.integers(0, 256, size=(count, 28, 28), dtype=np.uint8), labels


@contextmanager
def edited(source: Path, replacements: dict[str, str]) -> Iterator[Path]:
    """Give a copy of a solution folder with texts of its solution.py replaced; each must occur."""
    folder = Path(tempfile.mkdtemp(prefix="grader-bench-"))
    try:
        text = (source / "solution.py").read_text("utf-8")
        for old, new in replacements.items():
            if old not in text:
                raise ValueError(f"{source}/solution.py has no {old!r}")
            text = text.replace(old, new)
        (folder / "solution.py").write_text(text, "utf-8")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
