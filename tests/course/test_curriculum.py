"""Tasks on disk: what is wrong with one is said with its file and its key; adding one needs no
other edit.
"""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from grader.course.curriculum import (
    all_tasks,
    broken_tasks,
    course_folder,
    find_task,
    load_task,
)
from grader.course.known_names import metric_names
from grader.course.task_file import STAGES
from grader.course.versions import digest, what_code_does
from grader.errors import DataError, TaskError, UsageError
from grader.exams.function_cases import former_imports
from grader.exams.function_cases.cases import load_functions

GOOD = """
id = "NAME"
title = "A task"
about = "About it."
stage = "networks"
order = 5
exam = "classification"
dataset = "digits"
classes = 10

[budget]
cpu_seconds = 5

[scoring]
curve = [[0.1, 0.0], [1.0, 1.0]]
gate = 0.9
"""


def write_task(
    parent: Path, name: str = "made-up", text: str = GOOD, code: str | None = None
) -> Path:
    folder = parent / name
    folder.mkdir(parents=True)
    (folder / "task.toml").write_text(text.replace("NAME", name))
    if code is not None:
        (folder / "task.py").write_text(code)
    return folder


def test_a_task_is_read_with_its_defaults(tmp_path: Path) -> None:
    task = load_task(write_task(tmp_path))
    assert (task.id, task.spec.limits.memory_mib, task.spec.batch) == ("made-up", 2048, 256)
    assert task.spec.scoring.points.accuracy == 100


BROKEN = {
    "an unknown key": (GOOD.replace("order = 5", "order = 5\ncolour = 'red'"), "colour"),
    "an unknown key in a table": (
        GOOD.replace("gate = 0.9", "gate = 0.9\ngates = 1"),
        "scoring.gates",
    ),
    "a missing key": (GOOD.replace('title = "A task"\n', ""), "title"),
    "a missing table": (GOOD.partition("[scoring]")[0], "scoring"),
    "a wrong type": (GOOD.replace("order = 5", 'order = "first"'), "order"),
    "an unknown stage": (GOOD.replace('"networks"', '"<webs>"'), "stage"),
    "a negative budget": (
        GOOD.replace("cpu_seconds = 5", "cpu_seconds = -5"),
        "budget.cpu_seconds",
    ),
    "too little memory": (GOOD + "\n[limits]\nmemory_mib = 1\n", "limits.memory_mib"),
    "fewer than no examples": (GOOD + "\n[data]\nper_class = -1\n", "data.per_class"),
    "an unknown corruption": (GOOD + '\n[probes]\ncorruptions = ["rust"]\n', "probes.corruptions"),
    "a corruption twice": (
        GOOD + '\n[probes]\ncorruptions = ["blur", "blur"]\n',
        "lists one name twice",
    ),
    "a probe of functions": (
        GOOD.replace('"classification"', '"functions"') + '\n[probes]\ncorruptions = ["blur"]\n',
        "exam = 'functions'",
    ),
    "a curve that falls": (
        GOOD.replace("[[0.1, 0.0], [1.0, 1.0]]", "[[0.1, 0.5], [0.5, 0.2], [1.0, 1.0]]"),
        "curve",
    ),
    "a curve that turns back": (
        GOOD.replace("[[0.1, 0.0], [1.0, 1.0]]", "[[0.5, 0.0], [0.1, 1.0]]"),
        "curve",
    ),
    "a curve of one point": (GOOD.replace("[[0.1, 0.0], [1.0, 1.0]]", "[[1.0, 1.0]]"), "curve"),
    "a curve that stops below one": (GOOD.replace("[1.0, 1.0]]", "[1.0, 0.9]]"), "curve"),
    "points that are not a hundred": (
        GOOD + "\n[scoring.points]\naccuracy = 70\nspeed = 20\n",
        "scoring.points",
    ),
    "an id with capitals": (GOOD.replace('"NAME"', '"Made Up"'), "id"),
    "text that is not TOML": ("id = ", "not valid TOML"),
}


