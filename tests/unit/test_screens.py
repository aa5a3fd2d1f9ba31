"""What people see in a terminal, whole screens of it, in narrow, usual and wide ones.

The screens are kept in tests/data/screens. Where a change is meant, write them anew with
`GRADER_SCREENS=write make test PYTEST_ARGS=tests/unit/test_screens.py`, and look at each of them.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.cells import cell_len
from rich.console import Console
from support.factories import accuracy, make_function_result, make_result, make_task, ratio
from support.paths import ROOT
from typer.main import get_command

from grader import cli
from grader.commands import batch, machine, tasks
from grader.course.curriculum import Task
from grader.grading.batch_outcomes import BatchOutcome
from grader.records import STOPPED_NOTE, Diagnosis, Measured, Result, Status
from grader.terminal import print_board, print_result

SCREENS = ROOT / "tests" / "data" / "screens"
WIDTHS = (40, 80, 120)
EVERY_SECTION = {f"{section}:" for section in cli.SECTIONS}
LONG = "Wilhelmina-Anastasia von und zu Hohenfels-Oberstein, the third"


def trained(author: str = "Ada", name: str = "wide net", **changes: object) -> Result:
    """Return a result with every figure that a classifier has."""
    figures = {
        "accuracy": accuracy(0.97312, 0.0042),
        "train_seconds": Measured(value=21.4, unit="seconds"),
        "latency_seconds": Measured(
            value=1.43e-4, low=1.2e-4, high=1.61e-4, n=100, unit="seconds", spread="quartiles"
        ),
        "throughput_per_second": Measured(value=29_110.0, n=8, unit="inputs a second"),
        "speed_ratio": ratio(1.254, 0.11),
        "peak_memory_bytes": Measured(value=234 << 20, unit="bytes", source="sampled"),
        "memory_ratio": Measured(value=1.1, unit="ratio"),
    }
    par = {
        "accuracy": accuracy(0.981, 0.003),
        "latency_seconds": Measured(value=1.8e-4, unit="seconds"),
        "peak_memory_bytes": Measured(value=257 << 20, unit="bytes"),
    }
    title = "MNIST: handwritten digits"
    made = make_result(author, name, title=title, measurements=figures, par=par)
    return made.model_copy(update=changes)


def wrong() -> Result:
    """Return a function task with a wrong answer and a mistake that has a name."""
    made = make_function_result("Bo", 8, title="ReLU, sigmoid and softmax")
    message = (
        "case 1 of 10: the value is wrong\n"
        "  z = [1000, 1001]\n  expected  [0.27, 0.73]\n  received  [nan, nan]"
    )
    group = made.cases[0].model_copy(
        update={"message": message, "hint": "the exponential overflowed"}
    )
    named = Diagnosis(
        code="nan_from_exp",
        text_id="x",
        title="exp() of a large number is infinite",
        severity="essential",
        because=["2 of 10 answers are not a number"],
        where="solution.py:7",
    )
    verdict = made.verdict.model_copy(update={"status": Status.BELOW_TARGET})
    return made.model_copy(update={"cases": [group], "diagnoses": [named], "verdict": verdict})


def result(console: Console) -> None:
    print_result(console, trained(), "try a convolution: it sees neighbours", trained())


def failing(console: Console) -> None:
    print_result(console, wrong(), "subtract the largest value before exp()")


def board(console: Console) -> None:
    failed = make_result("Çelik", "try 2", status=Status.TIME_LIMIT_EXCEEDED, points=(0, 0, 0))
    rows = [
        (1, trained()),
        (2, trained(LONG, "a name of some length", notes=[STOPPED_NOTE])),
        (3, trained("Hanako 花子", "try 1")),
        (None, failed),
    ]
    print_board(console, "MNIST: handwritten digits, process tier, cpu", rows)


def some_tasks() -> list[Task]:
    """Return a small course: the real one grows, and a screen must not change with it."""
    described = (
        ("matrices", "Vectors and matrices", "foundations", []),
        ("probability", "Probability for classifiers", "foundations", ["matrices"]),
        ("activations", "ReLU, sigmoid and softmax", "foundations", ["matrices"]),
        ("hunt-growing-steps", "Bug hunt: steps that grow", "networks", ["matrices"]),
        ("forward-pass", "The forward pass", "networks", ["activations", "probability"]),
        ("text-generation", "Text generation: one letter after another", "attention", ["neuron"]),
    )
    made = []
    for name, title, stage, needs in described:
        made.append(make_task(name, title=title, stage=stage, needs=needs))
    return made


def course(console: Console) -> None:
    tasks.list_tasks(Path("no-results"), as_json=False)


def computer(console: Console) -> None:
    found = {
        "machine": "m1",
        "processor": "Example CPU 3.0 GHz, 2 cores",
        "python": "3.11.7 (/home/ada/course/.venv/bin/python)",
        "container_engine": "Docker 28.2.2",
        "left_by_killed_graders": "nothing",
        "data": "digits, mnist ready; downloads go to /home/ada/.cache/grader/data",
        "quiet": "other programs keep 3.4 of 2 cores busy",
    }
    machine.print_machine(found)


def class_list(console: Console) -> None:
    failed = make_result("Bo", status=Status.RUNTIME_ERROR, points=(0, 0, 0), reason="it stopped")
    outcomes = []
    for each in (trained(), trained(LONG), failed):
        author = each.submission.author
        outcomes.append(BatchOutcome(author, author, "mnist", "graded", (each,)))
    batch.print_class(outcomes)


def screen(width: int, show: Callable[[Console], None], patch: pytest.MonkeyPatch) -> str:
    """Return what is printed on a terminal of this width, through whichever console."""
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, emoji=False, color_system=None)
    for module in (tasks, machine, batch):
        patch.setattr(module, "console", lambda **_: console)
    patch.setattr(tasks, "all_tasks", some_tasks)
    patch.setattr(tasks, "broken_tasks", list)
    patch.setattr("grader.commands.parts.console.console", lambda **_: console)
    show(console)
    return out.getvalue()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "show", [result, failing, board, course, computer, class_list], ids=lambda show: show.__name__
)
def test_a_screen_is_as_it_was_looked_at(
    show: Callable[[Console], None], width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = screen(width, show, monkeypatch)
    lines = text.splitlines()
    assert max(map(cell_len, lines)) <= width
    assert "…" not in text
    assert [line for line in lines if line != line.rstrip()] == []
    kept = SCREENS / f"{show.__name__}-{width}.txt"
    if os.environ.get("GRADER_SCREENS") == "write":
        kept.write_text(text, "utf-8")
    assert text == kept.read_text("utf-8")


def said(*words: str) -> str:
    """Return what a command prints, in 80 columns."""
    done = CliRunner(env={"COLUMNS": "80"}).invoke(get_command(cli.app), list(words))  # type: ignore[arg-type]
    return done.output


def test_grader_alone_greets_with_three_commands() -> None:
    text = said()
    begun = [line.split()[:2] for line in text.splitlines() if line.startswith("  grader ")]
    assert begun == [["grader", "demo"], ["grader", "start"], ["grader", "run"]]
    assert max(map(len, text.splitlines())) <= 80


def test_every_section_of_the_help_has_an_example_and_whole_sentences() -> None:
    text = said("-h")
    assert text == said("--help")
    sections = [line.rstrip(":") for line in text.splitlines() if line in EVERY_SECTION]
    assert tuple(sections) == cli.SECTIONS
    assert text.count("For example: grader ") == len(cli.SECTIONS)
    assert all(each.summary[0].isupper() for each in cli.listed_commands())
    assert {each.section for each in cli.listed_commands()} <= set(cli.SECTIONS)


def test_the_version_is_that_of_the_package() -> None:
    assert said("--version") == f"dl-grader {cli.__version__}\n"


def test_a_terminal_without_unicode_gets_letters_it_can_show() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii", errors="strict")
    print_result(Console(file=out, width=80, color_system=None), trained(), "go on")
    out.flush()
    text = raw.getvalue().decode("ascii")
    assert "143 us" in text
    assert "1.25 x" in text
    assert "####" in text
