"""From runs to rates: how often each entry's mutants are flagged and named, and how often correct
runs are flagged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.doctor.runs import CORRECT, PICTURES, TEXT, exam_of, source_of
from grader.doctor.diagnose import diagnose
from grader.doctor.entries import catalogue
from grader.doctor.evidence import Source
from grader.doctor.observables.answers import COMPARED
from grader.doctor.observables.curve import TRACED
from grader.metrics.statistics import wilson_interval

FLAGGED, NAMED, ALARMS = 0.9, 0.75, 0.01  # the goals over all runs
ENTRY_FLAGGED, ENTRY_NAMED = 0.8, 0.7  # the budget of a firm entry
FEWEST = 10  # runs before an entry is held to its budget
FRESH_SEED, FRESH_CORRECT, FRESH_PICTURES = (
    20,
    300,
    4,
)  # from these seeds on, no run was looked at while thresholds were set

Lines = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Rate:
    """So many of n, with the 95 % interval of Wilson."""

    hits: int
    n: int

    def __str__(self) -> str:
        if not self.n:
            return "-"
        low, high = wilson_interval(self.hits / self.n, self.n)
        return f"{self.hits} of {self.n} ({100 * low:.0f} to {100 * high:.0f} %)"

    @property
    def share(self) -> float:
        return self.hits / self.n if self.n else 0.0


def codes_of(
    line: Mapping[str, Any], *, with_source: bool = True, with_told: bool = True
) -> list[str]:
    """Return what a run is called, with all evidence or without a part of it."""
    source = source_of(line) if with_source else Source()
    told = {} if with_told else {**TRACED, **COMPARED}
    numbers = {name: value for name, value in line["numbers"].items() if name not in told}
    return [each.code for each in diagnose(numbers, source, exam=exam_of(line))]


def is_fresh(key: str) -> bool:
    kind, _, rest = key.partition("/")
    first = {PICTURES: FRESH_PICTURES, CORRECT: FRESH_CORRECT, TEXT: FRESH_CORRECT}.get(
        kind, FRESH_SEED
    )
    return int(rest.rpartition("/")[2]) >= first


def summary(lines: Lines) -> list[str]:
    """Return a text for each of ROWS."""
    mutants = picked(lines, "mutant")
    found = []
    for options in ({}, {"with_source": False}, {"with_told": False}):
        codes = [(codes_of(line, **options), code_of(line)) for line in mutants]
        found += [
            str(rate(bool(named) for named, _ in codes)),
            str(rate(named[:1] == [code] for named, code in codes)),
        ]
    alarms = false_alarms(lines)
    high = wilson_interval(alarms.share, alarms.n)[1] if alarms.n else 1.0
    return [*found, f"{alarms.hits} of {alarms.n}, at most {100 * high:.1f} %"]


def picked(lines: Lines, kind: str, code: str | None = None) -> list[Mapping[str, Any]]:
    """Return the runs of a kind that ended, of one entry or of all."""
    start = kind if code is None else f"{kind}/{code}/"
    return [line for key, line in lines.items() if key.startswith(start) and "numbers" in line]


def rate(found: Iterable[bool]) -> Rate:
    answers = list(found)
    return Rate(sum(answers), len(answers))


def false_alarms(lines: Lines) -> Rate:
    runs = [*picked(lines, CORRECT), *picked(lines, "lookalike")]
    return rate(bool(codes_of(line)) for line in runs)


def over_budget(lines: Lines) -> list[str]:
    """Return what is worse than it may be, a sentence each."""
    bad = []
    for code, entry in catalogue().items():
        runs = picked(lines, "mutant", code)
        if len(runs) < FEWEST or entry.strength == "weak":
            continue
        flagged = rate(bool(codes_of(line)) for line in runs)
        named = rate(codes_of(line)[:1] == [code] for line in runs)
        if flagged.share < ENTRY_FLAGGED or named.share < ENTRY_NAMED:
            bad.append(f"{code}: {flagged} flagged, {named} named first")
    every = picked(lines, "mutant")
    flagged = rate(bool(codes_of(line)) for line in every)
    named = rate(codes_of(line)[:1] == [code_of(line)] for line in every)
    alarms = false_alarms(lines)
    if every and (flagged.share < FLAGGED or named.share < NAMED):
        bad.append(
            f"all mutants: {flagged} flagged, {named} named first; "
            f"the goals are {FLAGGED:.0%} and {NAMED:.0%}"
        )
    if alarms.share > ALARMS:
        bad.append(f"correct runs: {alarms} flagged; the goal is {ALARMS:.0%}")
    return bad


def code_of(line: Mapping[str, Any]) -> str:
    return str(line["key"]).split("/")[1]


def report(lines: Lines) -> str:
    """Return docs/measure/doctor-figures.md."""
    mutants, correct, alike = (
        picked(lines, "mutant"),
        picked(lines, CORRECT),
        picked(lines, "lookalike"),
    )
    failed = sum("failed" in line for line in lines.values())
    data = Counter(line["configuration"]["data"] for line in (*mutants, *correct, *alike))
    fresh = {key: line for key, line in lines.items() if is_fresh(key)}
    columns = zip(ROWS, summary(lines), summary(fresh), GOALS, strict=True)
    rows = [f"| {' | '.join(cells)} |" for cells in columns]
    text = HEAD.format(
        runs=len(lines),
        data=", ".join(f"{name} {count}" for name, count in sorted(data.items())),
        failed=failed,
        table="\n".join(rows),
    )
    for code, entry in catalogue().items():
        if entry.exams[0] == "functions":
            continue
        runs = picked(lines, "mutant", code)
        others = Counter(
            codes_of(line)[0] for line in runs if codes_of(line)[:1] not in ([], [code])
        )
        taken = ", ".join(f"{name} {count}" for name, count in others.most_common(2))
        blind = rate(codes_of(line, with_source=False)[:1] == [code] for line in runs)
        weak = " (weak)" if entry.strength == "weak" else ""
        alike_flagged = rate(bool(codes_of(line)) for line in picked(lines, "lookalike", code))
        cells = [
            f"`{code}`{weak}",
            entry.title,
            str(rate(bool(codes_of(line)) for line in runs)),
            str(rate(codes_of(line)[:1] == [code] for line in runs)),
            str(blind),
            str(alike_flagged),
            taken,
        ]
        text += f"| {' | '.join(cells)} |\n"
    wrong = Counter(code for line in (*correct, *alike) for code in codes_of(line))
    text += "\n## Correct runs that were flagged\n\n"
    text += "\n".join(f"- `{code}`: {count}" for code, count in wrong.most_common()) or "None."
    text += "\n\n## Function tasks\n\n" + FUNCTIONS
    for code, entry in catalogue().items():
        if entry.exams[0] == "functions":
            text += f"| `{code}` | {entry.title} |\n"
    return text


ROWS = (
    "faulty runs flagged",
    "named right at first place",
    "flagged without the source",
    "named first without the source",
    "flagged without the loss curve",
    "named first without the loss curve",
    "correct runs flagged",
)
GOALS = ("90 %", "75 %", "", "", "", "", "1 %")
HEAD = """# The doctor's error rates

