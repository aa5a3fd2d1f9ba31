"""MNIST scripts that no rule was made for: is a mistake named? Does the last hint fix it?

And are correct ones left alone?

    python -m benchmarks.doctor.unseen                  grade all, as they are and fixed
    python -m benchmarks.doctor.unseen own_batches

The scripts stand in tests/data/doctor_unseen/, a folder a set, whose cases.toml has each one's
mistake and the change that its last hint asks for, or what a correct one might be mistaken for.
Each goes the whole way of `grader run` in a plain process, without par, on the first PART training
pictures of MNIST. What came out is kept in unseen.json beside this file: `first` is what the doctor
said the first time it saw a script and is never written again, `now` and `mended` are what it says
today. docs/measure/doctor-figures.md shows them.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.doctor.parts import first_rows, part_of
from grader.course.datasets import mnist
from grader.course.task_file import BudgetTable
from grader.doctor.entries import catalogue
from grader.exams.session import Silent
from grader.grading.pipeline import grade
from grader.intake.submission import open_submission
from grader.sandbox.process import ProcessSandbox

FOLDER = Path(__file__).resolve().parent.parent.parent / "tests" / "data" / "doctor_unseen"
FAULTY = ("first", "second", "third")  # sets of scripts with a mistake each
RIGHT = "correct"  # the set of scripts without one
OUTCOMES = Path(__file__).resolve().parent / "unseen.json"
TASK = "mnist"
PART = 12_000
# seconds a training may take here: on a busy computer the task's own budget ends too soon
PATIENCE = 900.0

Outcome = dict[str, Any]  # verdict, accuracy or None, named: codes, the first one first


def cases() -> dict[str, dict[str, Any]]:
    """Return name -> what cases.toml says of a script.

    That is its `set`, with its `mistake` and how that is `mended`, or what a correct one
    `resembles`.
    """
    found: dict[str, dict[str, Any]] = {}
    for each in (*FAULTY, RIGHT):
        table = tomllib.loads((FOLDER / each / "cases.toml").read_text("utf-8"))
        for name, case in table.items():
            found[name] = {"set": each} | case
    return found


def script(name: str) -> str:
    """Return a script as it was written."""
    return (FOLDER / cases()[name]["set"] / f"{name}.py").read_text("utf-8")


def outcomes() -> dict[str, dict[str, Outcome]]:
    """Return name -> what was seen `first`, `now` and once `mended`, as far as it was graded."""
    if not OUTCOMES.is_file():
        return {}
    found: dict[str, dict[str, Outcome]] = json.loads(OUTCOMES.read_text("utf-8"))
    return found


def mended(name: str) -> str:
    """Return a script with the change its hint asks for; ValueError if that changes nothing."""
    text = script(name)
    for old, new in cases()[name]["mended"]:
        if old not in text:
            raise ValueError(f"cases.toml: {name} has no {old!r}")
        text = text.replace(old, new)
    return text


def few_pictures() -> AbstractContextManager[None]:
    """Let MNIST's training set be its first pictures alone."""
    return part_of(mnist, PART, pick=first_rows)


def graded(text: str, name: str) -> Outcome:
    """Grade a script's text, and return what came of it."""
    with tempfile.TemporaryDirectory() as folder, few_pictures():
        path = Path(folder) / f"{name}.py"
        path.write_text(text, "utf-8")
        submission, task = open_submission(path, Path(folder) / "opened", task_id=TASK, author="")
        spec = task.spec.model_copy(update={"budget": BudgetTable(cpu_seconds=PATIENCE)})
        task = replace(task, spec=spec)
        result = grade(
            submission,
            task,
            ProcessSandbox(),
            Path(folder) / "results",
            with_par=False,
            progress=Silent(),
        )
    accuracy = result.measurements.get("accuracy")
    return {
        "verdict": result.verdict.status.value,
        "accuracy": None if accuracy is None else round(accuracy.value, 4),
        "named": [each.code for each in result.diagnoses],
    }


def section(
    cases: Mapping[str, Mapping[str, Any]], found: Mapping[str, Mapping[str, Outcome]]
) -> str:
    """Return what doctor-figures.md says of these scripts; nothing if none was graded."""
    graded = [name for name in cases if "first" in found.get(name, {})]
    if not found:
        return ""
    sets = {each: names_of(each, graded, cases) for each in (*FAULTY, RIGHT)}
    faulty = [name for each in FAULTY for name in sets[each]]
    alarms = counted(sets[RIGHT], cases, found)
    figures = counted(faulty, cases, found)
    parts = [SECTION.format(part=PART, right=len(sets[RIGHT]), alarms=alarms["flagged"], **figures)]
    for each, text in TEXTS.items():
        rows = "\n".join(row(name, cases[name], found[name]) for name in sets[each])
        parts.append(text.format(part=PART, rows=rows, **counted(sets[each], cases, found)))
    return "".join(parts)


