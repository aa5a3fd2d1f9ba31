"""Planted submissions: how each is graded, and what must come of it.

tests/data/submissions/<task>/<verdict>/<name>/ must get the verdict that its folder is named
after. Where a task's own data would have to be fetched, it is graded on small generated data. The
first line of the solution's docstring says what it tries. Beside it may lie an expect.toml, whose
keys hold in both tiers unless it says otherwise:

    attack             the catalogue rows it covers: "B17", or ["B17", "B19"]; letter = section, see
                       SECTIONS
    code               the verdict's code
    says               a text the verdict's reason must contain
    hint               functions: a text of the common mistake that some group names
    min_accuracy       what an honest one earns
    max_accuracy       what a cheat must not exceed: what it would have earned honestly
    max_score          the same in points, for functions and whatever has no accuracy
    max_speed_ratio    against par, for the tasks that have one
    min_peak_bytes     what it really needed, wherever it hides it
    min_latency_seconds, max_log_bytes
    hand_in            "zip": the folder is packed first. "made": the folder's make.py has
                       make(folder: Path) -> Path, which writes into an empty folder and returns
                       what is handed in
    audit              the audit that is asked for: "retrain"
    diagnosed          the first mistake that the doctor names; "" if it names no essential one
    tries              what it tries, for the table, where no docstring says so
    why                a remark on the expectation, in words
    [process]          what is different where there is no wall: verdict (several, if it depends on
                       the machine), code, says, any of the bounds above, and why (required):
                       what happens, and why it cannot be prevented

An attack that ends with a score names max_accuracy or max_score. Besides the verdicts, a folder may
be called `refused`: the submission is not even opened, in any tier, and `says` holds a part of the
message.

`make attack-table` writes the table in docs/measure/security.md from all this.
"""

from __future__ import annotations

import ast
import importlib.util
import shutil
import tomllib
import zipfile
from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from grader.course.curriculum import Task, all_tasks, course_folder, find_task, find_task_folder
from grader.course.score import score_run
from grader.errors import SubmissionRefused
from grader.exams.spending import FURTHER_SECONDS
from grader.grading.pipeline import grade, rescore
from grader.intake.submission import open_submission
from grader.records import Code, Result, Status, Tier
from grader.results import store
from grader.sandbox.box import Sandbox
from support.paths import SUBMISSIONS, TEST_TASKS

PLANTED = SUBMISSIONS
FOLDERS = sorted(
    path for path in PLANTED.glob("*/*/*") if path.is_dir() and not path.name.startswith("__")
)
EXPECT_FILE = "expect.toml"
REFUSED = "refused"
SECTIONS = {
    "A": ("labels and data", 1, 15),
    "B": ("the clock", 16, 32),
    "C": ("the memory counter", 33, 40),
    "D": ("forged results, process control", 41, 55),
    "E": ("hostile bytes", 56, 67),
    "F": ("archives and files", 68, 73),
    "G": ("exhaustion", 74, 80),
    "H": ("escape, network, collusion", 81, 85),
    "I": ("reports and people", 86, 92),
    "J": ("particular tasks", 93, 102),
}
BY_TIER = {
    "verdict": (str, list),
    "code": str,
    "says": str,
    "hint": str,
    "min_accuracy": float,
    "max_accuracy": float,
    "max_score": float,
    "max_speed_ratio": float,
    "min_peak_bytes": float,
    "min_latency_seconds": float,
    "max_log_bytes": int,
    "why": str,
}
KEYS = BY_TIER | {
    "attack": (str, list),
    "audit": str,
    "diagnosed": str,
    "hand_in": str,
    "tries": str,
    "process": dict,
}
FAILED = {
    Status.TIME_LIMIT_EXCEEDED,
    Status.MEMORY_LIMIT_EXCEEDED,
    Status.RUNTIME_ERROR,
    Status.INVALID_SUBMISSION,
}
NO_SCORE = {REFUSED, *FAILED}
BUSY_TRIES = 3  # what met a busy machine is graded again, as a batch does
LATE_SECONDS = 5.0  # what a run may last beyond all of its deadlines


def name_of(folder: Path) -> str:
    return folder.relative_to(PLANTED).as_posix()


