"""How verdicts, tiers, frameworks, machines and dates read on a page.

Names and machines come from stored files, so they go through `grader.text` here. What comes out is
still plain text: escaping is left to the page (Jinja2) or the plot (`plot_text`).
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from grader.records import MachineRecord, Result, Status, Tier
from grader.text import page_line, shown_name

GIB = 2**30


@dataclass(frozen=True)
class Word:
    """A verdict for eyes: never by colour alone."""

    text: str
    symbol: str
    meaning: str


VERDICTS = {
    Status.GRADER_ERROR: Word(
        "Grader error", "⚠", "the grader's own trouble: not scored, not counted as an attempt"
    ),
    Status.ACCEPTED: Word("Accepted", "✓", "graded to the end, and the target was reached"),
    Status.BELOW_TARGET: Word(
        "Below target", "▽", "graded to the end, but the target was not reached"
    ),
    Status.TIME_LIMIT_EXCEEDED: Word(
        "Time limit", "◷", "training or an answer took longer than allowed"
    ),
    Status.MEMORY_LIMIT_EXCEEDED: Word("Memory limit", "▣", "more memory was used than allowed"),
    Status.RUNTIME_ERROR: Word("Runtime error", "✕", "the submission stopped with an error"),
    Status.INVALID_SUBMISSION: Word(
        "Invalid", "∅", "what was handed in does not follow the contract"
    ),
    Status.FLAGGED: Word("Flagged", "⚑", "the figures contradict each other; a person should look"),
}
TIERS = {
    Tier.GVISOR: "container with a kernel of its own (gVisor)",
    Tier.CONTAINER: "Docker container",
    Tier.PROCESS: "plain process: for checking yourself, the weakest isolation",
}
FRAMEWORKS = {
    "torch": "PyTorch",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "jax": "JAX",
    "numpy": "NumPy",
}


def plot_text(text: str) -> str:
    """Escape for Plotly, which reads a small part of HTML in every text it draws."""
    return html.escape(text, quote=False)


def day(when: datetime) -> str:
    """Return a date as people write it."""
    return f"{when.day} {when:%b %Y}"


def count_of(number: int, one: str, several: str) -> str:
    """Return a count with its noun: "1 entry", "2 entries"."""
    return f"{number} {one if number == 1 else several}"


def framework(result: Result) -> str:
    """Return the framework that a submission's runner reported; empty if it reported none."""
    named = result.submission.reported.get("framework")
    return framework_name(named) if isinstance(named, str) else ""


def framework_name(named: str) -> str:
    """Return how a framework, or several that work together, are written."""
    words = named.split()
    if words and all(word in FRAMEWORKS for word in words):
        return ", ".join(FRAMEWORKS[word] for word in words)
    return shown_name(named, 24) if page_line(named) else ""


@lru_cache(maxsize=256)
def machine_text(machine: MachineRecord) -> str:
    """Return one line that says what figures were measured on."""
    parts = (
        machine.cpu,
        count_of(machine.cores, "core", "cores"),
        f"{machine.memory_bytes / GIB:.3g} GiB",
        machine.gpu,
        machine.system,
        f"Python {machine.python}",
    )
    return ", ".join(shown_name(part) for part in parts if part.strip())
