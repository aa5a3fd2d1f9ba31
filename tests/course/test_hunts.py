"""Bug hunts: what is planted is noticed by measurements alone, and inputs that break a function are
judged safely.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.paths import SUBMISSIONS

from grader.commands.parts.checking import check_submission
from grader.course.curriculum import Task, all_tasks, course_folder, find_task
from grader.doctor.entries import catalogue
from grader.doctor.hunt import check_hunt, hunt
from grader.doctor.observables.answers import MEASURED
from grader.errors import TaskError
from grader.exams.function_cases.cases import load_functions
from grader.exams.function_cases.counterexample import MOST_ELEMENTS, Wanted, counterexample
from grader.exams.session import Silent
from grader.grading.pipeline import rescore
from grader.records import CaseGroup, Result, Status, Verdict
from grader.sandbox.box import Value
from grader.tutor.findings import findings_of

COURSE = [task for task in all_tasks() if task.folder.parent == course_folder("tasks")]
HUNTS = [task for task in COURSE if task.id.startswith("hunt-")]
MENDED = [task for task in HUNTS if task.spec.exam == "classification"]
BROKEN = [task for task in HUNTS if any(path.name == "numpy" for path in task.references)]
NOISY = {"repeat_change": 0.2, "repeat_agreement": 0.97, "train_accuracy": 0.97, "label_share": 0.1}
STILL = {"repeat_change": 0.0, "permuted_change": 1e-7, "alone_change": 1e-7}
BOUNDS = {"repeat_change": 0.001, "permuted_change": 0.001, "alone_change": 0.001}


def by_id(tasks: list[Task]) -> list[Any]:
    return [pytest.param(task, id=task.id) for task in tasks]


def test_there_are_hunts_of_both_kinds_and_none_is_needed_first() -> None:
    assert len(HUNTS) >= 8
    assert len(MENDED) >= 3
    assert len(BROKEN) >= 3
    assert not {need for task in COURSE for need in task.spec.needs} & {task.id for task in HUNTS}


@pytest.mark.parametrize("task", by_id(HUNTS))
def test_a_hunt_comes_soon_after_what_it_needs(task: Task) -> None:
    before = [each.id for each in COURSE[: COURSE.index(task)] if each not in HUNTS]
    assert before[-1] in task.spec.needs


# What is planted in a classifier.


@pytest.mark.parametrize("task", by_id(MENDED))
def test_what_a_hunt_names_is_known_and_can_be_measured(task: Task) -> None:
    table = task.spec.hunt
    check_hunt(table.absent, table.at_most)
    assert table.absent
    assert table.at_most
    for code in table.absent:
        names = [
            {name for condition in sign.all for name in condition.names()}
            for sign in catalogue()[code].signs
        ]
        assert sum(each <= MEASURED.keys() for each in names) >= 2, (
            f"{code} needs the source or a told loss"
        )


@pytest.mark.parametrize(
    ("absent", "at_most"), [(["no_such_mistake"], {}), ([], {"last_loss": 1.0})]
)
def test_what_nobody_measures_is_the_tasks_trouble(
    absent: list[str], at_most: dict[str, float]
) -> None:
    with pytest.raises(TaskError, match=r"\[hunt\]"):
        check_hunt(absent, at_most)


def test_a_planted_mistake_is_told_by_its_signs_without_its_name() -> None:
    found = hunt(NOISY, ["dropout_left_on"], {})
    assert any("asked twice" in sign for sign in found.signs)
    assert not any("dropout" in sign.lower() for sign in found.signs)
    assert found.diagnoses == []


def test_a_mended_one_shows_nothing() -> None:
    found = hunt(STILL, ["dropout_left_on"], BOUNDS)
    assert (found.signs, found.diagnoses) == ((), [])


def test_a_bound_tells_what_the_catalogue_does_not() -> None:
    assert len(hunt(STILL | {"permuted_change": 0.3}, ["dropout_left_on"], BOUNDS).signs) == 1


def test_what_was_not_measured_is_not_mended() -> None:
    [sign] = hunt({"repeat_change": 0.0, "permuted_change": 0.0}, [], BOUNDS).signs
    assert "could not be measured" in sign


def test_what_the_submission_tells_decides_nothing() -> None:
    told = {
        "last_loss": 0.1,
        "as_variance": 0.0,
        "source_uses_dropout": 0.0,
        "first_loss": 99.0,
        "steps": 0.0,
    }
    assert (
        hunt(NOISY | told, ["dropout_left_on"], BOUNDS).signs
        == hunt(NOISY, ["dropout_left_on"], BOUNDS).signs
    )
    assert hunt(STILL | told, list(catalogue()), BOUNDS).signs == ()


def test_another_mistake_is_still_named_once_the_planted_one_is_gone() -> None:
    softmax = {
        "column_sum_gap": 0.0,
        "row_sum_gap": 0.5,
        "alone_flatness": 0.0,
        "input_spread": 0.1,
    }
    found = hunt(STILL | softmax, ["dropout_left_on"], BOUNDS)
    assert [each.code for each in found.diagnoses] == ["softmax_over_batch"]
    assert found.signs == ()


def test_the_hints_of_a_hunt_are_stages_without_name_and_place() -> None:
    task = find_task("hunt-two-answers")
    verdict = Verdict(
        status=Status.BELOW_TARGET,
        code="symptom",
        reason="the planted mistake is still there: noise",
    )
    [finding] = findings_of(task, [], [], verdict, "a sentence")
    entry = catalogue()["dropout_left_on"]
    assert finding.stages == list(entry.hints)
    assert finding.about == verdict.reason
    assert entry.title not in finding.about


def test_a_planted_mistake_brings_no_points_and_stays_so_when_rescored(
    grade_folder: Callable[..., Result],
) -> None:
    folder = SUBMISSIONS / "hunt-two-answers" / "below_target" / "reads_the_clock"
    result = grade_folder(folder, "hunt-two-answers")
    assert result.measurements["accuracy"].value > 0.94
    assert result.score is not None
    assert (result.score.total, result.verdict.code) == (0, "symptom")
    again = rescore(result, find_task("hunt-two-answers"))
    assert (again.score, again.verdict) == (result.score, result.verdict)
    assert not any("eval()" in note for note in result.notes)


def test_a_check_tells_of_the_planted_mistake_and_does_not_stop_a_hand_in(
    tmp_path: Path,
) -> None:
    folder = SUBMISSIONS / "hunt-two-answers" / "below_target" / "reads_the_clock"
    outcome = check_submission(
        folder, tmp_path, task_id="hunt-two-answers", sandbox_name="process", progress=Silent()
    )
    assert outcome.outcome.failure is not None
    assert outcome.outcome.failure.code == "symptom"
    assert not outcome.ready
    assert not outcome.failed


# Inputs that break a function.


def doubled(x: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Right for small numbers alone."""
    assert x.shape == (3,)
    if x[0] == 5:
        raise ValueError("five")
    return np.where(x > 6, np.nan, np.where(x > 2, x, 2 * x)) if x[0] != 6 else np.zeros(2)


