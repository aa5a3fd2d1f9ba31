"""Whole runs on a GPU that is not there, with boxes that are real: figures, refusals, flags.

The driver is that of tests/support/fake_nvml.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.fake_nvml import IDLE, MIB, NOBODY, ONE, OTHER, Card, FakeNvml, fake_driver
from support.gpu_tasks import PAR_TASK, gpu_task_maker
from typer.testing import CliRunner

from grader import cli
from grader.course.curriculum import course_folder
from grader.course.datasets import digits
from grader.errors import SandboxError, UsageError
from grader.exams.timing.locks import timing_lock
from grader.exams.timing.par import Par, slower_than_alone
from grader.host import machine
from grader.records import Measured, Result, Status, Submission
from grader.sandbox.box import Box
from grader.sandbox.process import ProcessBox

HONEST = (course_folder("reference") / "digits" / "linear" / "solution.py").read_text("utf-8")
PAR = (PAR_TASK / "reference" / "random_features" / "solution.py").read_text("utf-8")


def test_each_card_has_its_own_timing_lock() -> None:
    files = {str(timing_lock(device).lock_file) for device in ("cpu", ONE, OTHER)}
    assert len(files) == 3


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNvml]:
    with fake_driver(monkeypatch) as library:
        yield library


@pytest.fixture
def gpu_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    return gpu_task_maker(tmp_path, monkeypatch)


class Population:
    """Which boxes live, and what was asked of each, in order of their start."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.living: list[Box] = []
        self.started: list[Box] = []
        self.asked: dict[int, list[np.ndarray]] = {}
        start = ProcessBox.start
        close = ProcessBox.close
        predict = ProcessBox.predict

        def started(box: ProcessBox) -> Any:
            self.living.append(box)
            self.started.append(box)
            return start(box)

        def closed(box: ProcessBox) -> None:
            close(box)
            if box in self.living:
                self.living.remove(box)

        def asked(box: ProcessBox, batch: np.ndarray, *rest: Any) -> Any:
            self.asked.setdefault(id(box), []).append(np.array(batch))
            return predict(box, batch, *rest)

        monkeypatch.setattr(ProcessBox, "start", started)
        monkeypatch.setattr(ProcessBox, "close", closed)
        monkeypatch.setattr(ProcessBox, "predict", asked)


@pytest.fixture
def population(monkeypatch: pytest.MonkeyPatch) -> Population:
    return Population(monkeypatch)


def test_the_memory_of_a_run_is_its_own_boxs_alone(
    driver: FakeNvml,
    population: Population,
    gpu_task: Callable[..., str],
    grade_source: Callable[..., Result],
) -> None:
    """Each living box holds 300 MiB of the card: par and the null box would show if they joined
    before the figure.
    """
    card = driver.cards[0]
    card.used = lambda: IDLE + 300 * MIB * len(population.living)
    result = grade_source(PAR, gpu_task("digits-gpu", PAR), device=ONE)
    assert result.verdict.status is Status.ACCEPTED, result.verdict
    assert (result.device, result.machine.gpu) == (
        "NVIDIA Example",
        "NVIDIA Example, 81920 MiB, driver 580.1",
    )
    peak = result.measurements["peak_memory_bytes"]
    ratio = result.measurements["memory_ratio"]
    assert peak.value == 300 * MIB
    assert "sampled" in peak.source
    assert result.par["peak_memory_bytes"].value == 300 * MIB, (
        "par's figure comes about in the same way"
    )
    assert ratio.value == 1.0
    assert result.measurements["host_memory_bytes"].value > 10 * MIB
    assert result.measurements["accuracy"].n == 540
    assert result.measurements["latency_ratio"].value > 0
    assert len(population.started) == 5, (
        "par's warm-up, par alone, then the submission, par and the null box"
    )
    hidden = digits.load(Path()).hidden_inputs
    asked = np.concatenate(population.asked[id(population.started[2])])
    timed = rows(asked[:540])
    assert len(set(timed)) == 540, "no input twice"
    assert set(timed) <= set(rows(hidden)), "as they are, before any perturbed copy"
    assert population.living == []


def rows(images: np.ndarray) -> list[bytes]:
    return sorted(image.tobytes() for image in images)


