"""The commands as a user types them: exit codes, JSON for programs, a clean end on Ctrl-C, and an
answer at once.
"""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
import typer
from click.testing import CliRunner
from support.commands import GRADER, grader
from support.documented import files_of
from support.factories import make_result
from support.loaded import loaded_by
from support.paths import ROOT

from grader import cli, logs
from grader.commands.parts.exit_codes import exit_code
from grader.course.curriculum import course_folder
from grader.errors import GraderError
from grader.records import Status
from grader.results.store import load_results

REFERENCE = course_folder("reference")
ZEROS = """
def weighted_sum(*arguments):
    return 0.0


neuron = layer = weighted_sum
"""


def leftovers(pid: int) -> list[Path]:
    """Return the temporary folders of the grader with this number."""
    return list(Path(tempfile.gettempdir()).glob(f"grader-*-{pid}-*"))


@pytest.fixture
def solution(tmp_path: Path) -> Path:
    folder = tmp_path / "solution"
    folder.mkdir()
    return folder


# Exit codes.


def test_an_accepted_run_exits_0_and_prints_its_result_as_json(tmp_path: Path) -> None:
    done = grader("run", REFERENCE / "neuron" / "numpy", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["verdict"]["status"] == "accepted"
    assert printed["score"]["total"] == 100
    [stored], broken = load_results(tmp_path / "results")
    assert broken == []
    assert stored.id == printed["id"]
    assert json.loads(stored.model_dump_json()) == printed


def test_a_run_can_be_repeated_and_says_how_its_figures_spread(tmp_path: Path) -> None:
    done = grader("run", REFERENCE / "digits" / "linear", "--repeats", "3", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    stored, _ = load_results(tmp_path / "results")
    assert {each["id"] for each in printed} == {each.id for each in stored}
    assert len(printed) == 3
    done = grader("run", REFERENCE / "digits" / "linear", "--repeats", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("PASS  ") == 2
    spread = done.stdout.partition("2 runs: the median")[2]
    # Two runs may get the same points: then there is one figure, and no lowest and highest.
    assert re.search(r"score +\d+(\.\d+)?( \(\d+(\.\d+)? to |\n)", spread), spread
    assert "training time" in spread


def test_a_run_that_is_not_accepted_exits_1(tmp_path: Path, solution: Path) -> None:
    (solution / "solution.py").write_text(ZEROS)
    done = grader("run", solution, "--task", "neuron", "--json", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["verdict"]["status"] == "below_target"


@pytest.mark.parametrize("status", Status)
def test_only_an_accepted_result_ends_a_run_with_0(status: Status) -> None:
    points = None if status is Status.GRADER_ERROR else (70.0, 0.0, 0.0)
    expected = {Status.ACCEPTED: 0, Status.GRADER_ERROR: 3}.get(status, 1)
    assert exit_code(make_result(status=status, points=points)) == expected


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "nowhere"], "nowhere does not exist"),
        (["run", "solution", "--task", "neurn"], "neuron"),
        (["run", "solution"], "--task"),
        (["run", "solution", "--task", "neuron"], "empty"),
        (["start", "neurn"], "neuron"),
        (["rescore", "--task", "neurn"], "neuron"),
        (["fly"], "fly"),
        (["rnu"], "did you mean 'run'?"),
        (["digits"], "`grader start digits` begins it"),
        (["report", "Digits"], "`grader board digits` shows its board"),
        (["run", "solutoin"], "there is solution"),
        (["run"], "which task is . for"),
    ],
    ids=lambda item: " ".join(item) if isinstance(item, list) else "",
)
def test_a_word_that_is_wrong_exits_2_with_one_message(
    tmp_path: Path, solution: Path, words: list[str], said: str
) -> None:
    done = grader(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr.lower()
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("grader: ")
    assert not (tmp_path / "results").exists()


def test_a_sandbox_that_does_not_exist_exits_2(tmp_path: Path, solution: Path) -> None:
    (solution / "solution.py").write_text(ZEROS)
    done = grader("run", solution, "--task", "neuron", "--sandbox", "moon", cwd=tmp_path)
    assert done.returncode == 2
    assert "moon" in done.stderr
    assert not (tmp_path / "results").exists()


def test_a_broken_task_exits_3_and_names_the_key(tmp_path: Path, solution: Path) -> None:
    (solution / "solution.py").write_text(ZEROS)
    task = tmp_path / "tasks" / "broken"
    task.mkdir(parents=True)
    (task / "task.toml").write_text('id = "broken"\ncolour = "red"\n')
    done = grader("run", solution, "--task", "broken", cwd=tmp_path, GRADER_TASKS=str(task.parent))
    assert done.returncode == 3
    assert "colour" in done.stderr
    assert "Traceback" not in done.stderr


TROUBLE = """
from grader import Function, Group

def answer(x):
    raise RuntimeError("the task's own mistake")

FUNCTIONS = [Function("f", answer, [Group("typical", lambda draw: [(1.0,)])])]
"""
TROUBLE_TOML = """
id = "trouble"
title = "Trouble"
about = "A task whose own code fails."
stage = "networks"
order = 5
exam = "functions"

[scoring]
metric = "cases"
curve = [[0.0, 0.0], [1.0, 1.0]]
gate = 1.0

[scoring.groups]
"f/typical" = 1
"""


def test_our_own_trouble_exits_3_is_stored_and_is_never_a_zero(
    tmp_path: Path, solution: Path
) -> None:
    (solution / "solution.py").write_text("def f(x):\n    return x\n")
    task = tmp_path / "tasks" / "trouble"
    task.mkdir(parents=True)
    (task / "task.toml").write_text(TROUBLE_TOML)
    (task / "task.py").write_text(TROUBLE)
    done = grader(
        "run", solution, "--task", "trouble", "--json", cwd=tmp_path, GRADER_TASKS=str(task.parent)
    )
    assert done.returncode == 3, done.stderr
    result = json.loads(done.stdout)
    assert result["verdict"]["status"] == "grader_error"
    assert result["score"] is None
    assert "the task's own mistake" in result["verdict"]["reason"]


# The other commands.


def test_what_a_person_sees_says_verdict_score_and_where_it_is_stored(tmp_path: Path) -> None:
    done = grader("run", REFERENCE / "neuron" / "numpy", cwd=tmp_path)
    assert done.returncode == 0
    assert "PASS" in done.stdout
    assert "100 of 100" in done.stdout
    assert "stored in results" in done.stdout
    assert "\x1b" not in done.stdout


def test_a_start_is_a_folder_that_check_can_read_and_scores_low(tmp_path: Path) -> None:
    assert grader("start", "neuron", cwd=tmp_path).returncode == 0
    assert {path.name for path in (tmp_path / "neuron").iterdir()} >= {"README.md", "solution.py"}
    check = grader("check", "neuron", cwd=tmp_path)
    assert check.returncode == 1
    assert not (tmp_path / "results").exists()
    again = grader("start", "neuron", cwd=tmp_path)
    assert again.returncode == 2
    assert "was left as it is" in again.stderr


@pytest.mark.parametrize("name", ["neuron/numpy", "digits/linear"])
def test_check_says_ready_and_gives_no_score(tmp_path: Path, name: str) -> None:
    done = grader(
        "check", REFERENCE / name, "--task", name.partition("/")[0], "--json", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["ready"] is True
    assert bool(found["advice"]) == name.startswith("digits")
    assert "score" not in found
    assert not (tmp_path / "results").exists()


def test_check_names_what_is_missing(tmp_path: Path, solution: Path) -> None:
    (solution / "solution.py").write_text("def trian(data):\n    return None\n")
    done = grader("check", solution, "--task", "digits", cwd=tmp_path)
    assert done.returncode == 1
    assert "train" in done.stdout


def test_tasks_lists_every_task(tmp_path: Path) -> None:
    done = grader("tasks", "--json", cwd=tmp_path)
    assert done.returncode == 0
    listed = {row["id"] for row in json.loads(done.stdout)}
    assert listed >= {path.parent.name for path in course_folder("tasks").glob("*/task.toml")}


def test_board_report_and_rescore_work_on_what_run_stored(tmp_path: Path) -> None:
    assert (
        grader("run", REFERENCE / "neuron" / "numpy", "--author", "Ada", cwd=tmp_path).returncode
        == 0
    )
    [board] = json.loads(grader("board", "--json", cwd=tmp_path).stdout)
    assert board["task"] == "neuron"
    assert '"Ada"' in json.dumps(board)
    assert "Ada" in grader("board", cwd=tmp_path).stdout
    misspelt = grader("board", "neurons", cwd=tmp_path)
    assert misspelt.returncode == 2
    assert "there is no task 'neurons'. Did you mean 'neuron'?" in misspelt.stderr
    changed = json.loads(grader("rescore", "--json", cwd=tmp_path).stdout)
    assert changed == {"changed": [], "kept": 1, "skipped": []}
    report = grader("report", cwd=tmp_path)
    assert report.returncode == 0, report.stderr
    assert "Ada" in (tmp_path / "site" / "index.html").read_text("utf-8")


def test_rescore_applies_a_new_curve_to_an_old_run(tmp_path: Path, solution: Path) -> None:
    (solution / "solution.py").write_text("def f(x):\n    return x\n\n\ndef g(x):\n    return x\n")
    task = tmp_path / "tasks" / "trouble"
    task.mkdir(parents=True)
    code = TROUBLE.replace('raise RuntimeError("the task\'s own mistake")', "return x")
    code += 'GROUP = Group("typical", lambda draw: [(1.0,)])\n'
    code += 'FUNCTIONS.append(Function("g", lambda x: x + 1, [GROUP]))\n'
    (task / "task.py").write_text(code)
    text = TROUBLE_TOML + '"g/typical" = 1\n'
    (task / "task.toml").write_text(text)
    tasks = {"GRADER_TASKS": str(task.parent)}
    first = json.loads(
        grader("run", solution, "--task", "trouble", "--json", cwd=tmp_path, **tasks).stdout
    )
    assert (first["score"]["total"], first["verdict"]["status"]) == (50, "below_target")
    kinder = text.replace('"f/typical" = 1', '"f/typical" = 3').replace("gate = 1.0", "gate = 0.7")
    (task / "task.toml").write_text(kinder)
    [change] = json.loads(grader("rescore", "--json", cwd=tmp_path, **tasks).stdout)["changed"]
    assert (change["before"], change["after"]) == (50, 75)
    [stored], _ = load_results(tmp_path / "results")
    assert stored.verdict.status == "accepted"
    assert json.loads(stored.model_dump_json())["measurements"] == first["measurements"]
    assert stored.id == first["id"]


def test_machine_answers_as_json(tmp_path: Path) -> None:
    done = grader("machine", "--json", cwd=tmp_path)
    assert done.returncode == 0
    assert {"processor", "memory", "peak_memory", "data", "quiet"} <= set(json.loads(done.stdout))


def test_a_name_with_markup_is_shown_as_text(tmp_path: Path) -> None:
    name = "[red]Ada[/red] [link=http://example.org]x[/link]"
    done = grader("run", REFERENCE / "neuron" / "numpy", "--author", name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    board = grader("board", cwd=tmp_path)
    assert name in board.stdout


# Ctrl-C.

LONG = """
import subprocess, sys, time

def train(data):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print("training", flush=True)
    time.sleep(600)
"""


def test_ctrl_c_leaves_no_result_no_process_and_no_folder(tmp_path: Path, solution: Path) -> None:
    (solution / "solution.py").write_text(LONG)
    process = subprocess.Popen(
        [*GRADER, "run", str(solution), "--task", "digits"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    watched = psutil.Process(process.pid)
    family: list[psutil.Process] = []
    deadline = time.monotonic() + 60
    while len(family) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
        family = watched.children(recursive=True)
    assert len(family) >= 2, "the submission did not start"
    assert leftovers(process.pid) != []
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "stopped" in said
    assert "Traceback" not in said
    _, living = psutil.wait_procs(family, timeout=3)
    assert [child for child in living if child.status() != psutil.STATUS_ZOMBIE] == []
    assert load_results(tmp_path / "results") == ([], [])
    assert [path for path in (tmp_path / "results").rglob("*") if path.is_file()] == []
    assert leftovers(process.pid) == []


def test_a_message_about_hostile_files_cannot_steer_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31mb.txt"
    done = subprocess.run(
        [sys.executable, "-m", "grader", "check", str(path)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2
    assert "does not exist" in done.stderr
    assert "\x1b" not in done.stderr


# At once.

HEAVY = (
    "torch",
    "numpy",
    "pandas",
    "plotly",
    "sklearn",
    "torchvision",
    "pydantic",
    "nbformat",
    "jinja2",
    "docker",
)


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    loaded, _ = loaded_by("--help", of=HEAVY, cwd=tmp_path)
    assert loaded == set()


def test_a_function_task_needs_no_torch_on_the_host(tmp_path: Path) -> None:
    neuron = REFERENCE / "neuron" / "numpy"
    loaded, _ = loaded_by("run", neuron, "--json", of=HEAVY, cwd=tmp_path)
    assert loaded <= {"numpy", "pydantic"}


def test_a_classification_task_needs_no_torch_on_the_host(tmp_path: Path) -> None:
    linear = REFERENCE / "digits" / "linear"
    loaded, _ = loaded_by("run", linear, "--json", of=HEAVY, cwd=tmp_path)
    assert not loaded & {"torch", "torchvision", "pandas", "plotly", "sklearn"}


def test_help_answers_at_once(tmp_path: Path) -> None:
    seconds: list[Any] = []
    for _ in range(3):
        began = time.perf_counter()
        assert grader("--help", cwd=tmp_path).returncode == 0
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 2.0


# Commands are found, not listed.


def test_the_help_lists_every_command_in_eighty_columns(tmp_path: Path) -> None:
    done = grader("--help", cwd=tmp_path, COLUMNS="80")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert "..." not in done.stdout.partition("\n")[2]
    listed = [line.split()[0] for line in lines if re.match(r"  [a-z]+  +[A-Z]", line)]
    assert listed == [each.name for each in cli.listed_commands()]
    assert {"run", "check", "batch", "data", "image"} <= set(listed)


@pytest.mark.parametrize("found", cli.listed_commands(), ids=lambda found: found.name)
def test_every_command_says_where_it_belongs_and_can_be_asked_for_help(found: cli.Listed) -> None:
    assert found.section in cli.SECTIONS
    assert len(found.summary) <= 68, "the help has 80 columns"
    command = cli.load_command(found.name)
    assert command.name == found.name
    assert command.help


def test_what_the_commands_share_is_no_command() -> None:
    files = {path.stem for path in (ROOT / "grader" / "commands").glob("[a-z]*.py")}
    assert files - {each.name for each in cli.listed_commands()} == {"options"}


@pytest.mark.parametrize("word", ["options", "parts", "Run", "../run", "__init__"])
def test_a_word_that_is_no_command_is_refused(tmp_path: Path, word: str) -> None:
    done = grader(word, cwd=tmp_path)
    assert done.returncode == 2
    assert word in done.stderr


def test_the_package_runs_as_a_module(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "grader", "--help"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("Usage: grader ")


# The log.


def test_verbose_says_on_standard_error_what_the_host_does(tmp_path: Path) -> None:
    done = grader("run", REFERENCE / "neuron" / "numpy", "--json", "-v", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    said = done.stderr
    for part in (
        "opened a process box",
        "phase: asking neuron()",
        "closed a process box",
        f"stored {result['id']}",
    ):
        assert part in said
    assert all(
        re.match(r"\d\d:\d\d:\d\d\.\d{3} [A-Z]+ +grader\.", line) for line in said.splitlines()
    )


def test_without_it_a_run_for_programs_says_nothing(tmp_path: Path) -> None:
    done = grader("run", REFERENCE / "neuron" / "numpy", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_log_line_is_cleaned_whatever_comes_into_it(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("grader")
    before = (logger.handlers, logger.level, logger.propagate)
    try:
        logs.show_everything()
        logging.getLogger("grader.test").info("phase: %s", "\x1b[31mred\x1b[0m \u202egnp.exe")
    finally:
        logger.handlers, logger.level, logger.propagate = before
    assert capsys.readouterr().err.endswith("grader.test: phase: red gnp.exe\n")


def test_a_task_with_former_imports_is_graded_and_says_once_what_to_write(
    tmp_path: Path, solution: Path
) -> None:
    (solution / "solution.py").write_text("def f(x):\n    return x\n")
    task = tmp_path / "tasks" / "trouble"
    task.mkdir(parents=True)
    (task / "task.toml").write_text(TROUBLE_TOML)
    code = TROUBLE.replace("from grader import", "from grader.exams.cases import")
    (task / "task.py").write_text(
        code.replace('raise RuntimeError("the task\'s own mistake")', "return x")
    )
    done = grader(
        "run", solution, "--task", "trouble", "--json", cwd=tmp_path, GRADER_TASKS=str(task.parent)
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("warning: ")
    assert done.stderr.count("from grader import Function, Group") == 1


# A command is one file.


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of commands, empty at first."""
    monkeypatch.setattr(cli, "COMMANDS", tmp_path)
    return tmp_path


def help_of_all() -> str:
    return CliRunner().invoke(typer.main.get_command(cli.app), ["--help"]).output


def test_the_documented_command_is_listed_where_it_says(commands: Path) -> None:
    ((name, source),) = files_of(ROOT / "docs" / "build" / "adding-a-command.md").items()
    (commands / Path(name).name).write_text(source, "utf-8")
    listed = help_of_all().partition("Look:\n")[2].splitlines()[0]
    assert listed.split(maxsplit=1) == ["count", "Say how many results each author has."]


@pytest.mark.parametrize(
    "place",
    ["", 'HELP_PLACE = ["Look", 9]', 'HELP_PLACE = ("Look", "last")', 'PLACE = ("Look", 9)'],
)
def test_a_command_without_a_place_in_the_help_is_told_what_to_write(
    commands: Path, place: str
) -> None:
    text = f'"""`grader count`: Count."""\n\n{place}\n'
    (commands / "count.py").write_text(text, "utf-8")
    with pytest.raises(GraderError, match=r'HELP_PLACE = \("Look", 9\).*Learn, Grade') as caught:
        cli.listed_commands()
    assert str(commands / "count.py") in str(caught.value)


def test_an_unknown_task_is_an_error_of_the_board_too_with_the_nearest(tmp_path: Path) -> None:
    done = grader("board", "digts", cwd=tmp_path)
    assert done.returncode == 2
    assert "Did you mean 'digits'" in done.stderr
    assert "Did you mean 'mnist'" in grader("start", "MNITS", cwd=tmp_path).stderr


def test_a_message_on_a_terminal_breaks_between_words_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = "/a/path/that-is-longer/than-a-narrow/terminal-is-wide/solution.py"
    message = f"{path} does not exist; expected a folder with a solution.py"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "40")
    cli.complain(message)
    said = capsys.readouterr().err
    assert path in said
    assert said.split() == ["grader:", *message.split()]
    assert all(len(line) <= 40 or line == path for line in said.splitlines())