def right(x: np.ndarray, label: np.ndarray) -> np.ndarray:
    return 2 * x if x[1] >= 0 else x / 0


JUDGE = counterexample(
    doubled, right, lambda n: [Wanted((n,), -9.0, 9.0), Wanted((), 0, 4, whole=True)], by=0.5
)


def judged(x: Any, label: Any = 1) -> str:
    """Return what is wrong with an input; empty if it breaks the function."""
    problem = JUDGE((3,), [Value.of(x), Value.of(label)])
    return "" if problem is None else problem.what


@pytest.mark.parametrize(
    "first", [3.0, 5.0, 6.0, 7.0], ids=["value", "exception", "shape", "not finite"]
)
def test_an_input_that_breaks_the_function_is_right(first: float) -> None:
    assert judged(np.array([first, 0.0, 0.0])) == ""
    assert judged(np.array([first, 0.0, 0.0], dtype=np.float32)) == ""


def test_an_input_that_breaks_nothing_is_told_with_both_answers() -> None:
    problem = JUDGE((3,), [Value.of(np.array([1.0, 0.0, 0.0])), Value.of(1)])
    assert problem is not None
    assert problem.what == "doubled() gets this right"
    assert any("gives  [2., 0., 0.]" in note for note in problem.notes)


def test_wrong_by_less_than_asked_for_is_not_enough() -> None:
    assert judged(np.array([2.0001, 0.0, 0.0])) == ""
    near = counterexample(lambda x: x * 1.001, lambda x: x, lambda: [Wanted((), 0.0, 9.0)])
    assert near((), [Value.of(8.0)]) is not None


