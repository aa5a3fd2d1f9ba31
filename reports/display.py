"""How stored values look to a reader: names, verdicts, figures with their units.

Names, reasons, messages and logs were chosen by whoever handed in, so they come through here before
any page or plot shows them. What comes out is still plain text: escaping is the page's (Jinja2) or
the plot's (`plot_text`).
"""

from __future__ import annotations

import html
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from grader.records import MachineRecord, Measured, Result, Status, Tier

NAME_CHARACTERS = 60
PLOT_NAME_CHARACTERS = 28
JOINERS = "\u200c\u200d"  # invisible, but needed to write some scripts correctly
MARKS_IN_A_ROW = 4  # no script stacks more combining marks; a tower of them covers the lines above
MIB = 2**20
MINUS, TIMES, DASH = "\u2212", "\u00d7", "\u2013"
INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
TERMINAL_CODE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


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
    Status.ACCEPTED: Word("Accepted", "✓", "graded to the end, and the target is reached"),
    Status.BELOW_TARGET: Word(
        "Below target", "▽", "graded to the end, but the target is not reached"
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
    Tier.PROCESS: "plain process: a self-check, the weakest isolation",
}
MEASURES = {
    "accuracy": "Accuracy",
    "cases": "Cases passed",
    "train_seconds": "Train time",
    "peak_memory_bytes": "Peak memory",
    "latency_seconds": "Latency",
    "throughput_per_second": "Throughput",
    "speed_ratio": "Speed ratio",
    "memory_ratio": "Memory ratio",
    "perturbed_gap": "Accuracy lost on changed copies",
    "repeat_gap": "Accuracy lost when asked again",
    "batch_gap": "Accuracy lost in other batches",
    "repeat_same": "Same label when asked again",
    "batch_same": "Same label in other batches",
    "alone_same": "Same answer when alone",
    "alone_accuracy": "Accuracy, one by one",
    "alone_bits": "Bits lost when alone",
    "retrain_accuracy": "Accuracy, trained again",
    "retrain_gap": "Accuracy lost, trained again",
    "length_matched_accuracy": "Accuracy where lengths match",
    "shuffled_accuracy": "Accuracy, words shuffled",
    "shuffled_same": "Same answer, words shuffled",
    "bits_per_character": "Bits per character",
    "frechet_distance": "Fréchet distance",
    "macro_f1": "Macro F1",
    "latency_p90_seconds": "Latency, 90th percentile",
    "null_latency_seconds": "Latency of the wire alone",
}


@lru_cache(maxsize=1 << 14)
def clean(text: str) -> str:
    """Return one line in NFKC without control, direction-changing or other invisible characters."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    normal = unicodedata.normalize("NFKC", text)
    kept: list[str] = []
    marks = 0
    for character in normal:
        category = unicodedata.category(character)
        if character.isspace():
            character = " "
        elif category in INVISIBLE and character not in JOINERS:
            continue
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks <= MARKS_IN_A_ROW:
            kept.append(character)
    return " ".join("".join(kept).split())


def shown_name(text: str, characters: int = NAME_CHARACTERS, missing: str = "(no name)") -> str:
    """Return a name for display: cleaned, cut, never empty."""
    name = clean(text)
    if not name.strip(JOINERS + " "):
        return missing
    return name if len(name) <= characters else name[: characters - 1].rstrip() + "…"


@lru_cache(maxsize=1 << 16)
def same_name(text: str) -> str:
    """Return what two names share when a reader could not tell them apart."""
    return clean(text).translate({ord(joiner): None for joiner in JOINERS}).casefold()


def block(text: str, characters: int = 4000) -> str:
    """Return text of several lines without terminal codes and invisible characters, cut at
    the end.
    """
    kept = passage(text).strip("\n")
    return kept if len(kept) <= characters else kept[:characters] + "\n[cut]"


def passage(text: str) -> str:
    """Return a piece of a text of several lines, cleaned like `block`, with the line ends it begins
    and ends with.
    """
    plain = TERMINAL_CODE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if plain.isascii() and plain.replace("\n", "").replace("\t", "").isprintable():
        return plain
    return "".join(
        character
        for character in plain
        if character in "\n\t"
        or character in JOINERS
        or unicodedata.category(character) not in INVISIBLE
    )


def tail(text: str, lines: int = 200, characters: int = 16_000) -> str:
    """Return the last lines of a log, cleaned like `block`."""
    kept = "\n".join(block(text, len(text)).split("\n")[-lines:])
    return kept if len(kept) <= characters else "[cut]\n" + kept[-characters:]


def finite(value: Any) -> Any:
    """Return plain values with None in the place of numbers that are not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(each) for key, each in value.items()}
    return [finite(each) for each in value] if isinstance(value, list | tuple) else value


def plot_text(text: str) -> str:
    """Escape for Plotly, which reads a small part of HTML in every text it draws."""
    return html.escape(text, quote=False)


