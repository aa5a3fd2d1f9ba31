"""From runs to rates: how often each entry's mutants are flagged and named, and how often correct runs are flagged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.doctor.runs import CORRECT, exam_of, source_of
from grader.doctor.catalogue import catalogue
from grader.doctor.diagnose import Source, diagnose
from grader.metrics.classification import wilson_interval

FLAGGED, NAMED, ALARMS = 0.9, 0.75, 0.01  # the goals over all runs
ENTRY_FLAGGED, ENTRY_NAMED = 0.8, 0.7  # the budget of a firm entry
FEWEST = 10  # runs before an entry is held to its budget

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


def codes_of(line: Mapping[str, Any], *, with_source: bool = True) -> list[str]:
    source = source_of(line) if with_source else Source()
    return [each.code for each in diagnose(line["numbers"], source, exam=exam_of(line))]


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
        bad.append(f"all mutants: {flagged} flagged, {named} named first; the goals are {FLAGGED:.0%} and {NAMED:.0%}")
    if alarms.share > ALARMS:
        bad.append(f"correct runs: {alarms} flagged; the goal is {ALARMS:.0%}")
    return bad


def code_of(line: Mapping[str, Any]) -> str:
    return str(line["key"]).split("/")[1]


def report(lines: Lines) -> str:
    """Return docs/doctor.md."""
    mutants, correct, alike = picked(lines, "mutant"), picked(lines, CORRECT), picked(lines, "lookalike")
    failed = sum("failed" in line for line in lines.values())
    alarms = false_alarms(lines)
    high = wilson_interval(alarms.share, alarms.n)[1] if alarms.n else 1.0
    data = Counter(line["configuration"]["data"] for line in (*mutants, *correct, *alike))
    rows = [
        f"| faulty runs flagged | {rate(bool(codes_of(line)) for line in mutants)} | 90 % |",
        f"| named right at first place | {rate(codes_of(line)[:1] == [code_of(line)] for line in mutants)} | 75 % |",
        f"| named right among at most two | {rate(code_of(line) in codes_of(line) for line in mutants)} | |",
        f"| flagged without the source | {rate(bool(codes_of(line, with_source=False)) for line in mutants)} | |",
        "| named first without the source | "
        f"{rate(codes_of(line, with_source=False)[:1] == [code_of(line)] for line in mutants)} | |",
        f"| correct runs flagged | {alarms}; upper bound {100 * high:.2f} % | 1 % |",
    ]
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
        others = Counter(codes_of(line)[0] for line in runs if codes_of(line)[:1] not in ([], [code]))
        taken = ", ".join(f"{name} {count}" for name, count in others.most_common(2))
        blind = rate(codes_of(line, with_source=False)[:1] == [code] for line in runs)
        text += (
            f"| `{code}`{' (weak)' if entry.strength == 'weak' else ''} | {entry.title} "
            f"| {rate(bool(codes_of(line)) for line in runs)} | {rate(codes_of(line)[:1] == [code] for line in runs)} "
            f"| {blind} | {rate(bool(codes_of(line)) for line in picked(lines, 'lookalike', code))} | {taken} |\n"
        )
    wrong = Counter(code for line in (*correct, *alike) for code in codes_of(line))
    text += "\n## Correct runs that were flagged\n\n"
    text += "\n".join(f"- `{code}`: {count}" for code, count in wrong.most_common()) or "None."
    text += "\n\n## Function tasks\n\n" + FUNCTIONS
    for code, entry in catalogue().items():
        if entry.exams[0] == "functions":
            text += f"| `{code}` | {entry.title} |\n"
    return text


HEAD = """# How good the doctor is

Made by `make doctor` (`python -m benchmarks.doctor`), which writes the rates below. What the doctor is and how it
decides stands in `grader/doctor/`; an entry of the catalogue is one file in `grader/doctor/catalogue/`.

{runs} runs of small classifiers with random depth, width, activation, normalisation, dropout, optimizer, rate and
batch, trained in one process, asked by the doctor's own probes and read by its rules. Runs by data: {data}. {failed}
trainings raised an exception and are left out. Intervals are Wilson's at 95 %. The thresholds were set on runs of this
kind, and the source is two styles of one recipe: expect lower rates on other people's code, above all where a name
rests on a place in the source.

| | rate | goal |
| --- | --- | --- |
{table}

## Each entry

Flagged: any diagnosis. Named: this entry at first place. Blind: named without the source. Lookalikes: correct
variants that resemble the mistake, of which none should be flagged. An entry called weak is known to be missed or
mistaken often, and is held to no budget of its own.

| entry | mistake | flagged | named | blind | lookalikes flagged | else named |
| --- | --- | --- | --- | --- | --- | --- |
"""
FUNCTIONS = """Hand-written gradients are judged by the ratio of received to expected values over the failing cases;
these entries are exact on their patterns, and tests hold each to a mutant and a correct variant.

| entry | mistake |
| --- | --- |
"""