@pytest.mark.parametrize(
    ("x", "label", "said"),
    [
        ("a text", 1, "wrong type"),
        (np.zeros(2), 1, "wrong shape"),
        (np.zeros((10**6,)), 1, "wrong shape"),
        (np.zeros(3, dtype=bool), 1, "wrong dtype"),
        (np.zeros(3), 1.0, "wrong dtype"),
        (np.array([np.inf, 0, 0]), 1, "not finite"),
        (np.array([10.0, 0, 0]), 1, "out of range"),
        (np.zeros(3), 5, "out of range"),
        (np.zeros(3), -1, "out of range"),
        (np.array([0.0, -1.0, 0.0]), 1, "no right answer"),
    ],
)
def test_what_does_not_fit_is_never_tried(x: Any, label: Any, said: str) -> None:
    assert judged(x, label) == said


def test_neither_function_sees_what_the_other_changed() -> None:
    def spoils(x: np.ndarray) -> float:
        x[:] = 99.0
        return 0.0

    judge = counterexample(lambda x: float(x.sum()), spoils, lambda: [Wanted((2,), -1.0, 1.0)])
    assert judge((), [Value.of(np.zeros(2))]) is not None


def test_an_input_may_not_be_large() -> None:
    judge = counterexample(np.sum, np.sum, lambda: [Wanted((MOST_ELEMENTS + 1,), 0.0, 1.0)])
    with pytest.raises(TaskError, match="may hold"):
        judge((), [Value.of(np.zeros(MOST_ELEMENTS + 1))])


@pytest.mark.parametrize("task", by_id(BROKEN))
def test_the_lesson_and_the_starter_print_the_very_functions_that_are_tried(task: Task) -> None:
    load_functions(task)
    module = sys.modules[f"grader_task_{task.id.replace('-', '_')}"]
    lesson, starter = (
        (task.folder / "README.md").read_text(),
        (task.starter / "solution.py").read_text(),
    )
    tried = [
        cell.cell_contents.__name__
        for function in load_functions(task)
        for name, cell in zip(
            function.judge.__code__.co_freevars, function.judge.__closure__, strict=True
        )
        if name == "wrong"
    ]
    assert len(tried) >= 3
    for name in tried:
        source = inspect.getsource(getattr(module, name))
        assert source in lesson
        assert source in starter


@pytest.mark.parametrize("task", by_id([task for task in HUNTS if task.spec.exam == "functions"]))
def test_the_hints_of_a_function_hunt_speak_of_its_functions(task: Task) -> None:
    functions = {function.name for function in load_functions(task)}
    own = {
        key for key in task.spec.hints if key not in set(Status) and not key.startswith("score<")
    }
    assert own
    assert own <= functions
    name = sorted(own)[0]
    wrong = CaseGroup(
        function=name, group="found", status="fail", cases=3, passed=0, message="x = 1", hint=""
    )
    [finding] = findings_of(task, [wrong], [], None)
    # The stage before it stands below.
    assert finding.stages[1] == f"{task.spec.hints[name]}\n{finding.stages[0]}"