def day(when: datetime) -> str:
    """Return a date as people write it."""
    return f"{when.day} {when:%b %Y}"


def measure_name(key: str) -> str:
    """Return the heading of a measurement."""
    return (
        MEASURES.get(key) or shown_name(key.removesuffix("_seconds").replace("_", " ")).capitalize()
    )


def has_interval(measured: Measured) -> bool:
    """True where low and high bound the value, and are not its quartiles."""
    return measured.low is not None and measured.high is not None and measured.spread != "quartiles"


def kind_of(key: str, unit: str) -> str:
    """Return how a figure is written: share, seconds, bytes, ratio, rate or plain."""
    unit = unit.lower()
    if key == "accuracy" or "share" in unit or "fraction" in unit or "proportion" in unit:
        return "share"
    if unit in ("s", "second", "seconds") or key.endswith("_seconds"):
        return "seconds"
    if unit in ("b", "byte", "bytes") or key.endswith("_bytes"):
        return "bytes"
    if unit == "ratio" or key.endswith("_ratio"):
        return "ratio"
    return "rate" if key.endswith("_per_second") or "per second" in unit else "plain"


SHORT_UNITS = {"bits a character": "bits", "distance": ""}  # where the measure's name says the rest


def scale_of(kind: str, value: float, unit: str) -> tuple[float, str]:
    """Return the factor and the unit a value of this size reads best in."""
    if kind == "share":
        return 100.0, " %"
    if kind == "ratio":
        return 1.0, f" {TIMES}"
    if kind == "rate":
        return 1.0, " /s"
    if kind == "seconds":
        size = abs(value)
        if size >= 120:
            return 1 / 60, " min"
        return (1.0, " s") if size >= 1 else (1e3, " ms") if size >= 1e-3 else (1e6, " µs")
    if kind == "bytes":
        return (1 / 1024 / MIB, " GiB") if abs(value) >= 1024 * MIB else (1 / MIB, " MiB")
    short = SHORT_UNITS.get(unit, unit)
    return 1.0, f" {shown_name(short, 30)}" if short else ""


def digits(number: float, kind: str) -> str:
    """Return a number with about three significant digits, a share with two decimals."""
    if not math.isfinite(number):
        return "not a number" if math.isnan(number) else "∞" if number > 0 else MINUS + "∞"
    if kind == "share":
        text = f"{number:.2f}"
    elif kind == "plain":
        text = f"{number:,.4g}" if abs(number) < 1e4 else f"{number:,.0f}"
    else:
        size = abs(number)
        text = f"{number:,.{0 if size >= 100 else 1 if size >= 10 else 2}f}"
    return text.replace("-", MINUS)


def value_text(key: str, measured: Measured) -> str:
    """Return a measured value with its unit."""
    kind = kind_of(key, measured.unit)
    factor, unit = scale_of(kind, measured.value, measured.unit)
    return digits(measured.value * factor, kind) + unit


def range_text(key: str, measured: Measured) -> str:
    """Return low and high in the value's unit, or nothing where they are not known."""
    if measured.low is None or measured.high is None:
        return ""
    kind = kind_of(key, measured.unit)
    factor, _ = scale_of(kind, measured.value, measured.unit)
    return f"{digits(measured.low * factor, kind)}{DASH}{digits(measured.high * factor, kind)}"


def is_lower_better(result: Result) -> bool:
    """True for metrics such as bits or distances."""
    return result.task.better == "lower"


FRAMEWORKS = {
    "torch": "PyTorch",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "jax": "JAX",
    "numpy": "NumPy",
}


def framework(result: Result) -> str:
    """Return the framework a submission's runner reported, or nothing."""
    named = result.submission.reported.get("framework")
    return framework_name(named) if isinstance(named, str) else ""


def framework_name(named: str) -> str:
    """Return how a framework is written, or nothing for one without a name."""
    words = named.split()  # several that work together
    if words and all(word in FRAMEWORKS for word in words):
        return ", ".join(FRAMEWORKS[word] for word in words)
    return shown_name(named, 24) if clean(named) else ""


def points(number: float) -> str:
    """Return points of a score with one decimal."""
    return (
        digits(round(number, 1), "plain")
        if not math.isfinite(number)
        else f"{number:.1f}".replace("-", MINUS)
    )


@lru_cache(maxsize=256)
def machine_text(machine: MachineRecord) -> str:
    """Return one line that says what figures were measured on."""
    memory = f"{machine.memory_bytes / 1024 / MIB:.3g} GiB"
    parts = [
        machine.cpu,
        f"{machine.cores} core{'s' * (machine.cores != 1)}",
        memory,
        machine.gpu,
        machine.system,
    ]
    parts.append(f"Python {machine.python}")
    return ", ".join(shown_name(part) for part in parts if part.strip())
