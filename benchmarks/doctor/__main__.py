"""`make doctor`: run what is missing, then write each entry's rates to the page of figures."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import torch

from benchmarks.doctor import honest, scale, unseen
from benchmarks.doctor.local import known_data
from benchmarks.doctor.report import ENTRY_COLUMNS, Lines, entry_row, over_budget, report
from benchmarks.doctor.runs import Run, perform, planned, stored, with_places
from grader.doctor.entries import catalogue
from grader.errors import GraderError, UsageError
from grader.spelling import no_such

ROOT = Path(__file__).resolve().parent.parent.parent
RUNS = ROOT / "build" / "doctor.jsonl"
AT_SCALE = ROOT / "build" / "doctor-scale.jsonl"
OF_REFERENCES = ROOT / "build" / "doctor-references.jsonl"
DOCS = ROOT / "docs" / "measure" / "doctor-figures.md"
PARTIAL = ROOT / "build" / "doctor-figures.md"
SEEDS = "0:25"
CORRECT = "0:400"
PICTURES = "0:60"


def numbers_between(text: str) -> range:
    """Return the range that "0:20" means."""
    first, _, last = text.partition(":")
    return range(int(first), int(last))


def options() -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.doctor")
    add = parser.add_argument
    add("--seeds", default=SEEDS, help="of every mutant and lookalike, as FIRST:END")
    add("--correct", default=CORRECT, help="seeds of unchanged recipes, as FIRST:END")
    add("--pictures", default=PICTURES, help="the same of unchanged generators")
    add("--entries", default="", help="codes, separated by commas; all without it")
    scales = ", ".join(scale.SCALES)
    add("--scale", default="", help=f"only a handful of runs on real data: {scales}")
    add("--references", default="", help="only the references: all, or names as task/reference")
    add("--report", action="store_true", help="run nothing")
    add("--runs", type=Path, default=RUNS, help="where the runs are kept, a line each")
    page = "where the page goes; by default docs/measure/ if every run is there, build/ otherwise"
    add("--docs", type=Path, default=None, help=page)
    return parser.parse_args()


def chosen_entries(chosen: argparse.Namespace) -> list[str]:
    """Return the codes of --entries, or all; UsageError for an unknown one."""
    if not chosen.entries:
        return list(catalogue())
    codes: list[str] = chosen.entries.split(",")
    for code in codes:
        if code not in catalogue():
            raise UsageError(no_such("entry of the catalogue", code, catalogue()))
    return codes


def asked_for(chosen: argparse.Namespace) -> Iterator[Run]:
    """Yield the runs that the command line asks for."""
    ranges = [numbers_between(each) for each in (chosen.seeds, chosen.correct, chosen.pictures)]
    return planned(chosen_entries(chosen), *ranges)


def full_plan() -> Iterator[Run]:
    """Yield every run that the page of figures is about."""
    ranges = [numbers_between(each) for each in (SEEDS, CORRECT, PICTURES)]
    return planned(list(catalogue()), *ranges)


def page_for(chosen: argparse.Namespace, lines: Lines) -> Path:
    """Return where the page is written.

    The committed page is about all runs. Somebody who tries one entry, perhaps in a fresh clone
    without any stored run, must not overwrite its figures with those of a handful.
    """
    if chosen.docs is not None:
        return Path(chosen.docs)
    is_whole = not chosen.entries and all(run.key in lines for run in full_plan())
    return DOCS if is_whole else PARTIAL


def run_missing(chosen: argparse.Namespace, data: tuple[str, ...]) -> None:
    """Run what was asked for and has not been run."""
    done = with_places(stored(chosen.runs), data)
    chosen.runs.parent.mkdir(parents=True, exist_ok=True)
    with chosen.runs.open("a", encoding="utf-8") as file:
        for run in asked_for(chosen):
            if run.key not in done:
                file.write(json.dumps(perform(run, data)) + "\n")
                file.flush()


def main() -> int:
    """Return 1 if an entry is out of its budget."""
    chosen = options()
    torch.set_num_threads(1)
    data = known_data()
    if chosen.scale:
        scale.run(chosen.scale.split(","), AT_SCALE)
    elif chosen.references:
        honest.run(chosen.references.split(","), OF_REFERENCES, stored(OF_REFERENCES))
    elif not chosen.report:
        run_missing(chosen, data)
    lines = with_places(stored(chosen.runs), data)
    parts = [
        report(lines),
        scale.section(stored(AT_SCALE)),
        honest.section(stored(OF_REFERENCES)),
        unseen.section(unseen.cases(), unseen.outcomes()),
    ]
    page = page_for(chosen, lines)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("".join(parts), "utf-8")
    if chosen.entries:
        print(ENTRY_COLUMNS + "".join(rows_of(chosen, lines)))
    print(f"{len(lines)} runs; the figures are in {page}")
    bad = over_budget(lines)
    print("\n".join(bad) or "every entry is within its budget")
    return 1 if bad else 0


def rows_of(chosen: argparse.Namespace, lines: Lines) -> Iterator[str]:
    """Yield the lines of the page's table for the entries that were asked for."""
    for code in chosen_entries(chosen):
        yield entry_row(lines, catalogue()[code])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GraderError as error:
        sys.exit(f"benchmarks.doctor: {error}")
