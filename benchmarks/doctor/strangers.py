"""Programs by strangers: is each mistake flagged, named and placed? Are correct ones left alone?

    python -m benchmarks.doctor.strangers FOLDER                  grade all, and print the table
    python -m benchmarks.doctor.strangers FOLDER --only NAME...   some of them
    python -m benchmarks.doctor.strangers FOLDER --table          print what is known, grade nothing

FOLDER holds Python files, each a submission of its own that says at its top, in comments, what it
is. Comments are all that is added: no rule reads them.

    # task: mnist
    # mistake: no_zero_grad        a code of the catalogue, several that are right, or none
    # line: loss.backward()        what stands in the right line; several parted by " | "
    # fix: old => new              what the last hint asks for; "\\n" is a line end
    # says: rows | mean            words of which one has to be in what is said, where a program
                                   fails with a message or at cases of a function

Each goes the whole way of `grader run`, without par, and of `grader check`, in plain processes, on
a small part of the data set, so that a hundred programs take a quarter of an hour. A program counts
as flagged where a run or a check names a mistake, gives advice, or fails it with a reason. Its name
and its line are right where the first diagnosis of the run has them; where the run has none, that
of the check. What came out is kept in outcomes.json beside the programs.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.doctor.parts import part_of
from grader.course.curriculum import Task
from grader.course.dataset import find_dataset
from grader.course.task_file import BudgetTable
from grader.doctor.entries import catalogue
from grader.exams.holding import load_exam
from grader.exams.outcome import Outcome
from grader.exams.session import Session, Silent
from grader.grading.pipeline import grade
from grader.intake.submission import open_submission
from grader.records import CaseGroup, Diagnosis
from grader.sandbox.process import ProcessSandbox

# data set -> how many training and hidden examples, or characters, are used
PARTS = {
    "mnist": (4000, 1000),
    "fashion-mnist": (4000, 1000),
    "cifar10": (3000, 1000),
    "imdb": (3000, 1000),
    "tiny-shakespeare": (200_000, 20_000),
}
PATIENCE = 900.0  # seconds a training may take: on a busy computer the task's budget ends too soon
KEPT = "outcomes.json"
NO_MISTAKE = "none"
# What a check says beyond the names: none of it is a finding.
NEVER_A_FINDING = {"known mistakes"}

Said = dict[str, Any]


@dataclass(frozen=True)
class Program:
    """A program and what its header says of it."""

    name: str
    text: str
    task: str
    mistakes: tuple[str, ...]  # none for a correct one
    lines: tuple[str, ...]
    fixes: tuple[tuple[str, str], ...]
    says: tuple[str, ...]

    @property
    def is_faulty(self) -> bool:
        return bool(self.mistakes)

    def fixed(self) -> str:
        """Return the text with every change that the last hint asks for."""
        text = self.text
        for old, new in self.fixes:
            text = text.replace(old, new)
        return text

    def is_right_line(self, where: str) -> bool:
        """Whether a place such as "solution.py:12" is one of the lines that are right."""
        _, _, number = where.rpartition(":")
        lines = self.text.splitlines()
        if not number.isdigit() or int(number) > len(lines):
            return False
        return any(each in lines[int(number) - 1] for each in self.lines)


def read_program(path: Path) -> Program:
    """Read one file; ValueError says what its header lacks."""
    text = path.read_text("utf-8")
    said: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, colon, value = line.removeprefix("# ").partition(": ")
        if line.startswith("# ") and colon:
            said.setdefault(key, []).append(value)
    if "task" not in said or "mistake" not in said:
        raise ValueError(f"{path}: expected '# task: ...' and '# mistake: ...' at its top")
    mistakes = alternatives(said["mistake"])
    return Program(
        name=path.stem if path.stem != "solution" else path.parent.name,
        text=text,
        task=said["task"][0].strip(),
        mistakes=() if mistakes == (NO_MISTAKE,) else mistakes,
        lines=alternatives(said.get("line", [])),
        fixes=tuple(map(as_change, said.get("fix", []))),
        says=alternatives(said.get("says", [])),
    )


def alternatives(values: Sequence[str]) -> tuple[str, ...]:
    parts = [part.strip() for value in values for part in value.split(" | ")]
    return tuple(part for part in parts if part)


def as_change(value: str) -> tuple[str, str]:
    """Return old and new text of a line `old => new`."""
    old, _, new = value.partition(" =>")
    return old.replace("\\n", "\n"), new.removeprefix(" ").replace("\\n", "\n")


def programs_of(folder: Path) -> list[Program]:
    """Return the programs of a folder, by name."""
    paths = [*folder.glob("*.py"), *folder.glob("*/solution.py")]
    return sorted(map(read_program, paths), key=lambda program: program.name)


# Grading.


@contextmanager
def small_data() -> Iterator[None]:
    """Let the large data sets be a small part of themselves."""
    with ExitStack() as stack:
        for name, (train, hidden) in PARTS.items():
            stack.enter_context(part_of(find_dataset(name), train, hidden))
        yield


@contextmanager
def opened(text: str, task_id: str) -> Iterator[tuple[Any, Task, Path]]:
    """Give a text as a submission, with its task and a folder for results."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        path = folder / "handed-in" / "solution.py"
        path.parent.mkdir()
        path.write_text(text, "utf-8")
        submission, task = open_submission(path, folder / "opened", task_id=task_id, author="")
        if task.spec.budget is not None:
            budget = BudgetTable(cpu_seconds=PATIENCE)
            task = replace(task, spec=task.spec.model_copy(update={"budget": budget}))
        yield submission, task, folder / "results"


