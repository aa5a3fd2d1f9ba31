"""From runs to rates: how often mutants are flagged and named, and correct runs flagged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from benchmarks.doctor.runs import CORRECT, PICTURES, TEXT, exam_of, run_of, source_of
from grader.doctor.diagnose import diagnose
from grader.doctor.entries import Entry, catalogue
from grader.doctor.evidence import Source
from grader.doctor.observables.answers import COMPARED
from grader.doctor.observables.curve import TRACED
from grader.metrics.statistics import wilson_interval

# The goals over all runs.
FLAGGED = 0.9
NAMED = 0.75
ALARMS = 0.01
# The budget of a firm entry.
ENTRY_FLAGGED = 0.8
ENTRY_NAMED = 0.7
FEWEST = 10  # runs before an entry is held to its budget
# From these seeds on, no run was looked at while thresholds were set.
FRESH_SEED = 20
FRESH_OF_KIND = {CORRECT: 300, TEXT: 300, PICTURES: 4}

Lines = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Rate:
    """A number of hits among n, with the 95 % interval of Wilson."""

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
    line: Mapping[str, Any], *, with_source: bool = True, with_trace: bool = True
) -> list[str]:
    """Return what a run is called, with all evidence or without a part of it."""
    source = source_of(line) if with_source else Source()
    numbers = line["numbers"]
    if not with_trace:
        of_trace = TRACED.keys() | COMPARED.keys()
        numbers = {name: value for name, value in numbers.items() if name not in of_trace}
    return [each.code for each in diagnose(numbers, source, exam=exam_of(line))]


def is_fresh(key: str) -> bool:
    """Whether nobody had looked at a run while thresholds were set."""
    run = run_of(key)
    return run.seed >= FRESH_OF_KIND.get(run.kind, FRESH_SEED)


def summary(lines: Lines) -> list[str]:
    """Return a text for each of ROWS."""
    mutants = picked(lines, "mutant")
    found: list[str] = []
    for options in ({}, {"with_source": False}, {"with_trace": False}):
        rates = rates_of(mutants, **options)
        found += [str(rates.flagged), str(rates.named)]
    alarms = false_alarms(lines)
    high = wilson_interval(alarms.share, alarms.n)[1] if alarms.n else 1.0
    return [*found, f"{alarms.hits} of {alarms.n}, at most {100 * high:.1f} %"]


class Rates(NamedTuple):
    """Of some mutants: those with any diagnosis, and with their own in first place."""

    flagged: Rate
    named: Rate


def rates_of(mutants: Iterable[Mapping[str, Any]], **options: bool) -> Rates:
    """Return how often mutants are flagged and named; options: those of `codes_of`."""
    flagged: list[bool] = []
    named: list[bool] = []
    for line in mutants:
        codes = codes_of(line, **options)
        flagged.append(bool(codes))
        named.append(codes[:1] == [code_of(line)])
    return Rates(rate(flagged), rate(named))


def picked(lines: Lines, kind: str, code: str | None = None) -> list[Mapping[str, Any]]:
    """Return the runs of a kind that ended, of one entry or of all."""
    start = kind if code is None else f"{kind}/{code}/"
    found = [line for key, line in lines.items() if key.startswith(start)]
    return [line for line in found if "numbers" in line]


def rate(found: Iterable[bool]) -> Rate:
    answers = list(found)
    return Rate(sum(answers), len(answers))


def rate_flagged(lines: Iterable[Mapping[str, Any]]) -> Rate:
    """Return how many runs got any diagnosis."""
    return rate(bool(codes_of(line)) for line in lines)


def false_alarms(lines: Lines) -> Rate:
    """Return how many correct runs got any diagnosis."""
    return rate_flagged([*picked(lines, CORRECT), *picked(lines, "lookalike")])


def over_budget(lines: Lines) -> list[str]:
    """Return what is worse than it may be, a sentence each."""
    bad: list[str] = []
    for code, entry in catalogue().items():
        runs = picked(lines, "mutant", code)
        if len(runs) < FEWEST or entry.strength == "weak":
            continue
        flagged, named = rates_of(runs)
        if flagged.share < ENTRY_FLAGGED or named.share < ENTRY_NAMED:
            bad.append(f"{code}: {flagged} flagged, {named} named first")
    every = picked(lines, "mutant")
    flagged, named = rates_of(every)
    if every and (flagged.share < FLAGGED or named.share < NAMED):
        bad.append(
            f"all mutants: {flagged} flagged, {named} named first; "
            f"the goals are {FLAGGED:.0%} and {NAMED:.0%}"
        )
    alarms = false_alarms(lines)
    if alarms.share > ALARMS:
        bad.append(f"correct runs: {alarms} flagged; the goal is {ALARMS:.0%}")
    return bad


def code_of(line: Mapping[str, Any]) -> str:
    return run_of(str(line["key"])).code


def report(lines: Lines) -> str:
    """Return docs/measure/doctor-figures.md, as far as these runs are what it is about."""
    functions: list[str] = []
    trained: list[str] = []
    for code, entry in catalogue().items():
        if entry.exams[0] == "functions":
            functions.append(f"| `{code}` | {entry.title} |\n")
        else:
            trained.append(entry_row(lines, entry))
    return "".join(
        [
            head(lines),
            ENTRY_COLUMNS,
            *trained,
            "\n## Correct runs that were flagged\n\n",
            flagged_for_nothing(lines),
            "\n\n## Function tasks\n\n",
            FUNCTIONS,
            *functions,
        ]
    )


def head(lines: Lines) -> str:
    """Return the beginning of the page: what was run, and the rates over all entries."""
    ended = [line for kind in KINDS for line in picked(lines, kind)]
    data = Counter(line["configuration"]["data"] for line in ended)
    fresh = {key: line for key, line in lines.items() if is_fresh(key)}
    columns = zip(ROWS, summary(lines), summary(fresh), GOALS, strict=True)
    return HEAD.format(
        runs=len(lines),
        data=", ".join(f"{name} {count}" for name, count in sorted(data.items())),
        failed=sum("failed" in line for line in lines.values()),
        table="\n".join(f"| {' | '.join(cells)} |" for cells in columns),
    )


def entry_row(lines: Lines, entry: Entry) -> str:
    """Return an entry's line of the table."""
    mutants = picked(lines, "mutant", entry.code)
    rates = rates_of(mutants)
    others: Counter[str] = Counter()
    for line in mutants:
        first = codes_of(line)[:1]
        if first != [entry.code]:
            others.update(first)
    name = f"`{entry.code}`"
    cells = [
        f"{name} (weak)" if entry.strength == "weak" else name,
        entry.title,
        str(rates.flagged),
        str(rates.named),
        str(rates_of(mutants, with_source=False).named),
        str(rate_flagged(picked(lines, "lookalike", entry.code))),
        ", ".join(f"{other} {count}" for other, count in others.most_common(2)),
    ]
    return f"| {' | '.join(cells)} |\n"


def flagged_for_nothing(lines: Lines) -> str:
    """Return what correct runs were called, and how often."""
    wrong: Counter[str] = Counter()
    for line in (*picked(lines, CORRECT), *picked(lines, "lookalike")):
        wrong.update(codes_of(line))
    return "\n".join(f"- `{code}`: {count}" for code, count in wrong.most_common()) or "None."


KINDS = ("mutant", CORRECT, "lookalike")
ROWS = (
    "faulty runs flagged",
    "named right in first place",
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

"""
ENTRY_COLUMNS = """\
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