@pytest.mark.parametrize(("text", "key"), BROKEN.values(), ids=BROKEN)
def test_a_broken_task_names_its_file_and_the_key(tmp_path: Path, text: str, key: str) -> None:
    folder = write_task(tmp_path, text=text)
    with pytest.raises(TaskError) as caught:
        load_task(folder)
    assert str(folder / "task.toml") in str(caught.value)
    assert key in str(caught.value)


def test_bytes_that_are_not_text_are_a_broken_task(tmp_path: Path) -> None:
    folder = write_task(tmp_path)
    (folder / "task.toml").write_bytes(b"id = '\xff\xfe'")
    with pytest.raises(TaskError, match=r"task\.toml"):
        load_task(folder)


def test_a_folder_called_otherwise_than_its_id_is_broken(tmp_path: Path) -> None:
    folder = write_task(tmp_path, "one")
    other = folder.rename(tmp_path / "other")
    with pytest.raises(TaskError, match=r"'one'.*'other'"):
        load_task(other)


def test_a_folder_without_task_toml_is_broken(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"no task\.toml"):
        load_task(tmp_path)


FUNCTION_TASK = (
    GOOD.replace('"classification"', '"functions"') + '\n[scoring.groups]\n"f/typical" = 1\n'
)
TASK_CODE = """
from grader import Function, Group
FUNCTIONS = [Function("f", lambda x: x, [Group("typical", lambda draw: [(1.0,)])])]
"""


def test_a_function_task_needs_its_cases(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"no task\.py"):
        load_task(write_task(tmp_path, text=FUNCTION_TASK))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1/0", "ZeroDivisionError"),
        ("import no_such_module_here", "no_such_module_here"),
        ("x = 1", "FUNCTIONS"),
        ("FUNCTIONS = []", "FUNCTIONS"),
        ("FUNCTIONS = [1]", "FUNCTIONS"),
        (TASK_CODE.replace("typical", "edge"), "f/edge"),
    ],
)
def test_a_task_py_that_is_broken_is_said(tmp_path: Path, code: str, said: str) -> None:
    task = load_task(write_task(tmp_path, text=FUNCTION_TASK, code=code))
    with pytest.raises(TaskError) as caught:
        load_functions(task)
    assert str(task.folder / "task.py") in str(caught.value)
    assert said in str(caught.value)


def test_a_whole_function_task_loads(tmp_path: Path) -> None:
    [function] = load_functions(load_task(write_task(tmp_path, text=FUNCTION_TASK, code=TASK_CODE)))
    assert function.name == "f"


def test_an_unknown_task_suggests_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean 'digits'"):
        find_task("digit")
    with pytest.raises(UsageError, match="no task 'zzzzzz'"):
        find_task("zzzzzz")


@pytest.mark.parametrize("name", ["", ".", "..", "../tasks/digits", "/etc", "a/b"])
def test_a_path_is_no_task_id(name: str) -> None:
    with pytest.raises(UsageError):
        find_task(name)


def test_a_folder_in_grader_tasks_adds_tasks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_task(tmp_path / "mine")
    monkeypatch.setenv("GRADER_TASKS", str(tmp_path / "mine"))
    assert find_task("made-up").spec.title == "A task"
    listed = [task.id for task in all_tasks()]
    assert "made-up" in listed
    assert "digits" in listed


def test_grader_tasks_that_names_no_folder_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_TASKS", str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match="GRADER_TASKS"):
        all_tasks()


def test_of_two_tasks_of_one_name_the_first_is_used_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_task(tmp_path, "digits")
    monkeypatch.setenv("GRADER_TASKS", str(tmp_path))
    (problem,) = broken_tasks()
    assert "two tasks are called 'digits'" in problem
    (digits,) = [task for task in all_tasks() if task.id == "digits"]
    assert digits.folder.parent == course_folder("tasks")


def test_a_need_that_does_not_exist_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_task(tmp_path, text=GOOD.replace("order = 5", 'order = 5\nneeds = ["alchemy"]'))
    monkeypatch.setenv("GRADER_TASKS", str(tmp_path))
    (problem,) = broken_tasks()
    assert "'made-up' needs 'alchemy'" in problem
    assert "made-up" in [task.id for task in all_tasks()]