This page is written by `make doctor`. What the doctor is, how it reaches a name and what these
figures are worth is explained in [The doctor](doctor.md).

{runs} runs of small classifiers, character models and generators of pictures. By data: {data}.
{failed} trainings raised an exception and are left out. Intervals are Wilson's at 95 %.

A correct run is a configuration with which the recipe is meant to learn. Fresh runs have seeds that
nobody had looked at while the thresholds were set. What a diagnosis costs is printed by
`python -m benchmarks.doctor.cost`: the probes end after two seconds at the latest, and with the
answer that is under way then; reading the source takes well under 0.1 s on an idle machine.

| | all runs | fresh runs | goal |
| --- | --- | --- | --- |
{table}

## Each entry

Flagged: any diagnosis. Named: this entry in first place. Blind: named without the source.
Lookalikes: correct variants that resemble the mistake, none of which should be flagged. An entry
called weak is known to be missed or confused often and is held to no budget of its own.

| entry | mistake | flagged | named | blind | lookalikes flagged | else named |
| --- | --- | --- | --- | --- | --- | --- |
"""
FUNCTIONS = """\
Hand-written gradients are judged by the ratio of received to expected values over the failing
cases. These entries are exact on their patterns, and tests hold each to a mutant and a correct
variant.

| entry | mistake |
| --- | --- |
"""
