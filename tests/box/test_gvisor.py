"""The tier `gvisor`: the same boxes with gVisor's kernel between the code and the machine's.

A choice of the planted submissions: each kind of exam that needs no data, each way to run out of
something, and attacks on the machine. What is expected of them is what is expected in containers.
"""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.planted import PLANTED, assert_as_expected, grade_planted

from grader.course.curriculum import course_folder, find_task
from grader.grading.pipeline import grade
from grader.intake.submission import open_submission
from grader.records import Result, Status, Tier
from grader.sandbox.box import Sandbox
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.docker.container import DockerSandbox
from grader.sandbox.docker.engine import OWNERSHIP_LABEL, connect, ownership_mark

CHOSEN = [
    "activations/accepted/python_loops",
    "digits/accepted/torch_module",
    "digits/below_target/one_reply_behind",
    "digits/below_target/walks_the_file_system",
    "digits/flagged/nearest_of_the_hidden_digits",
    "digits/invalid_submission/answers_twice",
    "digits-short/below_target/looks_for_leftovers",
    "digits-short/memory_limit_exceeded/grows_in_predict",
    "digits-short/memory_limit_exceeded/one_giant_array",
    "digits-short/time_limit_exceeded/endless_training",
    "digits-short/time_limit_exceeded/stops_itself",
]
EVERY_TIME = (
    "activations/accepted/python_loops",
    "digits/accepted/torch_module",
    "digits/below_target/walks_the_file_system",
    "digits-short/memory_limit_exceeded/grows_in_predict",
)
INSTALL = "apt install runsc, and tell the engine of it: docs/measure/security.md"

pytestmark = pytest.mark.docker


@cache
def has_gvisor() -> bool:
    """Whether the engine knows gVisor's runtime."""
    command = ["docker", "info", "--format", "{{json .Runtimes}}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0 and "runsc" in json.loads(done.stdout or "{}")


@pytest.fixture(autouse=True)
def engine() -> None:
    if not has_gvisor():
        pytest.skip(f"the engine has no runtime runsc; {INSTALL}")


@cache
def sandbox_for(exam: str) -> Sandbox:
    return choose_sandbox("gvisor", exam)


def chosen() -> list[Any]:
    """Return one of each kind of exam, of attacks and of limits; all the others at night."""
    return [
        pytest.param(name, marks=[] if name in EVERY_TIME else [pytest.mark.nightly])
        for name in CHOSEN
    ]


@pytest.mark.parametrize("name", chosen())
def test_what_holds_in_a_container_holds_in_gvisor(
    name: str, tmp_path: Path, small_data: Path
) -> None:
    folder = PLANTED / name
    sandbox = sandbox_for(find_task(folder.parent.parent.name).spec.exam)
    result = grade_planted(folder, sandbox, tmp_path, small_data, with_par=False)
    assert isinstance(result, Result)
    assert_as_expected(folder, result, Tier.CONTAINER, tmp_path / "results")
    assert result.tier is Tier.GVISOR
    engine = connect()
    assert (
        engine.containers.list(all=True, filters={"label": f"{OWNERSHIP_LABEL}={ownership_mark()}"})
        == []
    )


def test_a_fork_bomb_ends_gvisors_kernel_and_is_the_submissions_own_doing(
    tmp_path: Path, small_data: Path
) -> None:
    """Every process of the box is a thread of that kernel, and of those the box may have so many;
    all of them together have its memory.
    """
    folder = PLANTED / "digits-short" / "time_limit_exceeded" / "fork_bomb"
    result = grade_planted(
        folder, sandbox_for("classification"), tmp_path, small_data, with_par=False
    )
    assert isinstance(result, Result)
    assert result.verdict.status in (
        Status.RUNTIME_ERROR,
        Status.TIME_LIMIT_EXCEEDED,
        Status.MEMORY_LIMIT_EXCEEDED,
    ), result.verdict.reason
    assert result.score is not None
    assert result.score.total == 0


@pytest.mark.parametrize(
    ("task_id", "name"),
    [
        ("neuron", "numpy"),
        # By day a network of PyTorch is among those that are planted.
        pytest.param("digits", "simple_nn", marks=pytest.mark.nightly),
    ],
)
def test_references_are_accepted_and_see_another_kernel(
    task_id: str, name: str, tmp_path: Path
) -> None:
    (tmp_path / "handed_in").mkdir()
    source = (course_folder("reference") / task_id / name / "solution.py").read_text("utf-8")
    handed_in = tmp_path / "handed_in" / "solution.py"
    handed_in.write_text(source + '\nprint("kernel:", open("/proc/version").read())\n')
    submission, task = open_submission(
        handed_in.parent, tmp_path / "opened", task_id=task_id, author="tester"
    )
    result = grade(
        submission, task, sandbox_for(task.spec.exam), tmp_path / "results", with_par=False
    )
    assert result.verdict.status is Status.ACCEPTED, result.verdict.reason
    assert result.measurements["peak_memory_bytes"].value > 0
    logs = [path.read_text("utf-8") for path in (tmp_path / "results").rglob("log.txt")]
    assert any("gVisor" in log or "4.4.0" in log for log in logs), logs  # what gVisor calls itself


def test_an_engine_without_it_is_said_and_nothing_weaker_is_taken(tmp_path: Path) -> None:
    sandbox = DockerSandbox(sandbox_for("functions").image, runtime="no-such-runtime")
    source = course_folder("reference") / "neuron" / "numpy"
    submission, task = open_submission(
        source, tmp_path / "opened", task_id="neuron", author="tester"
    )
    result = grade(submission, task, sandbox, tmp_path / "results")
    assert result.verdict.status is Status.GRADER_ERROR
    assert "no-such-runtime" in result.verdict.reason