BROKEN_FOLDERS = {
    "no TOML": ("task.toml", "id = "),
    "an unknown exam": ("task.toml", GOOD.replace('"classification"', '"clasification"')),
    "an unknown data set": ("task.toml", GOOD.replace('"digits"', '"digts"')),
    "a broken data set beside it": ("dataset.toml", 'name = "digits"\nlabels = 3'),
}


@pytest.mark.parametrize(("file", "text"), BROKEN_FOLDERS.values(), ids=BROKEN_FOLDERS)
def test_one_broken_task_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str
) -> None:
    folder = write_task(tmp_path, "broken")
    (folder / file).write_text(text.replace("NAME", "broken"))
    write_task(tmp_path, "whole")
    monkeypatch.setenv("GRADER_TASKS", str(tmp_path))
    listed = [task.id for task in all_tasks()]
    assert "whole" in listed
    assert "digits" in listed
    assert "broken" not in listed
    assert str(folder / file) in "".join(broken_tasks())
    with pytest.raises((TaskError, DataError)):
        find_task("broken")


def test_a_stage_of_your_own_comes_after_those_of_the_course(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_task(tmp_path, "ours", GOOD.replace('"networks"', '"our own weeks"'))
    monkeypatch.setenv("GRADER_TASKS", str(tmp_path))
    assert all_tasks()[-1].spec.stage == "our own weeks"


def test_tasks_come_in_the_order_of_the_curriculum_after_what_they_need() -> None:
    tasks = all_tasks()
    places = [(STAGES.index(task.spec.stage), task.spec.order) for task in tasks]
    assert places == sorted(places)
    seen: set[str] = set()
    for task in tasks:
        assert set(task.spec.needs) <= seen, f"{task.id} stands before one of {task.spec.needs}"
        seen.add(task.id)


def versions(folder: Path) -> tuple[str, str]:
    load_task.cache_clear()
    task = load_task(folder)
    return task.exam_version, task.score_version


CHANGES = {
    "the lesson": ("README.md", "", "A new lesson.", (True, True)),
    "the title": ("task.toml", "A task", "A better task", (True, True)),
    "the order": ("task.toml", "order = 5", "order = 6", (True, True)),
    "a hint": (
        "task.toml",
        "[scoring]",
        '[hints]\naccepted = "well done"\n[scoring]',
        (True, True),
    ),
    "the gate": ("task.toml", "gate = 0.9", "gate = 0.8", (True, False)),
    "the curve": ("task.toml", "[0.1, 0.0]", "[0.2, 0.0]", (True, False)),
    "the budget": ("task.toml", "cpu_seconds = 5", "cpu_seconds = 6", (False, True)),
    "the dataset": ("task.toml", '"digits"', '"mnist"', (False, True)),
    "the limits": ("task.toml", "[budget]", "[limits]\nmemory_mib = 99\n[budget]", (False, True)),
}


@pytest.mark.parametrize(("file", "old", "new", "same"), CHANGES.values(), ids=CHANGES)
def test_each_version_changes_with_what_it_stands_for_alone(
    tmp_path: Path, file: str, old: str, new: str, same: tuple[bool, bool]
) -> None:
    folder = write_task(tmp_path)
    before = versions(folder)
    path = folder / file
    path.write_text(path.read_text().replace(old, new) if path.exists() else new)
    after = versions(folder)
    assert (before[0] == after[0], before[1] == after[1]) == same


def test_a_change_of_the_cases_is_a_new_exam(tmp_path: Path) -> None:
    folder = write_task(tmp_path, text=FUNCTION_TASK, code=TASK_CODE)
    before = versions(folder)
    (folder / "task.py").write_text(TASK_CODE.replace("1.0", "2.0"))
    after = versions(folder)
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_a_copy_of_a_task_elsewhere_has_the_same_versions(tmp_path: Path) -> None:
    shutil.copytree(course_folder("tasks") / "neuron", tmp_path / "neuron")
    assert versions(tmp_path / "neuron") == versions(course_folder("tasks") / "neuron")


def test_what_is_given_and_probed_is_part_of_the_exam_and_asking_for_nothing_is_not(
    tmp_path: Path,
) -> None:
    asked = {
        "plain": "",
        "nothing": "[data]\nper_class = 0\n\n[probes]\ncorruptions = []\n",
        "few": "[data]\nper_class = 10\n",
        "fewer": "[data]\nper_class = 5\n",
        "corrupted": '[probes]\ncorruptions = ["blur"]\n',
    }
    versions = {
        name: load_task(write_task(tmp_path / name, text=f"{GOOD}\n{table}")).exam_version
        for name, table in asked.items()
    }
    assert versions["plain"] == versions["nothing"]
    assert len(set(versions.values())) == len(asked) - 1


# Names that stand for nothing.

UNKNOWN = {
    "an exam": ('exam = "classification"', 'exam = "clasification"', "exam", "'classification'"),
    "a metric": ("[scoring]", '[scoring]\nmetric = "acuracy"', "scoring.metric", "'accuracy'"),
    "a metric of another exam": (
        "[scoring]",
        '[scoring]\nmetric = "bits_per_character"',
        "scoring.metric",
        "accuracy, ",
    ),
    "a data set": ('dataset = "digits"', 'dataset = "digit"', "dataset", "'digits'"),
    "a corruption": (
        "[scoring]",
        '[probes]\ncorruptions = ["noize"]\n[scoring]',
        "probes.corruptions",
        "'noise'",
    ),
}


@pytest.mark.parametrize(("old", "new", "key", "nearest"), UNKNOWN.values(), ids=UNKNOWN)
def test_a_name_that_stands_for_nothing_is_said_when_the_task_is_read(
    tmp_path: Path, old: str, new: str, key: str, nearest: str
) -> None:
    with pytest.raises(TaskError) as caught:
        load_task(write_task(tmp_path, text=GOOD.replace(old, new)))
    message = str(caught.value)
    assert f"task.toml: {key}: there is no" in message
    assert nearest in message
    assert "\n" not in message


def test_a_par_is_a_reference_of_the_task(tmp_path: Path) -> None:
    text = GOOD.replace('dataset = "digits"', 'dataset = "digits"\npar = "linaer"')
    folder = write_task(tmp_path, text=text)
    (folder / "reference" / "linear").mkdir(parents=True)
    with pytest.raises(TaskError, match=r"par: there is no reference .*'linear'"):
        load_task(folder)
    (folder / "task.toml").write_text(text.replace("linaer", "linear").replace("NAME", "made-up"))
    load_task.cache_clear()
    assert load_task(folder).spec.par == "linear"


def test_several_wrong_names_are_one_message(tmp_path: Path) -> None:
    text = GOOD.replace('"digits"', '"digit"').replace("[scoring]", '[scoring]\nmetric = "f0"')
    with pytest.raises(TaskError) as caught:
        load_task(write_task(tmp_path, text=text))
    assert "dataset: " in str(caught.value)
    assert "scoring.metric: " in str(caught.value)


def test_every_exam_declares_the_metrics_its_tasks_name() -> None:
    for task in all_tasks():
        declared = metric_names(task.spec.exam)
        assert not declared or task.spec.scoring.metric in declared
    assert "accuracy" in metric_names("classification")


# What counts of task.py.

SAME_CODE = {
    "an import": ("from grader import", "import math\nfrom grader import"),
    "a comment": ("FUNCTIONS =", "# All of them.\nFUNCTIONS ="),
    "a docstring": ("from grader", '"""Cases and right answers."""\nfrom grader'),
    "another formatting": ("[(1.0,)]", "[\n    (1.0,),\n]"),
    "other quotes": ('"typical"', "'typical'"),
}
OTHER_CODE = {
    "a number": ("1.0", "2.0"),
    "the answer": ("lambda x: x", "lambda x: -x"),
    "a name of a group": ('"typical"', '"usual"'),
    "a statement": ("FUNCTIONS =", "x = 1\nFUNCTIONS ="),
}


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [(*each, True) for each in SAME_CODE.values()]
    + [(*each, False) for each in OTHER_CODE.values()],
    ids=[*SAME_CODE, *OTHER_CODE],
)
def test_of_task_py_only_what_it_does_counts(
    tmp_path: Path, old: str, new: str, same: bool
) -> None:
    folder = write_task(tmp_path, text=FUNCTION_TASK, code=TASK_CODE)
    before = versions(folder)
    assert old in TASK_CODE
    (folder / "task.py").write_text(TASK_CODE.replace(old, new))
    assert (versions(folder)[0] == before[0]) == same