def read_expectations(folder: Path) -> dict[str, Any]:
    path = folder / EXPECT_FILE
    found = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
    for table, keys in ((found, KEYS), (found.get("process", {}), BY_TIER)):
        unknown = {
            key for key, value in table.items() if not isinstance(value, keys.get(key, type(None)))
        }
        assert not unknown, f"{path} has {unknown}, which mean nothing here"
    assert "verdict" not in found, f"{path}: the folder's name is the verdict"
    assert "process" not in found or found["process"].get("why"), f"{path}: [process] needs why"
    return found


def expectations(folder: Path, tier: Tier = Tier.PROCESS) -> dict[str, Any]:
    """Return what must come of a planted submission in a tier; `verdicts`, one of which it must be,
    is always there.
    """
    expected: dict[str, Any] = {"verdicts": [folder.parent.name]} | read_expectations(folder)
    process = expected.pop("process", {})
    if tier is not Tier.PROCESS:
        return expected
    verdict = process.pop("verdict", None)
    if verdict is not None:
        expected = {key: value for key, value in expected.items() if key not in ("code", "says")}
        expected["verdicts"] = [verdict] if isinstance(verdict, str) else verdict
    return expected | process


def rows_of(folder: Path) -> list[str]:
    """Return the rows of the catalogue that a planted submission covers, as "B17"; none if it is no
    attack.
    """
    found = read_expectations(folder).get("attack", [])
    return [found] if isinstance(found, str) else found


def failures_of(task_id: str) -> list[Path]:
    """Return what is planted to fail in a task, or in a twin of it: a task of the tests named after
    it.
    """
    course = {task.id for task in all_tasks() if task.folder.parent == course_folder("tasks")}
    twins = {folder.parent.parent.name for folder in FOLDERS} - course
    names = {task_id, *(name for name in twins if name.startswith(f"{task_id}-"))}
    graded = [folder for folder in FOLDERS if folder.parent.name not in (REFUSED, Status.ACCEPTED)]
    return [folder for folder in graded if folder.parent.parent.name in names]


ATTACKS = [folder for folder in FOLDERS if rows_of(folder)]


def exam_of(folder: Path) -> str:
    return exam_of_task(folder.parent.parent.name)


@cache
def exam_of_task(task_id: str) -> str:
    """Return a task's exam, also while tests are collected, when GRADER_TASKS names no folder."""
    own = TEST_TASKS / task_id
    task = find_task_folder(own) if own.is_dir() else find_task(task_id)
    return task.spec.exam


def kinds_of(folder: Path) -> set[Hashable]:
    """Return the kinds of a planted submission, for a sample: the rows it covers, or its task where
    it is no attack; its verdict in its kind of exam; and each other way in which it is checked.
    """
    expected = read_expectations(folder)
    kinds: set[Hashable] = {("row", row) for row in rows_of(folder)}
    if not kinds:
        kinds.add(("task", folder.parent.parent.name))
    kinds.add(("verdict", exam_of(folder), folder.parent.name))
    for key in ("hand_in", "audit", "code", "diagnosed"):
        if key in expected:
            kinds.add((key, expected[key]))
    return kinds


def waits_for_its_end(folder: Path) -> float:
    """Return 1 for what is graded until a deadline ends it, or must be seen to be slow; else 0.

    The price of a case in a sample: most of such a grading is waiting, with nothing beside it.
    """
    must_be_slow = expectations(folder, Tier.CONTAINER).get("max_speed_ratio", 1.0) < 1.0
    return float(must_be_slow or folder.parent.name == Status.TIME_LIMIT_EXCEEDED)


def what_it_tries(folder: Path) -> str:
    said = read_expectations(folder).get("tries")
    if said is None:
        said = ast.get_docstring(ast.parse((folder / "solution.py").read_text("utf-8"))) or ""
    return str(said).partition("\n\n")[0].replace("\n", " ")


