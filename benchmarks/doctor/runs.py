"""One run: a configuration is trained, asked and read, and what was observed becomes one line of
JSON.
"""

from __future__ import annotations

import ast
import hashlib
import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.doctor import local
from benchmarks.doctor.recipe import Configuration, DoesNotFit, drawn, solution
from benchmarks.doctor.recipe_pictures import (
    PicturesConfiguration,
    ask_pictures,
    drawn_pictures,
    pictures_solution,
)
from benchmarks.doctor.recipe_text import (
    LocalText,
    TextConfiguration,
    ask_text,
    drawn_text,
    text_solution,
)
from grader.doctor.entries import Variant, catalogue
from grader.doctor.evidence import Source
from grader.doctor.observables.answers import observe_classifier
from grader.doctor.observables.pictures import observe_generator
from grader.doctor.observables.text import observe_text
from grader.doctor.probes.classifier import probe_classifier
from grader.doctor.rules.finder import places
from grader.doctor.rules.syntax import Code

CORRECT, TEXT, PICTURES = "correct", "correct-text", "correct-pictures"
EXAMS = {
    TEXT: "language",
    PICTURES: "generation",
}  # of unchanged recipes; the others are classifiers
TEXT_EVERY = 10  # of the correct runs, one in so many is a language model
PATIENCE = 600.0


@dataclass(frozen=True)
class Run:
    """What to run: an entry's mutant or correct variant, or the unchanged recipe, with a seed."""

    kind: str  # "mutant", "lookalike", or one of CORRECT, TEXT and PICTURES
    code: str  # the entry; "" for the unchanged recipe
    variant: int
    seed: int

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.code}/{self.variant}/{self.seed}"

    @property
    def exam(self) -> str:
        return (
            catalogue()[self.code].exams[0] if self.code else EXAMS.get(self.kind, "classification")
        )

    def change(self) -> Variant | None:
        if not self.code:
            return None
        entry = catalogue()[self.code]
        return (entry.mutants if self.kind == "mutant" else entry.correct)[self.variant]


def planned(
    codes: Iterable[str], seeds: range, correct: range, pictures: range = range(0)
) -> Iterator[Run]:
    """Yield the runs seed by seed: mutants and correct variants of these entries, between them
    unchanged recipes.

    correct: seeds of unchanged classifiers and language models. pictures: of unchanged generators.
    """
    plain = iter(correct)
    share = math.ceil(len(correct) / max(1, len(seeds)))
    entries = [entry for code in codes if (entry := catalogue()[code]).exams[0] != "functions"]
    for seed in seeds:
        for entry in entries:
            for kind, variants in (("mutant", entry.mutants), ("lookalike", entry.correct)):
                if variants:
                    yield Run(kind, entry.code, seed % len(variants), seed)
        for number in itertools.islice(plain, share):
            yield Run(TEXT if number % TEXT_EVERY == 0 else CORRECT, "", 0, number)
    for number in plain:
        yield Run(TEXT if number % TEXT_EVERY == 0 else CORRECT, "", 0, number)
    for number in pictures:
        yield Run(PICTURES, "", 0, number)


def prepared(
    run: Run, data: tuple[str, ...]
) -> tuple[Configuration | TextConfiguration | PicturesConfiguration, str]:
    """Return a run's configuration and its source."""
    variant = run.change()
    seed = run.seed + {"mutant": 100_000, "lookalike": 200_000}.get(run.kind, 0)
    where = variant.where if variant else None
    if run.exam == "language":
        text = drawn_text(seed, where)
        return text, text_solution(text, variant)
    if run.exam == "generation":
        pictures = drawn_pictures(seed, where, data)
        return pictures, pictures_solution(pictures, variant)
    configuration = drawn(seed, where, data)
    side = local.dataset(configuration.data).train_inputs.shape[1:]
    return configuration, solution(configuration, side, variant)


def perform(run: Run, data: tuple[str, ...]) -> dict[str, Any]:
    """Train and observe; returns what is stored: the numbers and what ran, or why it failed."""
    configuration, source = prepared(run, data)
    line: dict[str, Any] = {
        "key": run.key,
        "source": fingerprint(source),
        "configuration": configuration.as_dict(),
    }
    try:
        if isinstance(configuration, TextConfiguration):
            text = LocalText(source, configuration.seed)
            numbers = observe_text(ask_text(text, run.seed, PATIENCE), text.trace)
        elif isinstance(configuration, PicturesConfiguration):
            numbers = observe_generator(*ask_pictures(source, configuration))
        else:
            numbers = classified(source, configuration, run.seed)
    except Exception as error:
        return line | {"failed": f"{type(error).__name__}: {error}"[:300]}
    return line | {"numbers": {name: float(f"{value:.6g}") for name, value in numbers.items()}}


def classified(source: str, configuration: Configuration, seed: int) -> dict[str, float]:
    """Train a classifier and return what is observed of it."""
    given = local.dataset(configuration.data)
    box = local.LocalBox(source, given, configuration.seed)
    parts = [given.hidden_inputs[at : at + 64] for at in range(0, len(given.hidden_labels), 64)]
    scores = np.concatenate([box.predict(part, box.classes, PATIENCE)[0] for part in parts])
    train, hidden = (given.train_inputs, given.train_labels), (scores, given.hidden_labels)
    seen = probe_classifier(
        box, *train, *hidden, box.classes, np.random.default_rng(seed), seconds=PATIENCE
    )
    return observe_classifier(seen, box.trace)


def fingerprint(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()[:12]


def with_places(
    lines: Mapping[str, dict[str, Any]], data: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    """Return the lines whose source is still the one that was run, with the places the rules find
    in it today.
    """
    kept: dict[str, dict[str, Any]] = {}
    for key, line in lines.items():
        kind, code, variant, seed = key.split("/")
        try:
            source = prepared(Run(kind, code, int(variant), int(seed)), data)[1]
        except (DoesNotFit, KeyError, IndexError):
            continue
        if fingerprint(source) == line["source"]:
            found: dict[str, str] = {}
            for rule, node in places(Code([ast.parse(source)])):
                found.setdefault(rule, f"solution.py:{getattr(node, 'lineno', 1)}")
            kept[key] = line | {"places": found}
    return kept


def exam_of(line: Mapping[str, Any]) -> str:
    kind, code, variant, seed = str(line["key"]).split("/")
    return Run(kind, code, int(variant), int(seed)).exam


def source_of(line: Mapping[str, Any]) -> Source:
    return Source(line["places"], is_whole=True)


def stored(path: Path) -> dict[str, dict[str, Any]]:
    """Return the lines of a file by key; the last one of a key counts."""
    if not path.is_file():
        return {}
    lines = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line)
    return {line["key"]: line for line in lines}
