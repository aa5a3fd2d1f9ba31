"""The complete tasks in docs/teach/tasks/ are really graded, starter and reference of each, and
the code on pages that say how to add something runs.

A page gives each file of a task as a code block whose title is the file's path. They are written to
disk as a reader would, and graded in plain processes. Data that would have to be fetched is made up
here, so that a figure says little; test_documented_claims.py grades the same tasks on the real
data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from support.documented import (
    DOCUMENTED,
    FOLDER,
    TASK_PAGES,
    files_of,
    reference_of,
    write_documented_tasks,
)
from support.paths import ROOT

from grader.course.curriculum import find_task
from grader.course.dataset import comes_with
from grader.course.known_names import exam_names
from grader.records import Result, Status

DATA_SET_PAGE = ROOT / "docs" / "build" / "adding-a-data-set.md"
COMMAND_PAGE = ROOT / "docs" / "build" / "adding-a-command.md"
# Made-up pictures are one pattern a class and noise: whoever draws them well is near to all of
# them, which is flagged as copying.
GRADED = (Status.ACCEPTED, Status.BELOW_TARGET, Status.FLAGGED)


@pytest.fixture(scope="module", autouse=True)
def documented_tasks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The documented tasks as folders, which the grader finds."""
    with pytest.MonkeyPatch.context() as patch:
        folder = write_documented_tasks(tmp_path_factory.mktemp("documented"))
        patch.setenv("GRADER_TASKS", str(folder))
        yield


def documented_module(page: Path) -> ModuleType:
    """Return the one Python file that a page shows, as a module."""
    ((name, source),) = files_of(page).items()
    module = ModuleType(Path(name).stem)
    exec(compile(source, str(page), "exec"), module.__dict__)
    return module


def test_every_kind_of_exam_has_a_page_with_a_task() -> None:
    missing = set(exam_names()) - set(DOCUMENTED)
    assert not missing, (
        f"docs/teach/tasks/ has no page named after {', '.join(sorted(missing))} with a task of "
        "that kind of exam: its task.toml as a code block with the file's path as title"
    )
    for kind, task in DOCUMENTED.items():
        assert f"{FOLDER}/{task}/README.md" in files_of(TASK_PAGES / f"{kind}.md")


@pytest.mark.parametrize("kind", DOCUMENTED)
def test_a_documented_task_grades_its_starter_and_its_reference(
    kind: str, small_data: Path, grade_folder: Callable[..., Result]
) -> None:
    task = find_task(DOCUMENTED[kind])
    starter = grade_folder(task.starter, task.id, data_folder=small_data)
    reference = grade_folder(reference_of(task.folder), task.id, data_folder=small_data)
    assert starter.verdict.status in GRADED, starter.verdict
    assert reference.verdict.status in GRADED, reference.verdict
    assert starter.score is not None
    assert reference.score is not None
    assert reference.score.total > starter.score.total
    if not task.spec.dataset or comes_with(task.spec.dataset):
        assert starter.verdict.status is Status.BELOW_TARGET, starter.verdict
        assert reference.verdict.status is Status.ACCEPTED, reference.verdict


def test_the_documented_data_set_is_one() -> None:
    wine = documented_module(DATA_SET_PAGE)
    dataset = wine.load(Path())
    assert dataset.train_inputs.shape == (118, 13)
    assert np.bincount(dataset.hidden_labels).tolist() == [20, 20, 20]
    rows = np.concatenate([dataset.train_inputs, dataset.hidden_inputs])
    assert len(np.unique(rows, axis=0)) == len(rows)
    small = wine.stand_in(np.random.default_rng(0))
    copies = wine.perturb(small.hidden_inputs, np.random.default_rng(1))
    assert (copies.dtype, copies.shape) == (np.float32, (30, 13))
    assert not np.array_equal(copies, small.hidden_inputs)


def test_the_documented_command_counts_results(
    results: Path, grade_folder: Callable[..., Result], capsys: pytest.CaptureFixture[str]
) -> None:
    reference = find_task("neuron").references[0]
    grade_folder(reference, "neuron")
    grade_folder(reference, "neuron")
    command = documented_module(COMMAND_PAGE)
    command.count(results)
    assert capsys.readouterr().out.split() == ["2", "tester"]