def packed(folder: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in sorted(folder.rglob("*.py")):
            archive.write(item, item.relative_to(folder))
    return path


def handed_in(folder: Path, into: Path) -> Path:
    """Return what is handed in of a planted submission: its folder, or what is made of it."""
    way = read_expectations(folder).get("hand_in")
    if way == "zip":
        return packed(folder, into / "solution.zip")
    if way != "made":
        assert way is None, f"{folder}: hand_in is zip or made"
        return folder
    spec = importlib.util.spec_from_file_location(f"make_{folder.name}", folder / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    empty = into / "made"
    empty.mkdir()
    made = module.make(empty)
    assert isinstance(made, Path)
    return made


def grade_planted(
    folder: Path, sandbox: Sandbox, scratch: Path, data: Path, *, with_par: bool = True
) -> Result | str:
    """Grade a planted submission on the small data in `data`; returns its result, or the message it
    was refused with.

    with_par: for the tests' own tasks; par of a task of the course is not trained here, which would
    take minutes. The doctor does not look at attacks: what it says is never scored.
    """
    task_id = folder.parent.parent.name
    path = handed_in(folder, scratch)
    try:
        submission, task = open_submission(
            path, scratch / "opened", task_id=task_id, author="tester"
        )
    except SubmissionRefused as refused:
        return str(refused)
    with_par = with_par and task.folder.parent != course_folder("tasks")
    audit = read_expectations(folder).get("audit", "")
    for _ in range(BUSY_TRIES):
        shutil.rmtree(scratch / "results", ignore_errors=True)
        result = grade(
            submission,
            task,
            sandbox,
            scratch / "results",
            data_folder=data,
            audit=audit,
            with_par=with_par,
            with_diagnosis=not rows_of(folder),
        )
        if result.verdict.code != Code.BUSY:
            return result
    pytest.skip(f"this machine is too busy: {result.verdict.reason}")


def deadline_seconds(task: Task) -> float:
    """Return what a run that passes each deadline once may last; a function task may need a box a
    function.
    """
    limits, budget = task.spec.limits, task.spec.budget
    boxes = len({group.partition("/")[0] for group in task.spec.scoring.groups}) or 1
    if budget is None:
        return boxes * (2 * limits.load_seconds + limits.call_seconds)
    further = FURTHER_SECONDS + limits.call_seconds
    return 2 * limits.load_seconds + budget.cpu_seconds + further


def assert_as_expected(folder: Path, graded: Result | str, tier: Tier, results: Path) -> None:
    """Hold a graded submission against its folder's name and its expect.toml."""
    expected = expectations(folder, tier)
    if isinstance(graded, str):
        assert expected["verdicts"] == [REFUSED], f"refused: {graded}"
        assert expected["says"] in graded
        assert not results.exists()
        return
    verdict, measured = graded.verdict, graded.measurements
    assert verdict.status in expected["verdicts"], f"{verdict.status}: {verdict.reason}"
    if "code" in expected:
        assert verdict.code == expected["code"], verdict.reason
    assert expected.get("says", "") in verdict.reason
    if "hint" in expected:
        hints = [group.hint for group in graded.cases]
        assert any(expected["hint"] in hint for hint in hints), hints
    assert bool(verdict.reason) == (verdict.status is not Status.ACCEPTED)
    if "diagnosed" in expected:
        essential = [each.code for each in graded.diagnoses if each.severity == "essential"]
        assert next(iter(essential), "") == expected["diagnosed"]
    if "min_accuracy" in expected:
        assert measured["accuracy"].value >= expected["min_accuracy"]
    if "max_accuracy" in expected and "accuracy" in measured:
        assert measured["accuracy"].value <= expected["max_accuracy"]
    if "max_score" in expected:
        assert graded.score is not None
        assert graded.score.total <= expected["max_score"]
    if "max_speed_ratio" in expected and "speed_ratio" in measured:
        assert measured["speed_ratio"].value <= expected["max_speed_ratio"]
    if "min_peak_bytes" in expected:
        assert measured["peak_memory_bytes"].value >= expected["min_peak_bytes"]
    if "min_latency_seconds" in expected:
        assert measured["latency_seconds"].value >= expected["min_latency_seconds"]
    assert_one_result(graded, results, expected)


def assert_one_result(result: Result, results: Path, expected: dict[str, Any]) -> None:
    """Whatever it did: one result on disk, the same as returned, and scored alike when scored
    again.
    """
    assert store.load_results(results) == ([result], [])
    assert len(store.read_log(results, result)) <= expected.get("max_log_bytes", 50_000)
    assert not Path("pickle-was-opened").exists()
    assert result.score is not None
    if result.verdict.status in FAILED and not result.cases:
        assert result.score.total == 0
    task = find_task(result.task.id)
    assert rescore(result, task) == result
    again, _ = (
        score_run(task.spec.scoring, result.measurements, result.cases)
        if result.measurements
        else (None, None)
    )
    assert again is None or again.total >= result.score.total