def run(text: str, task_id: str) -> Said:
    """Return what `grader run` says of a program."""
    with opened(text, task_id) as (submission, task, results), small_data():
        result = grade(
            submission, task, ProcessSandbox(), results, with_par=False, progress=Silent()
        )
    metric = result.measurements.get(result.task.metric)
    return {
        "verdict": result.verdict.status.value,
        "reason": result.verdict.reason,
        "metric": None if metric is None else round(metric.value, 4),
        "named": named(result.diagnoses),
        "words": words_of(result.cases),
    }


def check(text: str, task_id: str) -> Said:
    """Return what `grader check` says of a program."""
    with opened(text, task_id) as (submission, task, _):
        session = Session(task, submission, ProcessSandbox(), with_par=False, advising=True)
        outcome: Outcome = load_exam(task.spec.exam)(session).run(rehearsing=True)
    advice = {each.about: each.says for each in outcome.advice if each.status == "advice"}
    return {
        "verdict": "ready" if outcome.failure is None else outcome.failure.status.value,
        "reason": "" if outcome.failure is None else outcome.failure.reason,
        "named": named(outcome.diagnoses),
        "words": words_of(outcome.cases),
        "advice": {about: says for about, says in advice.items() if about not in NEVER_A_FINDING},
    }


def named(diagnoses: Sequence[Diagnosis]) -> list[list[str]]:
    return [[each.code, each.where] for each in diagnoses]


def words_of(cases: Sequence[CaseGroup]) -> list[str]:
    """Return what is said about the cases of functions that are wrong."""
    wrong = [case for case in cases if case.status in ("fail", "error")]
    return [f"{case.function} {case.group}: {case.hint} {case.message}" for case in wrong]


def graded(program: Program) -> dict[str, Said]:
    """Run and check a program, and run it once more as its last hint wants it."""
    said = {"run": run(program.text, program.task), "check": check(program.text, program.task)}
    if program.fixes:
        said["fixed"] = run(program.fixed(), program.task)
    return said


# What counts.


@dataclass(frozen=True)
class Marks:
    """What became of a program."""

    flagged: bool
    first: str  # the code named first, or nothing
    is_named: bool
    is_placed: bool
    is_repaired: bool | None  # None: no change was tried


def marks_of(program: Program, said: dict[str, Said]) -> Marks:
    """Return what became of a program; of a correct one only `flagged` and `first` count."""
    first, where = first_name(said)
    is_named = first in program.mistakes or has_words(program, said)
    is_repaired = None
    if "fixed" in said:
        is_repaired = is_named and not said["fixed"]["named"] and works(said["fixed"])
    return Marks(
        flagged=is_flagged(program, said),
        first=first or first_advice(said),
        is_named=is_named,
        is_placed=program.is_right_line(where),
        is_repaired=is_repaired,
    )


def first_name(said: dict[str, Said]) -> tuple[str, str]:
    for way in ways_of(said):
        for code, where in said[way]["named"]:
            return code, where
    return "", ""


def ways_of(said: dict[str, Said]) -> list[str]:
    """Return the ways it was graded in, the run first."""
    return [way for way in ("run", "check") if way in said]


def first_advice(said: dict[str, Said]) -> str:
    advice = list(said.get("check", {}).get("advice", {}))
    return f"({advice[0]})" if advice else ""


def is_flagged(program: Program, said: dict[str, Said]) -> bool:
    """Whether anything is said to be wrong; a correct one may not be said to fail, either."""
    ways = ways_of(said)
    if any(said[way]["named"] or said[way]["words"] for way in ways):
        return True
    if said.get("check", {}).get("advice"):
        return True
    return any(failed(said[way]) for way in ways)


