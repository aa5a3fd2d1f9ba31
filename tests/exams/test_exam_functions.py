"""What a learner is told about wrong functions: the smallest input that fails, what was skipped."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from rich.console import Console
from support.course import FUNCTION_TASKS, agrees, drawn

from grader.course.curriculum import Task
from grader.doctor import source
from grader.errors import TaskError
from grader.exams import answer_budget
from grader.exams.function_cases.cases import (
    Function,
    Group,
    draw_cases,
    load_functions,
    right_answer,
)
from grader.exams.function_cases.shrink import axis_sizes, cut
from grader.records import Diagnosis, Result, Status
from grader.results.store import read_details
from grader.sandbox.box import Box
from grader.sandbox.process import ProcessSandbox
from grader.terminal import print_result
from reports.pages.result import Beside, result_page

Grade = Callable[..., Result]

MATRICES = """
import numpy as np

def dot(a, b):
    return float(a @ b)

def matrix_product(A, B):
    return A @ B

def transposed_product(A, B):
    return A.T @ B
"""
WRONG_FOR_LONG = """
def add_bias(Z, b):
    result = Z + b
    if len(Z) > 3:
        result[3, -1] += 1.0
    return result
"""
NEURON = """
import numpy as np

def weighted_sum(x, w, b):
    return float(w @ x + b)

def neuron(x, w, b):
    return float(1 / (1 + np.exp(-weighted_sum(x, w, b))))

def layer(X, W, b):
    return 1 / (1 + np.exp(-(X @ W + b)))
"""
WRONG_SUM = NEURON.replace("w @ x + b)", "w @ x)")


def groups(result: Result) -> dict[str, str]:
    return {f"{case.function}/{case.group}": case.status for case in result.cases}


def message(result: Result, name: str) -> str:
    return next(case.message for case in result.cases if f"{case.function}/{case.group}" == name)


# All answers of a run have a limit together.

DAWDLES = """
import time

def answer(*given):
    time.sleep({seconds})
    return 0.0

weighted_sum = neuron = layer = answer
"""


def test_answers_that_are_each_in_time_may_be_too_long_together(
    grade_source: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_budget, "LEAST_ANSWER_SECONDS", 1.0)
    opened: list[Box] = []
    started = ProcessSandbox.open
    monkeypatch.setattr(
        ProcessSandbox,
        "open",
        lambda *given, **named: opened.append(box := started(*given, **named)) or box,
    )
    result = grade_source(DAWDLES.format(seconds=0.4), "neuron")
    assert (result.verdict.status, result.verdict.code) == (
        Status.TIME_LIMIT_EXCEEDED,
        "answers",
    )
    assert "a run has 1 s for them" in result.verdict.reason
    assert "train()" not in result.verdict.reason
    # No box is started for what nobody has time for.
    assert len(opened) == 1
    assert groups(result)["layer/typical"] == "error"
    assert set(groups(result).values()) <= {"fail", "error"}
    assert result.score is not None
    assert result.score.total == 0


# The smallest input.


def test_a_case_is_cut_down_to_the_shortest_that_fails(grade_source: Grade, results: Path) -> None:
    result = grade_source(MATRICES + WRONG_FOR_LONG, "matrices")
    told = message(result, "add_bias/typical")
    assert "reduced to a smaller one that also fails: wrong value" in told
    assert "Z = float64 of shape (4, 1)" in told or "Z = float64 of shape (4, 2)" in told
    details = read_details(results, result)
    assert details is not None
    assert not isinstance(details, str)
    (picture, *_) = details.answers
    assert (picture.function, picture.group) == ("add_bias", "typical")
    assert picture.target_shape[0] == picture.yours_shape[0] == 4
    assert picture.wrong == [(3, picture.target_shape[1] - 1)]


def test_two_million_numbers_become_a_handful(grade_source: Grade) -> None:
    reference = (
        next(task for task in FUNCTION_TASKS if task.id == "convolution").references[0]
        / "solution.py"
    )
    wrong = """
_conv2d = conv2d

