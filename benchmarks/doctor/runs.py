"""One run: a recipe is trained, asked and read, and what was observed becomes a line of JSON."""

from __future__ import annotations

import ast
import hashlib
import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
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
from grader.doctor.entries import Entry, Variant, catalogue
from grader.doctor.evidence import Source
from grader.doctor.observables.answers import observe_classifier
from grader.doctor.observables.pictures import observe_generator
from grader.doctor.observables.text import observe_text
from grader.doctor.probes.classifier import probe_classifier
from grader.doctor.rules.finder import places
from grader.doctor.rules.syntax import Code

CORRECT = "correct"
TEXT = "correct-text"
PICTURES = "correct-pictures"
EXAMS = {TEXT: "language", PICTURES: "generation"}  # of unchanged recipes; others are classifiers
TEXT_EVERY = 10  # of the correct runs, one in this many is a language model
PATIENCE = 600.0  # seconds for the probes


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
        if self.code:
            return catalogue()[self.code].exams[0]
        return EXAMS.get(self.kind, "classification")

    def change(self) -> Variant | None:
        """Return how the recipe is changed, None for the unchanged one."""
        if not self.code:
            return None
        entry = catalogue()[self.code]
        variants = entry.mutants if self.kind == "mutant" else entry.correct
        return variants[self.variant]


def planned(
    codes: Sequence[str], seeds: range, correct: range, pictures: range = range(0)
) -> Iterator[Run]:
    """Yield the runs seed by seed: mutants and lookalikes, between them unchanged recipes.

    codes: of the entries. correct: seeds of unchanged classifiers and language models. pictures: of
    unchanged generators.
    """
    unchanged = map(unchanged_run, correct)
    share = math.ceil(len(correct) / max(1, len(seeds)))
    for seed in seeds:
        for code in codes:
            yield from runs_of(catalogue()[code], seed)
        yield from itertools.islice(unchanged, share)
    yield from unchanged
    for number in pictures:
        yield Run(PICTURES, "", 0, number)


def runs_of(entry: Entry, seed: int) -> Iterator[Run]:
    """Yield a mutant and a lookalike of an entry; functions are not trained."""
    if entry.exams[0] == "functions":
        return
    for kind, variants in (("mutant", entry.mutants), ("lookalike", entry.correct)):
        if variants:
            yield Run(kind, entry.code, seed % len(variants), seed)


def unchanged_run(seed: int) -> Run:
    """Return the run of an unchanged classifier, or now and then of a language model."""
    return Run(CORRECT if seed % TEXT_EVERY else TEXT, "", 0, seed)


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
    seen = probe_classifier(
        box,
        given.train_inputs,
        given.train_labels,
        scores,
        given.hidden_labels,
        box.classes,
        np.random.default_rng(seed),
        seconds=PATIENCE,
    )
    return observe_classifier(seen, box.trace)


def fingerprint(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()[:12]


def with_places(
    lines: Mapping[str, dict[str, Any]], data: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    """Return the lines whose source is still the one that was run, with today's places in it."""
    kept: dict[str, dict[str, Any]] = {}
    for key, line in lines.items():
        try:
            _, source = prepared(run_of(key), data)
        except (DoesNotFit, KeyError, IndexError):
            continue
        if fingerprint(source) == line["source"]:
            kept[key] = line | {"places": places_in(source)}
    return kept


def places_in(source: str) -> dict[str, str]:
    """Return rule -> its first place in a source."""
    found: dict[str, str] = {}
    for rule, node in places(Code([ast.parse(source)])):
        found.setdefault(rule, f"solution.py:{getattr(node, 'lineno', 1)}")
    return found


def run_of(key: str) -> Run:
    """Return the run that a key names."""
    kind, code, variant, seed = key.split("/")
    return Run(kind, code, int(variant), int(seed))


def exam_of(line: Mapping[str, Any]) -> str:
    return run_of(str(line["key"])).exam


def source_of(line: Mapping[str, Any]) -> Source:
    """Return the places of a stored run, as if its source had been read whole."""
    return Source(line["places"], is_whole=True)


def stored(path: Path) -> dict[str, dict[str, Any]]:
    """Return the lines of a file by key; the last one of a key counts."""
    if not path.is_file():
        return {}
    lines = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line)
    return {line["key"]: line for line in lines}