def failed(said: Said) -> bool:
    return said["verdict"] not in ("accepted", "below_target", "ready", "flagged")


def works(said: Said) -> bool:
    return said["verdict"] in ("accepted", "below_target", "flagged")


def has_words(program: Program, said: dict[str, Said]) -> bool:
    """Whether a message about failing has one of the words it needs."""
    for way in ways_of(said):
        text = " ".join([said[way]["reason"], *said[way]["words"]]).lower()
        if any(each.lower() in text for each in program.says):
            return True
    return False


# The table.


def table(programs: Sequence[Program], known: dict[str, dict[str, Said]]) -> str:
    """Return the figures and a table of the faulty programs, then one of the correct ones."""
    done = [each for each in programs if each.name in known]
    marks = {each.name: marks_of(each, known[each.name]) for each in done}
    faulty = [each for each in done if each.is_faulty]
    correct = [each for each in done if not each.is_faulty]
    rows = [FAULTY_HEAD]
    rows += [faulty_row(each, marks[each.name], known[each.name]) for each in faulty]
    rows += ["", CORRECT_HEAD]
    rows += [correct_row(each, marks[each.name], known[each.name]) for each in correct]
    figures = summary([marks[each.name] for each in faulty], [marks[each.name] for each in correct])
    return "\n".join([figures, "", *rows])


FAULTY_HEAD = (
    "| program | task | mistake | flagged | named first | right place | repaired by the hint |\n"
    "| --- | --- | --- | --- | --- | --- | --- |"
)
CORRECT_HEAD = "| correct program | task | run says | check says |\n| --- | --- | --- | --- |"


def faulty_row(program: Program, marks: Marks, said: dict[str, Said]) -> str:
    mistake = " or ".join(program.mistakes)
    right = "yes" if marks.is_named else "**no**"
    first = f"{right}: {marks.first or 'in words' if marks.flagged else 'nothing'}"
    repaired = "-" if marks.is_repaired is None else yes(marks.is_repaired)
    cells = [program.name, program.task, mistake, yes(marks.flagged), first]
    return f"| {' | '.join([*cells, yes(marks.is_placed), repaired])} |"


def correct_row(program: Program, marks: Marks, said: dict[str, Said]) -> str:
    checked = what_was_said(said["check"]) if "check" in said else "not graded"
    cells = [program.name, program.task, what_was_said(said["run"]), checked]
    return f"| {' | '.join(cells)} |"


def what_was_said(said: Said) -> str:
    parts = [code for code, _ in said["named"]]
    parts += [f"advice: {about}" for about in said.get("advice", {})]
    if failed(said):
        parts.append(said["verdict"].replace("_", " "))
    return ", ".join(parts) or "nothing"


def yes(value: bool) -> str:
    return "yes" if value else "no"


def summary(faulty: Sequence[Marks], correct: Sequence[Marks]) -> str:
    """Return one line with every rate."""
    counts = [
        ("flagged", sum(each.flagged for each in faulty), len(faulty)),
        ("named right in first place", sum(each.is_named for each in faulty), len(faulty)),
        ("right line", sum(each.is_placed for each in faulty), len(faulty)),
        ("false alarms", sum(each.flagged for each in correct), len(correct)),
    ]
    tried = [each for each in faulty if each.is_repaired is not None]
    counts.append(("repaired by the hint", sum(bool(e.is_repaired) for e in tried), len(tried)))
    return "; ".join(f"{what} {some} of {of}" for what, some, of in counts if of)


def unknown_codes(programs: Sequence[Program]) -> set[str]:
    """Return the mistakes that the catalogue does not have."""
    return {code for each in programs for code in each.mistakes} - catalogue().keys()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.doctor.strangers")
    parser.add_argument("folder", type=Path, help="where the programs are")
    parser.add_argument("--only", nargs="*", default=None, help="names of programs, without .py")
    parser.add_argument("--table", action="store_true", help="grade nothing, print what is known")
    parser.add_argument("--keep", type=Path, default=None, help=f"default: FOLDER/{KEPT}")
    options = parser.parse_args()
    programs = programs_of(options.folder)
    kept = options.keep or options.folder / KEPT
    known = json.loads(kept.read_text("utf-8")) if kept.is_file() else {}
    for program in programs:
        is_wanted = options.only is None or program.name in options.only
        if options.table or not is_wanted:
            continue
        known[program.name] = graded(program)
        kept.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", "utf-8")
        print(program.name, marks_of(program, known[program.name]), flush=True)
    print(table(programs, known))


if __name__ == "__main__":
    main()
