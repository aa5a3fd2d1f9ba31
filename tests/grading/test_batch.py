"""A class in one command: who runs where, what is skipped, what stops a batch and what never
does.
"""

from __future__ import annotations

import csv
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from support.factories import make_result, make_task
from support.paths import ROOT, SUBMISSIONS

from grader.commands.batch import about_names
from grader.course.curriculum import course_folder
from grader.course.task_file import LimitsTable
from grader.errors import SandboxError, UsageError
from grader.grading import batch
from grader.grading.batch import Batch, default_jobs, find_submissions
from grader.grading.batch_outcomes import BatchOutcome, Finished, spread
from grader.grading.bench import Bench, author_of
from grader.grading.engines.engine import IsWanted
from grader.grading.settings import Settings
from grader.intake.hand_ins import HandIn
from grader.records import Code, Result, Status, Tier, Verdict
from grader.results.packed import pack, unpack
from grader.results.store import contents, load_results, save
from grader.sandbox import runner_process
from grader.sandbox.choose import choose_sandbox

RIGHT = (course_folder("reference") / "neuron" / "numpy" / "solution.py").read_text()
WRONG = "def weighted_sum(*arguments):\n    return 0.0\n\n\nneuron = layer = weighted_sum\n"
NO_ENGINE = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}
TRUSTED = ("--sandbox", "process", "--trust-submissions")
WAIT_SECONDS = 60
END_SECONDS = 30  # less than the slow submission could go on by itself


def grader(*words: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words),
        cwd=cwd,
        env=surroundings(**environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "grader.cli", *map(str, words)]