def names_of(
    wanted: str, names: Sequence[str], cases: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Return the scripts of a set, of these names."""
    return [name for name in names if cases[name]["set"] == wanted]


def counted(
    names: Sequence[str],
    cases: Mapping[str, Mapping[str, Any]],
    found: Mapping[str, Mapping[str, Outcome]],
) -> dict[str, int]:
    """Return how many there are, how many got a diagnosis, and their own one first.

    That is counted for the first time a script was graded, and for today (`_now`).
    """
    counts = {"count": len(names)}
    for when in ("", "_now"):
        flagged = 0
        named = 0
        for name in names:
            codes = outcome_of(found[name], when)["named"]
            flagged += bool(codes)
            named += codes[:1] == [cases[name].get("mistake")]
        counts[f"flagged{when}"] = flagged
        counts[f"named{when}"] = named
    return counts


def outcome_of(found: Mapping[str, Outcome], when: str) -> Outcome:
    """Return what came of a script the first time, or today if it was graded again."""
    return found.get("now", found["first"]) if when else found["first"]


def row(name: str, case: Mapping[str, Any], found: Mapping[str, Outcome]) -> str:
    """Return a script's line of the table."""
    first = found.get("first")
    now = found.get("now")
    is_right = case["set"] == RIGHT
    about = case["resembles"] if is_right else catalogue()[case["mistake"]].title
    cells = [f"`{name}`", about, called(first), called(now), share(now or first)]
    if not is_right:
        fixed = found.get("mended")
        cells += [share(fixed), called(fixed)]
    return f"| {' | '.join(cells)} |"


def called(outcome: Outcome | None) -> str:
    """Return the codes that a script got."""
    if outcome is None:
        return "not run"
    return ", ".join(f"`{code}`" for code in outcome["named"]) or "nothing"


def share(outcome: Outcome | None) -> str:
    """Return a script's accuracy, or why it has none."""
    if outcome is None:
        return "-"
    if outcome["accuracy"] is None:
        return str(outcome["verdict"]).replace("_", " ")
    return f"{100 * outcome['accuracy']:.1f} %"


SECTION = """
## Scripts nobody tuned for

MNIST scripts in as many styles, all written before the doctor saw any of them. Each is graded
in a plain process on the first {part:,} training pictures, as it is and with the change that
the last hint asks for (`python -m benchmarks.doctor.unseen`). **The first time, {flagged} of
{count} with a mistake were flagged and {named} had the right name in first place; of {right}
correct ones, {alarms} got a diagnosis.** Only that is a measure: rules that turned out wrong in
general have been corrected since.
"""
FAULTY_TABLE = """
| script | mistake | named the first time | named today | accuracy | fixed | then named |
| --- | --- | --- | --- | --- | --- | --- |
{rows}
"""
FIRST_TEN = """
### Ten, by somebody who knew the catalogue

The first time, {flagged} of {count} were flagged and {named} had the right name in first place:
seven of them were graded on all of MNIST, three on the first {part:,} pictures. Today
{named_now} are named right. Corrected since: gradients that are not cleared in a function which
a loop calls, equal starts as Keras writes them, numbers of a preparation that stand under
names, a preparation in a class of its own, one of two arrays put in a new order by itself, a
recurrent layer over the batch whose last step reads nothing, and a class of the learner's that
is called RNN.
"""
SECOND_TEN = """
### Ten more, by somebody who knew the mistakes' names alone

The first time, {flagged} of {count} were flagged and {named} had the right name in first place.
Today {named_now} are named right. Corrected since: the same preparation written in two ways,
and schedules that a callback steps.
"""
THIRD_TEN = """
### And ten more, after that

The first time, {flagged} of {count} were flagged and {named} had the right name in first place.
Today {named_now} are named right. Corrected since: numbers in a dataclass, layers that Keras
adds one by one, weights made by hand, two loaders that each shuffle for themselves, and a copy
that is trained in place of the model.
"""
CORRECT = """
### Correct ones

By two who only knew the contract of a submission: one was asked for what a naive rule would
call a mistake, one for ordinary good work. The first time, {flagged} of {count} got any
diagnosis; today, {flagged_now}.

| script | what it does | named the first time | named today | accuracy |
| --- | --- | --- | --- | --- |
{rows}
"""
TEXTS = {  # set -> its part of the page
    "first": FIRST_TEN + FAULTY_TABLE,
    "second": SECOND_TEN + FAULTY_TABLE,
    "third": THIRD_TEN + FAULTY_TABLE,
    RIGHT: CORRECT,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.doctor.unseen")
    parser.add_argument(
        "names", nargs="*", help="scripts of tests/data/doctor_unseen, without .py; all without it"
    )
    for name in parser.parse_args().names or cases():
        now = {"now": graded(script(name), name)}
        if "mended" in cases()[name]:
            now["mended"] = graded(mended(name), name)
        known = outcomes()
        known[name] = {"first": now["now"]} | known.get(name, {}) | now
        OUTCOMES.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", "utf-8")
        said = [f"{when} {called(each)} at {share(each)}" for when, each in now.items()]
        print(f"{name}: {'; '.join(said)}", flush=True)


if __name__ == "__main__":
    main()
