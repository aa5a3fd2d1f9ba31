"""What holds for every task of the course: its references are accepted, and a submission that does
nothing is not.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.constant_box import ConstantSandbox
from support.course import FUNCTION_TASKS, SEEDS, TASKS, agrees, drawn
from support.planted import failures_of
from support.sampling import parameters, sample

from grader.commands.parts.checking import check_submission
from grader.course.curriculum import Task
from grader.course.fetch import FOLDERS
from grader.exams.function_cases.cases import Function, as_tuple, load_functions
from grader.exams.session import Silent
from grader.records import Result, Status, Tier
from grader.sandbox.box import Value
from grader.sandbox.choose import choose_sandbox

ONE_OF_EACH_EXAM = ("mnist", "gan", "text-generation")  # of those whose data is fetched
FETCHED = [task for task in TASKS if task.spec.dataset in FOLDERS]


def by_id(tasks: list[Task]) -> list[Any]:
    return [pytest.param(task, id=task.id) for task in tasks]


def marks(task: Task) -> list[pytest.MarkDecorator]:
    """A task on a data set that is fetched needs it, and training on it takes minutes."""
    return [pytest.mark.data, pytest.mark.nightly] if task in FETCHED else []


def marks_of_starter(task: Task) -> list[pytest.MarkDecorator]:
    """A starter trains on real data: stand-ins are so easy that some would pass.

    That of gan trains for longest; by day test_documented_tasks.py has the starter of a generator.
    """
    is_by_day = task.id in ONE_OF_EACH_EXAM and task.spec.exam != "generation"
    return [pytest.mark.data] if is_by_day else marks(task)


def wanted(folder: Path) -> Status:
    """Return the verdict a reference claims: some are there to show what must not pass."""
    head = (folder / "solution.py").read_text("utf-8").partition("\n")[0]
    if "must be flagged" in head:
        return Status.FLAGGED
    return Status.BELOW_TARGET if "must not pass" in head else Status.ACCEPTED


def references() -> list[Any]:
    """Return all references; by day one of each task and verdict of those without a download."""
    pairs = [(task, folder) for task in TASKS for folder in task.references]

    def name_of(pair: tuple[Task, Path]) -> str:
        return f"{pair[0].id}/{pair[1].name}"

    def kinds_of(pair: tuple[Task, Path]) -> list[Hashable]:
        return [(pair[0].id, wanted(pair[1]))]

    here = [pair for pair in pairs if pair[0] not in FETCHED]
    by_day = sample(here, kinds_of, name_of)
    marked = parameters(pairs, by_day, name_of, lambda pair: marks(pair[0]))
    return [pytest.param(*each.values[0], id=each.id, marks=each.marks) for each in marked]


def test_there_are_tasks() -> None:
    assert {"neuron", "digits", "mnist"} <= {task.id for task in TASKS}


@pytest.mark.parametrize("task", by_id(TASKS))
def test_a_task_is_whole(task: Task) -> None:
    lesson = (task.folder / "README.md").read_text("utf-8")
    assert "grader run" in lesson
    assert (task.starter / "solution.py").is_file()
    assert task.references, f"reference/{task.id} has no solution"
    assert task.spec.about.endswith(".")
    if task.spec.par:
        assert task.spec.par in [folder.name for folder in task.references]


@pytest.mark.parametrize("task", by_id(TASKS))
def test_a_failure_is_planted(task: Task) -> None:
    """tests/test_submissions.py grades it in a process, tests/test_attacks.py in a container."""
    planted = failures_of(task.id)
    assert planted, (
        f"tests/data/submissions/{task.id} needs one, such as "
        "below_target/<what is wrong>/solution.py"
    )
    assert all((folder / "solution.py").is_file() for folder in planted)


@pytest.mark.parametrize(("task", "folder"), references())
def test_a_reference_gets_the_verdict_it_claims(
    task: Task, folder: Path, grade_folder: Callable[..., Result]
) -> None:
    result = grade_folder(folder, task.id)
    assert result.verdict.status is wanted(folder), result.verdict.reason
    assert result.score is not None
    if task.spec.exam == "functions":
        assert result.score.total == 100
    if task.id == "digits":
        assert result.diagnoses == []


def with_par() -> list[Any]:
    """Return the tasks that have a par: of those whose data is fetched one of each exam by day."""
    parameters = []
    for task in TASKS:
        waits = task in FETCHED and task.id not in ONE_OF_EACH_EXAM
        marks = [pytest.mark.nightly] if waits else []
        if task.spec.par:
            parameters.append(pytest.param(task, id=task.id, marks=marks))
    return parameters


@pytest.mark.parametrize("task", with_par())
def test_par_trains_on_as_few_examples_as_there_are(task: Task, tmp_path: Path) -> None:
    """In the timed phase its box holds what a sliver of the training set made of it; stand-ins are
    as few.
    """
    assert task.reference_folder is not None
    path = task.reference_folder / task.spec.par
    outcome = check_submission(
        path, tmp_path, task_id=task.id, sandbox_name="process", progress=Silent(), advising=False
    )
    assert outcome.ready, outcome.outcome.failure


def in_containers() -> list[Any]:
    """Return all references: the first of each exam that needs no download, the rest at night."""
    parameters = []
    exams: set[str] = set()
    for task in TASKS:
        for folder in task.references:
            chosen = marks(task)
            if not chosen and task.spec.exam in exams:
                chosen = [pytest.mark.nightly]
            if not chosen:
                exams.add(task.spec.exam)
            name = f"{task.id}/{folder.name}"
            parameters.append(pytest.param(task, folder, id=name, marks=chosen))
    return parameters


@pytest.mark.docker
@pytest.mark.parametrize(("task", "folder"), in_containers())
def test_a_reference_gets_the_verdict_it_claims_in_a_container(
    task: Task, folder: Path, grade_folder: Callable[..., Result]
) -> None:
    result = grade_folder(
        folder, task.id, choose_sandbox("container", task.spec.exam), with_par=False
    )
    assert result.tier is Tier.CONTAINER
    assert result.verdict.status is wanted(folder), result.verdict.reason


def assert_scores_low(result: Result) -> None:
    assert result.verdict.status not in (Status.ACCEPTED, Status.GRADER_ERROR), result.verdict
    assert result.score is not None
    assert result.score.total < 50


@pytest.mark.parametrize(
    "task", [pytest.param(task, id=task.id, marks=marks_of_starter(task)) for task in TASKS]
)
def test_the_starter_is_not_accepted_and_scores_low(
    task: Task, grade_folder: Callable[..., Result]
) -> None:
    assert_scores_low(grade_folder(task.starter, task.id, with_par=False))


def constants() -> list[Any]:
    """Return every task with either answer; by day each task with one, each kind of exam with both,
    on each data set.
    """
    pairs = [(task, value) for task in TASKS for value in (0, 1)]

    def name_of(pair: tuple[Task, int]) -> str:
        return f"{pair[0].id}-{pair[1]}"

    def kinds_of(pair: tuple[Task, int]) -> list[Hashable]:
        task, value = pair
        return [task.id, (task.spec.exam, task.spec.dataset, value)]

    return [
        pytest.param(*each.values[0], id=each.id, marks=each.marks)
        for each in parameters(pairs, sample(pairs, kinds_of, name_of), name_of)
    ]


@pytest.mark.parametrize(("task", "value"), constants())
def test_constant_answers_are_not_accepted_and_score_low(
    task: Task, value: int, small_data: Path, grade_folder: Callable[..., Result]
) -> None:
    """The starter stands for what is handed in: nothing of it is run."""
    sandbox = ConstantSandbox(value)
    assert_scores_low(
        grade_folder(task.starter, task.id, sandbox, with_par=False, data_folder=small_data)
    )


@pytest.mark.data
@pytest.mark.nightly
@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize("task", by_id(FETCHED))
def test_constant_answers_score_low_on_the_real_data(
    task: Task, value: int, grade_folder: Callable[..., Result]
) -> None:
    assert_scores_low(grade_folder(task.starter, task.id, ConstantSandbox(value), with_par=False))


# Function tasks.


FUNCTIONS = [
    pytest.param(task, function, id=f"{task.id}/{function.name}")
    for task in FUNCTION_TASKS
    for function in load_functions(task)
]


@pytest.mark.parametrize(("task", "function"), FUNCTIONS)
def test_the_right_answer_agrees_with_itself_and_is_finite(task: Task, function: Function) -> None:
    for case in drawn(function):
        answer = function.answer(*case)
        assert agrees(task, function, case, answer)
        for item in as_tuple(answer, function):
            if not isinstance(item, str | list):
                assert np.isfinite(np.asarray(item, dtype=np.float64)).all()


@pytest.mark.parametrize(("task", "function"), FUNCTIONS)
def test_every_group_has_cases_and_a_small_one_comes_first(task: Task, function: Function) -> None:
    for group in function.groups:
        for seed in SEEDS:
            sizes = [
                sum(np.size(item) for item in case)
                for case in group.cases(np.random.default_rng(seed))
            ]
            assert sizes, f"{function.name}/{group.name} has no cases"
            assert sizes[0] <= np.median(sizes), (
                f"{function.name}/{group.name} starts with a large case: {sizes}"
            )


@pytest.mark.parametrize(("task", "function"), FUNCTIONS)
def test_the_arguments_can_travel(task: Task, function: Function) -> None:
    from grader.runner.frames import CODES

    for case in drawn(function):
        for item in case:
            content = Value.of(item).content
            assert isinstance(content, list) or content.dtype in CODES


@pytest.mark.parametrize(("task", "function"), FUNCTIONS)
def test_every_listed_mistake_fails_with_every_draw(task: Task, function: Function) -> None:
    def passes(wrong: Callable[..., Any], case: tuple[Any, ...]) -> bool:
        with np.errstate(all="ignore"):
            try:
                return agrees(task, function, case, wrong(*case))
            except Exception:
                return False

    for seed in SEEDS:
        cases = drawn(function, [seed])
        for mistake, wrong in function.mistakes.items():
            assert not all(passes(wrong, case) for case in cases), (
                f"{mistake!r} would pass {function.name}()"
            )


@pytest.mark.parametrize(("task", "function"), FUNCTIONS)
def test_the_right_answer_does_not_change_its_arguments(task: Task, function: Function) -> None:
    for case in drawn(function)[:20]:
        before = [np.array(item, copy=True) for item in case]
        function.answer(*case)
        for old, new in zip(before, case, strict=True):
            np.testing.assert_array_equal(old, np.asarray(new))