def conv2d(X, W, b, stride, padding):
    result = _conv2d(X, W, b, stride, padding)
    if result.shape[2] > 12:
        result[-1, -1, 12, 0] += 0.01
    return result
"""
    result = grade_source(reference.read_text("utf-8") + wrong, "convolution")
    assert groups(result)["conv2d/large"] == "fail"
    shape = message(result, "conv2d/large").partition("X = float64 of shape ")[2].partition(":")[0]
    assert np.prod([int(each) for each in shape.strip("()").split(",")]) < 1000


ENDINGS = {
    "ends": "os._exit(1)",
    "sleeps": "time.sleep(60)",
    "raises": "raise ValueError('enough')",
    "is right now": "return Z + b",
    "fails in another way": "return 'text'",
}


@pytest.mark.parametrize("way", ENDINGS)
def test_what_is_asked_for_the_message_alone_changes_no_verdict(
    way: str, grade_source: Grade
) -> None:
    task = next(task for task in FUNCTION_TASKS if task.id == "matrices")
    add_bias = next(function for function in load_functions(task) if function.name == "add_bias")
    count = sum(len(list(group.cases(np.random.default_rng(0)))) for group in add_bias.groups)
    code = f"""
import os, time
asked = 0

def add_bias(Z, b):
    global asked
    asked += 1
    if asked > {count}:
        {ENDINGS[way]}
    result = Z + b
    if len(Z) > 3:
        result[3, -1] += 1.0
    return result