def test_every_python_hashes_code_alike() -> None:
    """Boards outlive a Python: what is pinned here has to come out of every one."""
    code = """
from __future__ import annotations
import numpy as np

class Case:
    "A docstring."
    size: int = 3

    def cases(self, draw, *rest, by: float = 0.5, **more):
        for n in range(3):
            yield [n, -1, 2.5e-3, b"x", None, ..., f"{n!r:>4} and {by}", rest[1:], {"a": (n,)}]
        return lambda x: x @ x.T if n > 1 and not rest else {**more}
"""
    assert digest(what_code_does(ast.parse(code))) == "0f0db598519c"


def test_code_that_is_not_python_is_said_when_the_task_is_read(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"task\.py is not valid Python.*line 1"):
        load_task(write_task(tmp_path, text=FUNCTION_TASK, code="def f(:"))


def test_a_new_hash_can_be_declared_to_be_the_same_exam(tmp_path: Path) -> None:
    folder = write_task(tmp_path, text=FUNCTION_TASK, code=TASK_CODE)
    before = versions(folder)[0]
    (folder / "task.py").write_text(TASK_CODE.replace("lambda x: x", "lambda x: 1 * x"))
    changed = versions(folder)[0]
    text = (folder / "task.toml").read_text()
    (folder / "task.toml").write_text(f'{text}\n[same_as]\n"{changed}" = "{before}"\n')
    assert versions(folder)[0] == before
    # It names one hash: the next change of the questions is a new exam again.
    (folder / "task.py").write_text(TASK_CODE.replace("lambda x: x", "lambda x: 2 * x"))
    assert versions(folder)[0] not in (before, changed)