def surroundings(**environment: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"} | environment


def outcomes(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    """Return what `--json` printed, by file."""
    return {row["file"]: row for row in json.loads(done.stdout)["submissions"]}


def stored(root: Path) -> list[Result]:
    found, broken = load_results(root / "results")
    assert broken == []
    return found


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    folder = tmp_path / "handed-in"
    folder.mkdir()
    return folder


@pytest.fixture
def hand_in(handed_in: Path) -> Callable[..., Path]:
    """Lay a submission into the folder, as a folder of its own or as a zip."""

    def lay(name: str, source: str = RIGHT, **settings: str) -> Path:
        files = {"solution.py": source}
        if settings:
            files["submission.toml"] = "".join(
                f"{key} = {json.dumps(value)}\n" for key, value in settings.items()
            )
        path = handed_in / name
        if name.endswith(".zip"):
            with zipfile.ZipFile(path, "w") as archive:
                for inner, text in files.items():
                    archive.writestr(inner, text)
            return path
        path.mkdir()
        for inner, text in files.items():
            (path / inner).write_text(text)
        return path

    return lay


# Where other people's code runs.


def test_plain_processes_are_refused_for_code_of_others_unless_they_are_trusted(
    tmp_path: Path, handed_in: Path, hand_in: Callable[..., Path]
) -> None:
    hand_in("Ada")
    done = grader("batch", handed_in, "--task", "neuron", "--sandbox", "process", cwd=tmp_path)
    assert done.returncode == 2
    assert "--trust-submissions" in done.stderr
    assert "everything that you can" in done.stderr
    assert not (tmp_path / "results").exists()
    with pytest.raises(UsageError, match="plain processes"):
        choose_sandbox("process", "functions", others=True)
    assert choose_sandbox("process", "functions", others=True, trusted=True).tier is Tier.PROCESS
    assert choose_sandbox("process", "functions").tier is Tier.PROCESS


@pytest.mark.parametrize("trust", [(), ("--trust-submissions",)], ids=["", "trusted"])
def test_without_an_engine_auto_says_how_to_get_one_and_steps_down_to_nothing(
    tmp_path: Path, handed_in: Path, hand_in: Callable[..., Path], trust: tuple[str, ...]
) -> None:
    hand_in("Ada")
    done = grader("batch", handed_in, "--task", "neuron", *trust, cwd=tmp_path, **NO_ENGINE)
    assert done.returncode == 3
    assert "for-instructors.md" in done.stderr
    assert "--sandbox process --trust-submissions" in done.stderr
    assert not (tmp_path / "results").exists()


def test_auto_is_a_process_for_own_code_and_never_for_that_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", NO_ENGINE["DOCKER_HOST"])
    assert choose_sandbox("auto", "functions").tier is Tier.PROCESS
    for trusted in (False, True):
        with pytest.raises(SandboxError, match="engine"):
            choose_sandbox("auto", "functions", others=True, trusted=trusted)


# A class.


def test_weights_in_the_source_are_stored_with_a_code_of_their_own(tmp_path: Path) -> None:
    brought = "".join(secrets.token_hex(32) for _ in range(200))
    path = tmp_path / "Ada.py"
    path.write_text(f"WEIGHTS = {brought!r}\n\ndef train(data):\n    return len\n")
    settings = Settings(tmp_path / "results", "digits", sandbox="process", trusted=True)
    bench = Bench(settings)
    assert bench.open(HandIn(path=path))["author"] == "Ada"
    verdict = unpack(bench.grade()).result.verdict
    bench.close()
    assert verdict.status is Status.INVALID_SUBMISSION
    assert verdict.code == "brought_along"
    assert "Ada.py, line 1" in verdict.reason


def lay_all_kinds(handed_in: Path, hand_in: Callable[..., Path]) -> None:
    """Hand in folders, zips, a script and a notebook, and what cannot be opened."""
    hand_in("Ada")
    hand_in("neuron-Ben.zip", author="Somebody Else", task="neuron")
    inside = handed_in / "Cleo_4711_file_"
    inside.mkdir()
    hand_in("Cleo.zip").rename(inside / "work.zip")
    (handed_in / "Dan.py").write_text(RIGHT)
    (handed_in / "Eve.ipynb").write_text(json.dumps(notebook_of(RIGHT)))
    hand_in("Finn", WRONG)
    (handed_in / "Gil.zip").write_bytes(b"PK and then nothing")
    (handed_in / "Hal.rar").write_bytes(b"Rar!")
    (handed_in / "Ida").symlink_to(handed_in / "Ada")
    (handed_in / ".hidden").mkdir()


def notebook_of(source: str) -> dict[str, Any]:
    """Return a notebook of one cell."""
    cell = {"cell_type": "code", "metadata": {}, "source": source}
    cell |= {"execution_count": None, "outputs": []}
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}


def test_a_class_of_all_kinds_is_graded_and_what_cannot_be_opened_is_a_result_too(
    tmp_path: Path, handed_in: Path, hand_in: Callable[..., Path]
) -> None:
    lay_all_kinds(handed_in, hand_in)
    done = grader(
        *("batch", handed_in, "--task", "neuron", *TRUSTED, "--csv", "class.csv", "--jobs", 2),
        cwd=tmp_path,
        **NO_ENGINE,
    )
    assert done.returncode == 0, done.stderr
    assert "in process boxes" in done.stderr
    assert "9/9" in done.stderr
    verdicts = {result.submission.author: result.verdict.status for result in stored(tmp_path)}
    good = dict.fromkeys(("Ada", "Ben", "Cleo_4711_file_", "Dan", "Eve"), Status.ACCEPTED)
    refused = dict.fromkeys(("Gil", "Hal", "Ida"), Status.INVALID_SUBMISSION)
    assert verdicts == good | refused | {"Finn": Status.BELOW_TARGET}
    reasons = {result.submission.author: result.verdict for result in stored(tmp_path)}
    assert {reasons[name].code for name in refused} == {"refused"}
    assert "not a readable zip" in reasons["Gil"].reason
    assert ".rar" in reasons["Hal"].reason
    assert "link" in reasons["Ida"].reason
    rows = [line for line in done.stdout.splitlines() if line[:1].islower()]
    listed = [re.split(" {2,}", line)[1] for line in rows]
    assert listed == ["author", "Gil", "Hal", "Ida", "Finn", *good]
    assert "9 submissions: 3 invalid_submission, 1 below_target, 5 accepted" in done.stdout
    with (tmp_path / "class.csv").open(newline="") as file:
        rows = {row["author"]: row for row in csv.DictReader(file)}
    assert rows["Ada"]["score"] == "100.0"
    assert rows["Gil"]["reason"] == reasons["Gil"].reason


def test_what_is_finished_is_skipped_until_it_changes_or_is_asked_for_again(
    tmp_path: Path, handed_in: Path, hand_in: Callable[..., Path]
) -> None:
    hand_in("Ada")
    hand_in("Ben.zip", WRONG)
    (handed_in / "Cleo.zip").write_bytes(b"nothing")
    words = ("batch", handed_in, "--task", "neuron", *TRUSTED, "--json")
    first = outcomes(grader(*words, cwd=tmp_path))
    assert {row["state"] for row in first.values()} == {"graded"}
    second = outcomes(grader(*words, cwd=tmp_path))
    assert {row["state"] for row in second.values()} == {"before"}
    assert [row["result"] for row in second.values()] == [row["result"] for row in first.values()]
    (handed_in / "Ada" / "solution.py").write_text(RIGHT + "\n# better\n")
    hand_in("Dan")
    third = outcomes(grader(*words, cwd=tmp_path))
    states = {file: row["state"] for file, row in third.items()}
    assert states == {"Ada": "graded", "Ben.zip": "before", "Cleo.zip": "before", "Dan": "graded"}
    assert len(stored(tmp_path)) == 5
    fourth = grader(*words, "--again", "--repeats", 2, cwd=tmp_path)
    assert {row["state"] for row in outcomes(fourth).values()} == {"graded"}
    assert {row["runs"] for row in outcomes(fourth).values()} == {2}
    assert len(stored(tmp_path)) == 5 + 8


def test_a_killed_batch_goes_on_where_it_was_and_leaves_nobody_working(
    tmp_path: Path, handed_in: Path, hand_in: Callable[..., Path]
) -> None:
    gate = tmp_path / "gate"
    slow = (
        "import pathlib, time\n"
        f"while not pathlib.Path({str(gate)!r}).exists():\n    time.sleep(0.05)\n"
    )
    for name, source in (
        ("Ada", RIGHT),
        ("Ben", WRONG),
        ("Cleo", slow + RIGHT),
        ("Dan", RIGHT),
        ("Eve", RIGHT),
    ):
        hand_in(name, source)
    words = ("batch", handed_in, "--task", "neuron", *TRUSTED, "--json", "--jobs", 1)
    process = subprocess.Popen(
        command(*words),
        cwd=tmp_path,
        env=surroundings(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    family = wait_for(lambda: in_third_box(tmp_path, process.pid))
    process.kill()
    process.wait()
    _, living = psutil.wait_procs(family, timeout=END_SECONDS)
    assert [each for each in living if each.status() != psutil.STATUS_ZOMBIE] == []
    before = {result.id for result in stored(tmp_path)}
    assert len(before) == 2
    gate.touch()
    done = grader(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    states = {file: row["state"] for file, row in outcomes(done).items()}
    now = dict.fromkeys(("Cleo", "Dan", "Eve"), "graded")
    assert states == dict.fromkeys(("Ada", "Ben"), "before") | now
    found = stored(tmp_path)
    assert sorted(result.submission.author for result in found) == sorted(states)
    assert before < {result.id for result in found}


def in_third_box(root: Path, pid: int) -> list[psutil.Process]:
    """Return everything below the batch once two results are stored and a third box runs; empty
    until then.
    """
    family = psutil.Process(pid).children(recursive=True)
    boxes = [each for each in family if "runner/__main__.py" in " ".join(each.cmdline())]
    return family if boxes and len(list((root / "results").glob("*/2*/result.json"))) == 2 else []


def wait_for(look: Callable[[], Any]) -> Any:
    """Return what `look` finds, once it finds something."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        try:
            found = look()
        except psutil.Error:
            found = None
        if found:
            return found
        time.sleep(0.02)
    pytest.fail(f"did not come about within {WAIT_SECONDS} s")


def test_ctrl_c_stops_a_batch_cleanly(
    tmp_path: Path, handed_in: Path, hand_in: Callable[..., Path]
) -> None:
    endless = "while True:\n    pass\n"
    hand_in("Ada")
    hand_in("Ben")
    hand_in("Cleo", endless)
    words = ("batch", handed_in, "--task", "neuron", *TRUSTED, "--jobs", 1)
    process = subprocess.Popen(
        command(*words),
        cwd=tmp_path,
        env=surroundings(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    family = wait_for(lambda: in_third_box(tmp_path, process.pid))
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to every process of the group
    _, said = process.communicate(timeout=WAIT_SECONDS)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    _, living = psutil.wait_procs(family, timeout=END_SECONDS)
    assert [each for each in living if each.status() != psutil.STATUS_ZOMBIE] == []
    assert len(stored(tmp_path)) == 2


def test_two_jobs_really_run_at_the_same_time(
    tmp_path: Path, handed_in: Path, hand_in: Callable[..., Path]
) -> None:
    meet = (
        "import pathlib, time\npathlib.Path({own!r}).touch()\nuntil = time.monotonic() + 40\n"
        "while not pathlib.Path({other!r}).exists():\n"
        "    assert time.monotonic() < until\n    time.sleep(0.05)\n"
    )
    places = str(tmp_path / "ada"), str(tmp_path / "ben")
    hand_in("Ada", meet.format(own=places[0], other=places[1]) + RIGHT)
    hand_in("Ben", meet.format(own=places[1], other=places[0]) + RIGHT)
    done = grader(
        "batch", handed_in, "--task", "neuron", *TRUSTED, "--jobs", 2, "--json", cwd=tmp_path
    )
    assert {row["verdict"] for row in outcomes(done).values()} == {"accepted"}, done.stdout


@pytest.mark.clock  # a busy machine would make it late for other reasons
def test_one_that_hangs_holds_up_nobody(tmp_path: Path, handed_in: Path) -> None:
    wanted = {
        "hangs": "time_limit_exceeded/endless_training",
        "works": "accepted/nearest_neighbours",
        "works-too": "accepted/nearest_neighbours",
    }
    for name, place in wanted.items():
        (handed_in / name).mkdir()
        source = SUBMISSIONS / "digits-short" / place / "solution.py"
        (handed_in / name / "solution.py").write_text(source.read_text())
    done = grader(
        "batch", handed_in, "--task", "digits-short", *TRUSTED, "--json", "--jobs", 2, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    verdicts = {file: row["verdict"] for file, row in outcomes(done).items()}
    assert verdicts == {name: place.split("/")[0] for name, place in wanted.items()}
    assert "works, works-too: identical files" in done.stderr


def test_one_that_kills_its_grading_process_is_our_trouble_and_the_rest_is_graded(
    tmp_path: Path, handed_in: Path, hand_in: Callable[..., Path]
) -> None:
    hand_in("Ada", "import os\nos.kill(os.getppid(), 9)\n")
    hand_in("Ben")
    hand_in("Cleo")
    done = grader(
        "batch", handed_in, "--task", "neuron", *TRUSTED, "--json", "--jobs", 1, cwd=tmp_path
    )
    assert done.returncode == 3
    rows = outcomes(done)
    assert {file: row["verdict"] for file, row in rows.items()} == {
        "Ada": "grader_error",
        "Ben": "accepted",
        "Cleo": "accepted",
    }
    assert "signal 9" in rows["Ada"]["reason"]
    assert rows["Ada"]["score"] is None
    assert next(iter(rows)) == "Ada"


# Trouble of our own.

TOUCHY_TASK = """
import os
from grader.exams.function_cases.cases import Function, Group

def answer(x):
    if os.path.exists({flag!r}):
        raise RuntimeError("the task is out of order")
    return x

GROUPS = [Group("small", lambda draw: [(float(n),) for n in range(3)])]
FUNCTIONS = [Function("same", answer, GROUPS)]
"""
TOUCHY_TOML = """
id = "touchy"
title = "Touchy"
about = "For tests."
stage = "foundations"
order = 99
exam = "functions"

[scoring]
metric = "cases"
curve = [[0.0, 0.0], [1.0, 1.0]]
gate = 1.0
[scoring.groups]
"same/small" = 1
"""


def test_the_same_trouble_again_and_again_stops_the_batch_and_is_tried_last_next_time(
    tmp_path: Path, handed_in: Path, hand_in: Callable[..., Path]
) -> None:
    flag = tmp_path / "out-of-order"
    flag.touch()
    task = tmp_path / "tasks" / "touchy"
    task.mkdir(parents=True)
    (task / "task.toml").write_text(TOUCHY_TOML)
    (task / "task.py").write_text(TOUCHY_TASK.format(flag=str(flag)))
    for name in ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn"):
        hand_in(name, "def same(x):\n    return x\n")
    words = ("batch", handed_in, "--task", "touchy", *TRUSTED, "--jobs", 1)
    done = grader(*words, cwd=tmp_path, GRADER_TASKS=str(task.parent))
    assert done.returncode == 3
    assert "stopped with 3 left to do" in done.stderr
    assert "out of order" in done.stderr
    assert {result.verdict.status for result in stored(tmp_path)} == {Status.GRADER_ERROR}
    assert len(stored(tmp_path)) == 3
    flag.unlink()
    done = grader(*words, "--json", cwd=tmp_path, GRADER_TASKS=str(task.parent))
    assert done.returncode == 0, done.stderr
    assert {row["verdict"] for row in outcomes(done).values()} == {"accepted"}
    graded = [
        result.submission.author
        for result in stored(tmp_path)
        if result.verdict.status is Status.ACCEPTED
    ]
    assert graded == ["Dan", "Eve", "Finn", "Ada", "Ben", "Cleo"]


def test_a_runner_that_does_not_start_is_never_the_learners_fault(
    tmp_path: Path, grade_source: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = tmp_path / "runner"
    runner.mkdir()
    (runner / "__main__.py").write_text("raise SystemExit('the image is broken')\n")
    monkeypatch.setattr(runner_process, "RUNNER", runner)
    result = grade_source(RIGHT, "neuron")
    assert result.verdict.status is Status.GRADER_ERROR
    assert result.score is None
    assert "the image is broken" in result.verdict.reason


# Names.


def test_hostile_names_are_shown_harmlessly_and_none_stops_the_batch(
    tmp_path: Path, handed_in: Path
) -> None:
    refused = (b"\x1b[31mred.py", "\u202egnirts.py".encode(), b"\xff\xfe.py")
    for name in (b"=1+1.py", b"-rf.py", b"[bold]bold.py", *refused):
        Path(os.fsdecode(os.fsencode(handed_in) + b"/" + name)).write_text(RIGHT)
    (handed_in / "two\nlines").mkdir()
    (handed_in / "two\nlines" / "solution.py").write_text(RIGHT)
    words = ("batch", handed_in, "--task", "neuron", *TRUSTED, "--csv", "class.csv")
    done = grader(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "\u202e" not in done.stdout + done.stderr
    by_author = {result.submission.author: result.verdict.status for result in stored(tmp_path)}
    assert [by_author.pop(name) for name in ("=1+1", "-rf", "[bold]bold", "two lines")] == [
        Status.ACCEPTED
    ] * 4
    assert list(by_author.values()) == [Status.INVALID_SUBMISSION] * 3
    with (tmp_path / "class.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 7
    assert {"'=1+1", "'-rf", "two lines"} <= {row["author"] for row in rows}
    again = grader(*words, "--json", cwd=tmp_path)
    assert {row["state"] for row in outcomes(again).values()} == {"before"}


def test_names_that_fall_together_and_work_that_is_the_same_are_said(
    tmp_path: Path, handed_in: Path, hand_in: Callable[..., Path]
) -> None:
    hand_in("Ada.zip", WRONG, author="Cleo")
    hand_in("ada", WRONG + "\n# another\n", author="Ben")
    hand_in("Ben", author="Ben")
    hand_in("Eve", author="Ben")
    words = ("batch", handed_in, "--task", "neuron", *TRUSTED, "--json")
    done = grader(*words, cwd=tmp_path)
    assert "Ada.zip, ada: all by" in done.stderr
    assert "Ben, Eve: identical files" in done.stderr
    claimed = grader(*words, "--authors", "claimed", cwd=tmp_path)
    rows = outcomes(claimed)
    assert {file: row["author"] for file, row in rows.items()} == {
        **{"Ada.zip": "Cleo", "ada": "Ben", "Ben": "Ben", "Eve": "Ben"},
    }
    assert "Ben, Eve, ada: all by 'Ben'" in claimed.stderr
    assert rows["Ben"]["result"] == rows["Eve"]["result"]  # the same author and files: graded once
    authors = sorted(result.submission.author for result in stored(tmp_path))
    assert authors == ["Ada", "Ben", "Ben", "Cleo", "Eve", "ada"]


@pytest.mark.parametrize(
    ("name", "claim", "author"),
    [
        ("neuron-Ada.zip", None, "Ada"),
        ("neuron-Ada.zip", "Eve", "Eve"),
        ("Ada L. Smith.zip", None, "Ada L. Smith"),
        ("Ada.tar.gz", None, "Ada"),
        ("neuron-", None, "neuron-"),
        ("J. Smith/", None, "J. Smith"),
        ("  \x07 /", None, "unnamed"),
    ],
)
def test_the_author_is_what_the_folder_calls_them(
    tmp_path: Path, name: str, claim: str | None, author: str
) -> None:
    path = tmp_path / name.rstrip("/")
    if name.endswith("/"):
        path.mkdir()
    assert author_of(path, "neuron", claim) == author


# Tasks.


def test_a_batch_without_a_task_takes_each_submissions_own(
    tmp_path: Path, handed_in: Path, hand_in: Callable[..., Path]
) -> None:
    hand_in("Ada", task="neuron")
    hand_in("neuron-Ben.zip")
    (handed_in / "neuron-Cleo.zip").write_bytes(b"nothing")
    hand_in("Dan", task="nuron")
    hand_in("Eve")
    source = (course_folder("reference") / "activations" / "numpy" / "solution.py").read_text()
    hand_in("Finn", source, task="activations")
    done = grader("batch", handed_in, *TRUSTED, "--json", cwd=tmp_path)
    assert done.returncode == 2
    rows = outcomes(done)
    assert {file: (row["author"], row["task"], row["verdict"]) for file, row in rows.items()} == {
        "Ada": ("Ada", "neuron", "accepted"),
        "neuron-Ben.zip": ("Ben", "neuron", "accepted"),
        "neuron-Cleo.zip": ("Cleo", "neuron", "invalid_submission"),
        "Dan": ("Dan", "", None),
        "Eve": ("Eve", "", None),
        "Finn": ("Finn", "activations", "accepted"),
    }
    assert "Did you mean 'neuron'" in rows["Dan"]["reason"]
    assert "which task" in rows["Eve"]["reason"]
    assert len(stored(tmp_path)) == 4


@pytest.mark.parametrize(
    ("lay", "said"),
    [
        (lambda folder: folder.rmdir(), "does not exist"),
        (lambda folder: None, "is empty"),
        (lambda folder: (folder / "solution.py").write_text(RIGHT), "is one submission"),
        (lambda folder: [folder.rmdir(), folder.write_bytes(b"PK")], "unpack it"),
    ],
    ids=["missing", "empty", "one submission", "a file"],
)
def test_a_folder_that_holds_no_class_is_refused(
    handed_in: Path, lay: Callable[[Path], Any], said: str
) -> None:
    lay(handed_in)
    with pytest.raises(UsageError, match=said):
        find_submissions(handed_in, handed_in / "results")


def test_results_inside_the_folder_are_no_submission(
    handed_in: Path, hand_in: Callable[..., Path]
) -> None:
    hand_in("Ada")
    save(handed_in / "results", make_result())
    assert find_submissions(handed_in, handed_in / "results") == [handed_in / "Ada"]


# Parts.


def test_jobs_leave_the_timed_cores_free_and_fit_into_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Memory:
        available = 10 << 30

    monkeypatch.setattr(batch, "usable_cores", lambda: list(range(16)))
    monkeypatch.setattr(batch.psutil, "virtual_memory", Memory)
    untimed = make_task(limits=LimitsTable(cores=1, memory_mib=256))
    timed = make_task(par="mlp", limits=LimitsTable(cores=2, memory_mib=256))
    big = make_task(par="mlp", limits=LimitsTable(cores=1, memory_mib=1024))
    assert default_jobs([untimed], "cpu") == 16
    assert default_jobs([timed], "cpu") == 7
    assert default_jobs([big], "cpu") == 3
    assert default_jobs([untimed, big], "cpu") == 3
    assert default_jobs([untimed], "GPU-1") == 1
    monkeypatch.setattr(batch, "usable_cores", lambda: [0, 1])
    assert default_jobs([timed], "cpu") == 1
    assert default_jobs([untimed], "cpu") == 2


def test_several_runs_stand_as_their_median_and_trouble_of_ours_before_it() -> None:
    runs = [
        make_result(points=(points, 0, 0), status=Status.ACCEPTED) for points in (90.0, 70.0, 80.0)
    ]
    outcome = BatchOutcome("Ada", "Ada", "mnist", "graded", tuple(runs))
    assert outcome.result is runs[2]
    assert spread(outcome.scores) == "80 (70 to 90, n=3)"
    trouble = make_result(points=None, status=Status.GRADER_ERROR)
    assert BatchOutcome("Ada", "Ada", "mnist", "graded", (*runs, trouble)).result is trouble
    assert BatchOutcome("Ada", "Ada", "", "failed").status is Status.GRADER_ERROR
    assert BatchOutcome("Ada", "Ada", "", "unfiled").status is None
    assert about_names([outcome]) == []


def test_a_result_of_another_version_tier_or_device_is_not_the_one_that_is_asked_for(
    tmp_path: Path, handed_in: Path, hand_in: Callable[..., Path]
) -> None:
    path = hand_in("Ada")
    settings = Settings(tmp_path / "results", "neuron", "process", trusted=True)
    [outcome] = Batch([path], settings, []).run().outcomes
    [result] = outcome.results
    version = result.task.model_copy(update={"exam_version": "another"})
    for change in ({"task": version}, {"tier": Tier.CONTAINER}, {"device": "GPU"}):
        assert (
            Batch([path], settings, [result.model_copy(update=change)]).run().outcomes[0].state
            == "graded"
        )
    assert Batch([path], settings, [result]).run().outcomes[0].state == "before"


# In containers.


@pytest.mark.docker
def test_a_batch_runs_in_containers_without_a_word(
    tmp_path: Path, handed_in: Path, hand_in: Callable[..., Path]
) -> None:
    hand_in("neuron-Ada.zip", task="neuron")
    hand_in("Ben")
    hand_in("Cleo", WRONG)
    (handed_in / "Dan.zip").write_bytes(b"nothing")
    done = grader("batch", handed_in, "--task", "neuron", "--json", "--jobs", 2, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    verdicts = {row["author"]: row["verdict"] for row in outcomes(done).values()}
    assert verdicts == {
        **{
            "Ada": "accepted",
            "Ben": "accepted",
            "Cleo": "below_target",
            "Dan": "invalid_submission",
        },
    }
    assert {result.tier for result in stored(tmp_path)} == {Tier.CONTAINER}
    assert len({result.image for result in stored(tmp_path)} - {""}) == 1
    again = grader("batch", handed_in, "--task", "neuron", "--json", cwd=tmp_path)
    assert {row["state"] for row in outcomes(again).values()} == {"before"}


# A busy machine.


class OnBusyMachine:
    """In the place of a worker: grades nothing, and says "busy" as often as the name tells."""

    graded: list[str]  # names, in the order in which they came
    at_work: set[str]
    most_at_work: dict[str, int]  # when each was graded last: how many were at that time

    def __init__(self) -> None:
        self.name = ""

    def open(self, hand_in: HandIn) -> dict[str, Any]:
        self.name = hand_in.path.name
        names = ("sha256", "exam_version", "tier", "device")
        return {"author": self.name, "task": "mnist"} | dict.fromkeys(names, self.name)

    def grade(self) -> bytes:
        self.at_work.add(self.name)
        time.sleep(0.05)
        self.most_at_work[self.name] = len(self.at_work)
        self.at_work.discard(self.name)
        before = self.graded.count(self.name)
        self.graded.append(self.name)
        if before < self.busy_runs():
            verdict = Verdict(status=Status.GRADER_ERROR, code=Code.BUSY, reason="others took it")
            return packed(make_result(self.name, points=None, verdict=verdict))
        return packed(make_result(self.name, id=f"{self.name}-{before}"))

    def busy_runs(self) -> int:
        return int(self.name.partition("-")[2] or 0)

    def how_it_ended(self) -> str:
        return "it never ends"

    def interrupt(self) -> None:
        pass

    def close(self) -> None:
        pass


def packed(result: Result) -> bytes:
    return pack(contents(result, "", None, None))


class StandIns:
    """An engine of three places whose workers are stand-ins."""

    tries = 1

    def __init__(self, worker: type[OnBusyMachine]) -> None:
        self.worker = worker

    def places(self) -> list[str]:
        return [""] * 3

    def start(self, place: str, is_wanted: IsWanted) -> OnBusyMachine:
        return self.worker()

    def is_lost(self, place: str) -> bool:
        return False


def on_busy_machine(names: list[str], tmp_path: Path) -> tuple[Finished, type[OnBusyMachine]]:
    """Run a batch whose submissions are named after how often the machine is busy."""

    class Fresh(OnBusyMachine):
        graded: list[str] = []  # noqa: RUF012 - of this batch alone
        at_work: set[str] = set()  # noqa: RUF012
        most_at_work: dict[str, int] = {}  # noqa: RUF012

    settings = Settings(results=tmp_path / "results", jobs=3)
    handed_in = [tmp_path / name for name in names]
    return Batch(handed_in, settings, [], engine=StandIns(Fresh)).run(), Fresh


def test_who_met_a_busy_machine_is_graded_again_last_and_alone(tmp_path: Path) -> None:
    names = ["Ada-1", "Ben", "Cleo-1", "Dan", "Eve", "Finn"]
    finished, seen = on_busy_machine(names, tmp_path)
    assert {each.author: each.status for each in finished.outcomes} == dict.fromkeys(
        names, Status.ACCEPTED
    )
    assert sorted(seen.graded[-2:]) == ["Ada-1", "Cleo-1"]
    assert {seen.most_at_work[name] for name in ("Ada-1", "Cleo-1")} == {1}


def test_a_machine_that_stays_busy_stops_no_batch(tmp_path: Path) -> None:
    busy = [f"{name}-9" for name in ("Ada", "Ben", "Cleo", "Dan", "Eve")]
    finished, seen = on_busy_machine([*busy, "Finn"], tmp_path)
    assert (finished.stopped, finished.left) == ("", 0)
    statuses = {each.author: each.status for each in finished.outcomes}
    assert statuses == dict.fromkeys(busy, Status.GRADER_ERROR) | {"Finn": Status.ACCEPTED}
    assert sorted(seen.graded) == sorted([*busy, *busy, "Finn"])
