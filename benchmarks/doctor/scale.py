"""A few of the same runs at the size of real data: MNIST, IMDB's reviews, Tiny Shakespeare.

    python -m benchmarks.doctor --scale mnist,imdb,text

Three mutants and three unchanged recipes at each scale show whether thresholds that were set on
small data hold. They are too few for rates. Lines are kept in build/doctor-scale.jsonl with their
source, so that places and names are made afresh.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.doctor import local
from benchmarks.doctor.recipe import drawn, solution
from benchmarks.doctor.recipe_text import LocalText, ask_text, drawn_text, text_solution
from benchmarks.doctor.runs import PATIENCE, classified, places_in, stored
from grader.doctor.diagnose import diagnose
from grader.doctor.entries import Variant, catalogue
from grader.doctor.evidence import Source
from grader.doctor.observables.text import observe_text

CORRECT = 3  # seeds of unchanged recipes
WORDS = 3000  # columns of a review's counts
IMPORTS = "import numpy as np\n"
SOFTMAX = "double_softmax"
DROPOUT = "dropout_left_on"


class Scale(NamedTuple):
    """One size of data."""

    about: str
    codes: tuple[str, ...]  # entries whose first mutant is trained


SCALES = {
    "mnist": Scale(
        "60,000 pictures, a network of linear layers, two epochs", (SOFTMAX, DROPOUT, "low_rate")
    ),
    "imdb": Scale(
        "25,000 reviews as counts of words, two epochs", (SOFTMAX, "sigmoid_on_scores", DROPOUT)
    ),
    "text": Scale(
        "Tiny Shakespeare, a GRU, 600 steps", ("unshifted_target", "sees_future", DROPOUT)
    ),
}
READS_TEXTS = f"""

def counts(texts):
    table = np.zeros((len(texts), {WORDS}), np.float32)
    for row, text in enumerate(texts):
        for word in text.lower().split():
            table[row, zlib.crc32(word.encode()) % {WORDS}] += 1
    return torch.from_numpy(np.log1p(table))
"""


def planned(scale: str) -> list[tuple[str, int]]:
    """Return (entry's code, seed) of a scale's runs; an unchanged recipe has an empty code."""
    faulty = [(code, seed) for seed, code in enumerate(SCALES[scale].codes)]
    return faulty + [("", seed) for seed in range(CORRECT)]


def perform(scale: str, code: str, seed: int) -> dict[str, Any]:
    """Train one recipe and observe it; returns what is stored."""
    variant = catalogue()[code].mutants[0] if code else None
    where = dict(variant.where) if variant else {}
    configuration: Any
    if scale == "text":
        configuration = replace(drawn_text(seed, where), data="tiny-shakespeare", steps=600)
        source = text_solution(configuration, variant)
        box = LocalText(source, seed, configuration.data)
        numbers = observe_text(ask_text(box, seed, PATIENCE), box.trace)
    else:
        narrowed = where | {"data": (scale,), "epochs": (2,), "batch": (64,)}
        configuration = drawn(seed, narrowed, (scale,))
        if scale == "imdb":
            source = reading_texts(configuration, variant)
        else:
            source = solution(configuration, (28, 28), variant)
        numbers = classified(source, configuration, seed)
    line = {"key": f"{scale}/{code}/{seed}", "scale": scale, "code": code, "source": source}
    return line | {"configuration": asdict(configuration), "numbers": numbers}


def reading_texts(configuration: Any, variant: Variant | None) -> str:
    """Return the recipe for texts: what is given is counted first."""
    text = solution(configuration, (WORDS,), variant)
    for given in ("data.inputs", "inputs"):
        text = text.replace(f"torch.from_numpy({given}).float()", f"counts({given})")
    return text.replace(IMPORTS, IMPORTS + "import zlib\n", 1) + READS_TEXTS


def named(line: Mapping[str, Any]) -> list[str]:
    """Return what a run is called today."""
    source = Source(places_in(line["source"]), is_whole=True)
    exam = "language" if line["scale"] == "text" else "classification"
    return [each.code for each in diagnose(line["numbers"], source, exam=exam)]


def run(scales: Iterable[str], path: Path) -> None:
    """Run what is missing; ValueError for an unknown scale."""
    chosen = list(scales)
    unknown = set(chosen) - SCALES.keys()
    if unknown:
        raise ValueError(
            f"no such scale: {', '.join(sorted(unknown))}; choose from {', '.join(SCALES)}"
        )
    done = stored(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for scale in chosen:
        for code, seed in planned(scale):
            if f"{scale}/{code}/{seed}" not in done:
                with path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(perform(scale, code, seed)) + "\n")
        local.dataset.cache_clear()


def section(lines: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what docs/measure/doctor-figures.md says of these runs."""
    rows: list[str] = []
    for name, scale in SCALES.items():
        own = [line for line in lines.values() if line["scale"] == name]
        cells = [f"{name}: {scale.about}"]
        for code in scale.codes:
            cells.append(f"`{code}`: {called(own, code)}")
        correct = [line for line in own if not line["code"]]
        flagged = sum(bool(named(line)) for line in correct)
        figures = " and ".join(sorted(quality(line) for line in correct)) or "none run"
        cells.append(f"{flagged} of {len(correct)} ({figures})")
        rows.append(f"| {' | '.join(cells)} |")
    return SECTION.format(rows="\n".join(rows))


def called(lines: Iterable[Mapping[str, Any]], code: str) -> str:
    """Return what the first run of an entry's mutant is called."""
    for line in lines:
        if line["code"] == code:
            return ", ".join(named(line)) or "nothing"
    return "not run"


def quality(line: Mapping[str, Any]) -> str:
    """Return how good a trained recipe was."""
    numbers = line["numbers"]
    if "accuracy" in numbers:
        return f"{numbers['accuracy']:.1%}"
    return f"loss {numbers['loss_of_scores']:.2f}"


SECTION = """
## A handful at the size of real data

`python -m benchmarks.doctor --scale mnist,imdb,text`: one mutant each of three entries, and three
unchanged recipes. After an entry stands what the doctor calls its mutant; in brackets, how good the
unchanged recipes were.

| scale | first mutant | second | third | unchanged recipes flagged |
| --- | --- | --- | --- | --- |
{rows}
"""