def test_a_run_on_a_busy_card_is_our_trouble(
    driver: FakeNvml,
    population: Population,
    gpu_task: Callable[..., str],
    grade_source: Callable[..., Result],
) -> None:
    driver.cards[0].computing = [NOBODY]
    result = grade_source(HONEST, gpu_task("digits-gpu"), device=ONE)
    assert (result.verdict.status, result.score) == (Status.GRADER_ERROR, None)
    assert f"process {NOBODY}" in result.verdict.reason
    assert result.device == "NVIDIA Example"
    assert population.started == [], "nothing is run on a card that is not free"


def test_a_run_without_par_has_a_figure_and_no_ratio(
    driver: FakeNvml,
    population: Population,
    gpu_task: Callable[..., str],
    grade_source: Callable[..., Result],
) -> None:
    driver.cards[0].used = lambda: IDLE + 300 * MIB * len(population.living)
    result = grade_source(HONEST, gpu_task("digits-gpu"), device=ONE)
    assert result.verdict.status is Status.ACCEPTED, result.verdict
    assert result.measurements["peak_memory_bytes"].value == 300 * MIB
    assert "memory_ratio" not in result.measurements


def test_somebody_who_comes_while_it_is_timed_spoils_the_run(
    driver: FakeNvml,
    population: Population,
    gpu_task: Callable[..., str],
    grade_source: Callable[..., Result],
) -> None:
    ours = lambda: [pid for box in population.living for pid in box.pids()]  # noqa: E731
    driver.cards[0].computing = lambda: [*ours(), *([os.getpid()] if population.asked else [])]
    result = grade_source(HONEST, gpu_task("digits-gpu"), device=ONE)
    assert result.verdict.status is Status.GRADER_ERROR
    assert f"process {os.getpid()}" in result.verdict.reason


def test_a_submission_that_leaves_kernels_running_is_flagged(
    driver: FakeNvml,
    population: Population,
    gpu_task: Callable[..., str],
    grade_source: Callable[..., Result],
) -> None:
    driver.cards[0].busy = 97
    driver.cards[0].slowed = 0x20
    result = grade_source(HONEST, gpu_task("digits-gpu"), device=ONE)
    assert (result.verdict.status, result.verdict.code) == (Status.FLAGGED, "worked_while_idle")
    assert "97 % busy" in result.verdict.reason
    assert any("slowed down by heat" in note for note in result.notes)


def test_a_card_that_went_is_said_before_anything_runs(
    driver: FakeNvml, gpu_task: Callable[..., str], grade_source: Callable[..., Result]
) -> None:
    with pytest.raises(SandboxError, match=f"no GPU with the UUID {OTHER}"):
        grade_source(HONEST, gpu_task("digits-gpu"), device=OTHER)


def test_par_that_is_slower_beside_the_submission_than_alone_is_told() -> None:
    alone = Measured(value=1e-3, unit="seconds")
    par = Par(Submission(Path(), "", "", "", "", "", ""), {"latency_seconds": alone})
    assert slower_than_alone(par, 1.4e-3) == slower_than_alone(par, None) == ""
    assert (
        slower_than_alone(par, 2.1e-3)
        == "par took 2.1 times as long per call as when it was graded alone"
    )
    assert slower_than_alone(Par(par.submission, {}), 1.0) == ""


# The command.


def test_a_task_without_a_gpu_budget_is_refused_before_a_card_is_looked_for(
    driver: FakeNvml, tmp_path: Path, grade_source: Callable[..., Result]
) -> None:
    with pytest.raises(
        UsageError, match=r"'digits' is graded only on a CPU.*gpu_seconds; use --device cpu"
    ):
        grade_source(HONEST, "digits", device=ONE)
    driver.missing = "no driver"
    words = ["run", str(course_folder("reference") / "digits" / "linear"), "--device", "gpu"]
    done = CliRunner().invoke(cli.app, [*words, "--results", str(tmp_path / "results")])
    assert isinstance(done.exception, UsageError)
    assert "graded only on a CPU" in str(done.exception)
    assert not (tmp_path / "results").exists()


def test_the_command_grades_on_the_card_it_chose(
    driver: FakeNvml, gpu_task: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.cards = [Card(computing=[NOBODY]), Card(OTHER, "NVIDIA Other")]
    monkeypatch.setattr(machine, "load_average", lambda: 0.0)
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "solution.py").write_text(HONEST)
    words = ["run", str(folder), "--task", gpu_task("digits-gpu"), "--device", "gpu", "--json"]
    done = CliRunner().invoke(cli.app, [*words, "--results", str(tmp_path / "results")])
    assert done.exit_code == 0, done.output
    result = Result.model_validate_json(done.stdout)
    assert (result.device, result.verdict.status) == ("NVIDIA Other", Status.ACCEPTED)