"""
    result = grade_source(MATRICES + code, "matrices")
    assert result.verdict.status is Status.BELOW_TARGET
    assert result.verdict.code == "gate"
    assert groups(result)["add_bias/typical"] == "fail"
    told = message(result, "add_bias/typical")
    assert "wrong value" in told
    assert "reduced to" not in told


def test_a_first_case_that_somebody_chose_is_shown_as_it_is(grade_source: Grade) -> None:
    result = grade_source(MATRICES + "def add_bias(Z, b):\n    return Z - b\n", "matrices")
    assert "[5., 6.]" in message(result, "add_bias/typical")
    assert "reduced to" not in message(result, "add_bias/typical")


def reference_modules() -> Iterator[tuple[Task, Path]]:
    for task in FUNCTION_TASKS:
        yield from ((task, folder) for folder in task.references)


def imported(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_under_test", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("task", "folder"),
    [pytest.param(*each, id=f"{each[0].id}/{each[1].name}") for each in reference_modules()],
)
def test_a_right_solution_is_right_on_every_case_that_was_cut_down(
    task: Task, folder: Path
) -> None:
    """So what a learner is shown is never an input that makes no sense."""
    module = imported(folder / "solution.py")
    draw = np.random.default_rng(1)
    for function in load_functions(task):
        tried = 0
        for case in drawn(function) if function.axes else ():
            sizes = axis_sizes(case, function.axes)
            for length in (1, 2, 3, 5):
                windows = {name: (0, min(size, length)) for name, size in sizes.items()}
                if sizes:
                    name = draw.choice(list(sizes))
                    start = int(draw.integers(0, sizes[name]))
                    windows[name] = (start, min(sizes[name], start + length))
                smaller = cut(case, function.axes, windows)
                try:
                    with np.errstate(all="ignore"):
                        right = right_answer(function, smaller)
                except Exception:
                    continue  # then nobody is asked
                if all(
                    np.isfinite(np.asarray(each)).all()
                    for each in right
                    if not isinstance(each, str | list)
                ):
                    answer = getattr(module, function.name)(*smaller)
                    assert agrees(task, function, smaller, answer), (function.name, windows)
                    tried += 1
        assert tried or not function.axes, f"{function.name}: no case could be cut down"


def test_axes_that_do_not_fit_are_the_tasks_trouble() -> None:
    function = Function(
        "f", lambda X: X, [Group("g", lambda draw: [(np.zeros((2, 3)),)])], axes=("n",)
    )
    with pytest.raises(TaskError, match=r"task.py: the axes of f\(\) don't fit"):
        draw_cases(function, function.groups[0], np.random.default_rng(0))


def test_the_doctor_is_asked_about_wrong_functions_unless_it_is_switched_off(
    grade_source: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def examine(cases: object) -> list[Diagnosis]:
        asked.append(cases)
        return []

    monkeypatch.setattr("grader.doctor.examine.examine_function", examine)
    grade_source(MATRICES + WRONG_FOR_LONG, "matrices", with_diagnosis=False)
    assert not asked
    grade_source(MATRICES + WRONG_FOR_LONG, "matrices")
    assert asked


# What waits for something else.


def test_a_function_that_calls_a_wrong_one_is_skipped_and_another_one_is_not(
    grade_source: Grade,
) -> None:
    result = grade_source(WRONG_SUM, "neuron")
    found = groups(result)
    assert found["weighted_sum/typical"] == "fail"
    assert found["neuron/typical"] == "skipped"
    assert found["layer/typical"] == "pass"
    told = message(result, "neuron/typical")
    assert told.startswith(
        "not judged: it calls weighted_sum(), which is not correct yet\ncase 1 of 5"
    )
    assert not any(case.hint for case in result.cases if case.status == "skipped")
    assert result.verdict.reason == "not correct yet: weighted_sum(); waiting for that: neuron()"


def test_a_skipped_group_earns_what_a_wrong_one_earns(
    grade_source: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    skipped = grade_source(WRONG_SUM, "neuron")
    monkeypatch.setattr(
        "grader.doctor.source.read_calls",
        lambda folder, file, names: {name: set() for name in names},
    )
    wrong = grade_source(WRONG_SUM, "neuron")
    assert groups(skipped)["neuron/typical"] == "skipped"
    assert groups(wrong)["neuron/typical"] == "fail"
    assert skipped.score == wrong.score
    assert skipped.measurements["cases"] == wrong.measurements["cases"]


def test_a_function_that_calls_a_wrong_one_and_is_right_still_passes(grade_source: Grade) -> None:
    wrong_for_edge = NEURON.replace(
        "return float(w @ x + b)", "return float(w @ x + b) if len(x) < 20 else 0.0"
    )
    code = wrong_for_edge.replace(
        "-weighted_sum(x, w, b)", "-(weighted_sum(x, w, b) if len(x) < 20 else w @ x + b)"
    )
    found = groups(grade_source(code, "neuron"))
    assert found["weighted_sum/edge"] == "fail"
    assert found["neuron/edge"] == "pass"


def test_a_wrong_function_that_calls_none_is_wrong(grade_source: Grade) -> None:
    code = WRONG_SUM.replace("X @ W + b", "X @ W - b")
    found = groups(grade_source(code, "neuron"))
    assert found["layer/typical"] == "fail"


def test_an_exception_is_blamed_on_another_function_only_if_that_raised_too(
    grade_source: Grade,
) -> None:
    raising = NEURON.replace("return float(w @ x + b)", "raise ValueError('no')")
    found = groups(grade_source(raising, "neuron"))
    assert (found["weighted_sum/typical"], found["neuron/typical"]) == ("error", "skipped")
    wrong_and_raising = WRONG_SUM.replace(
        "return float(1 /", "raise ValueError('no')\n    return float(1 /"
    )
    result = grade_source(wrong_and_raising, "neuron")
    assert groups(result)["neuron/typical"] == "error"
    assert result.verdict.status is Status.RUNTIME_ERROR


def test_two_functions_that_call_each_other_are_both_wrong(grade_source: Grade) -> None:
    code = WRONG_SUM.replace(
        "return float(w @ x)", "return float(w @ x) if len(x) else neuron(x, w, b)"
    )
    found = groups(grade_source(code, "neuron"))
    assert found["weighted_sum/typical"] == found["neuron/typical"] == "fail"


CALLS = {
    "itself": ("def neuron(x):\n    return weighted_sum(x)", {"weighted_sum"}),
    "through a helper": (
        "def help(x):\n    return weighted_sum(x)\ndef neuron(x):\n    return help(x)",
        {"weighted_sum"},
    ),
    "a method": ("import own\ndef neuron(x):\n    return own.weighted_sum(x)", {"weighted_sum"}),
    "a lambda": ("neuron = lambda x: weighted_sum(x)", {"weighted_sum"}),
    "in an inner function": (
        "def neuron(x):\n    def f():\n        return weighted_sum(x)\n    return f()",
        {"weighted_sum"},
    ),
    "none": ("def neuron(x):\n    weighted_sum_of = 1\n    return weighted_sum_of", set()),
    "a name it sets": ("def neuron(x):\n    weighted_sum = 1\n    return 2", set()),
    "itself alone": ("def neuron(x):\n    return neuron(x - 1)", set()),
    "no Python": ("def neuron(x:\n", set()),
    "too deep": (f"def neuron(x):\n    return {'(' * 5000}weighted_sum(x){')' * 5000}", set()),
}


@pytest.mark.parametrize("kind", CALLS)
def test_calls_are_read_from_the_source(kind: str, tmp_path: Path) -> None:
    code, calls = CALLS[kind]
    (tmp_path / "solution.py").write_text(code)
    assert source.read_calls(tmp_path, "solution.py", ["weighted_sum", "neuron"])["neuron"] == calls


def test_calls_through_another_file_are_found(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text("from own import act\ndef neuron(x):\n    return act(x)")
    (tmp_path / "own.py").write_text(
        "def act(x):\n    from solution import weighted_sum\n    return weighted_sum(x)"
    )
    assert source.read_calls(tmp_path, "solution.py", ["weighted_sum", "neuron"])["neuron"] == {
        "weighted_sum"
    }


@pytest.mark.parametrize(
    "said", ["", "0 9\n9 0", "1", "x y", "-1 0", "1 0 0", "\u0661 0", "0\n1", "0 " + "9" * 5000]
)
def test_what_the_child_says_is_taken_for_two_small_numbers_or_not_at_all(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "solution.py").write_text("")
    monkeypatch.setattr(source, "ask_child", lambda *_: said)
    assert source.read_calls(tmp_path, "solution.py", ["a", "b"]) == {"a": set(), "b": set()}


ODD = {
    "nothing in it": "np.zeros((0, 3))",
    "seven axes": "np.zeros((1,) * 7)",
    "a million numbers": "np.full((1000, 1000), 1e300)",
    "a row of NaN": "np.full((2, 4), np.nan)",
    "infinite": "np.array([[np.inf, -np.inf]])",
    "half precision": "np.full((3, 4), 6e4, dtype=np.float16)",
    "bytes": "np.zeros((3, 4), dtype=np.uint8)",
    "truth": "np.ones((3, 4), dtype=bool)",
    "great whole numbers": "np.full((3, 4), 2**63 - 1)",
    "transposed in memory": "np.asfortranarray(np.ones((3, 4)))",
    "a text that steers": "'\\x1b[2J</script><script>alert(1)</script>'",
    "texts": "['<b>', '\\u202e']",
    "a list": "[[1.0] * 4] * 3",
    "something with a hostile name": (
        "type('<script>', (), {'__repr__': lambda self: '<script>alert(1)</script>'})()"
    ),
    "another result each time": "np.random.default_rng().normal(size=(3, 4))",
}


@pytest.mark.parametrize("kind", ODD)
def test_whatever_is_returned_is_graded_told_and_shown(
    kind: str, grade_source: Grade, results: Path
) -> None:
    names = ("dot(a, b)", "matrix_product(A, B)", "transposed_product(A, B)", "add_bias(Z, b)")
    code = "import numpy as np\n" + "".join(
        f"def {name}:\n    return {ODD[kind]}\n" for name in names
    )
    result = grade_source(code, "matrices")
    assert result.verdict.status in (Status.BELOW_TARGET, Status.INVALID_SUBMISSION), result.verdict
    assert not any(case.passed for case in result.cases)
    assert all(len(case.message) < 10_000 for case in result.cases)
    details = read_details(results, result)
    assert not isinstance(details, str), details
    page = result_page(result, Beside(details=details))
    assert "<script>alert" not in page
    print_result(Console(file=io.StringIO(), width=80), result, "")