# Tasks that import from inside the grader, as they had to before: for one release.

FORMER_CODE = """
import grader.exams.compare
from grader.exams.cases import Function, Group
from grader.exams.counterexample import Wanted, counterexample
from grader.exams import shrink
from grader.errors import TaskError
from grader.curriculum import load_task
from grader.datasets import digits
assert grader.exams.compare.compare and shrink.smallest
FUNCTIONS = [Function("f", lambda x: x, [Group("typical", lambda draw: [(1.0,)])])]
"""


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is logged about former imports."""
    lines: list[str] = []
    monkeypatch.setattr(
        former_imports.logger, "warning", lambda text, *words: lines.append(text % words)
    )
    return lines


def test_former_imports_work_and_the_new_ones_are_named_once(
    tmp_path: Path, said: list[str]
) -> None:
    task = load_task(write_task(tmp_path, text=FUNCTION_TASK, code=FORMER_CODE))
    for _ in range(2):
        [function] = load_functions(task)
    assert function.name == "f"
    [message] = said
    assert str(task.folder / "task.py") in message
    assert "grader.exams.cases" in message
    assert "from grader import Function, Group, Wanted, counterexample, TaskError" in message


def test_who_follows_the_advice_keeps_the_board(tmp_path: Path, said: list[str]) -> None:
    former = TASK_CODE.replace("from grader import", "from grader.exams.cases import")
    folder = write_task(tmp_path, text=FUNCTION_TASK, code=former)
    task = load_task(folder)
    load_functions(task)
    text = (folder / "task.toml").read_text()
    (folder / "task.toml").write_text(text + "\n" + said[0].partition("task.toml:\n")[2] + "\n")
    (folder / "task.py").write_text(TASK_CODE)
    assert versions(folder)[0] == task.exam_version
    load_functions(load_task(folder))
    assert len(said) == 1


def test_of_today_only_public_names_are_imported_and_nothing_is_said(
    tmp_path: Path, said: list[str]
) -> None:
    load_functions(load_task(write_task(tmp_path, text=FUNCTION_TASK, code=TASK_CODE)))
    for task in all_tasks():
        if task.spec.exam == "functions":
            load_functions(task)
    assert said == []
