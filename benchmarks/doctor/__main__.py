"""`make doctor`: run what is missing, then write each entry's rates to the page of figures."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from benchmarks.doctor import honest, scale, unseen
from benchmarks.doctor.local import known_data
from benchmarks.doctor.report import over_budget, report
from benchmarks.doctor.runs import perform, planned, stored, with_places
from grader.doctor.entries import catalogue

ROOT = Path(__file__).resolve().parent.parent.parent
RUNS = ROOT / "build" / "doctor.jsonl"
AT_SCALE = ROOT / "build" / "doctor-scale.jsonl"
OF_REFERENCES = ROOT / "build" / "doctor-references.jsonl"
DOCS = ROOT / "docs" / "measure" / "doctor-figures.md"
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
    add("--docs", type=Path, default=DOCS)
    return parser.parse_args()


def run_missing(chosen: argparse.Namespace, data: tuple[str, ...]) -> None:
    """Run what was asked for and has not been run."""
    codes = chosen.entries.split(",") if chosen.entries else list(catalogue())
    ranges = [numbers_between(each) for each in (chosen.seeds, chosen.correct, chosen.pictures)]
    done = with_places(stored(chosen.runs), data)
    chosen.runs.parent.mkdir(parents=True, exist_ok=True)
    with chosen.runs.open("a", encoding="utf-8") as file:
        for run in planned(codes, *ranges):
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
    chosen.docs.write_text("".join(parts), "utf-8")
    bad = over_budget(lines)
    print("\n".join(bad) or "every entry is within its budget")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
