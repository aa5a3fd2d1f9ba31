"""Every second counts: what a box computes after its training, and how long it may answer."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from support.planted import BUSY_TRIES

from grader.course.curriculum import Task, find_task
from grader.course.task_file import TaskSpec
from grader.errors import SubmissionFailed
from grader.exams.answer_budget import LEAST_ANSWER_SECONDS, answer_seconds
from grader.exams.spending import (
    ANSWERING_SHARE,
    FURTHER_SECONDS,
    FURTHER_TIMES,
    GRAIN_SHARE,
    Spending,
)
from grader.exams.teaching import was_stopped
from grader.grading.pipeline import grade
from grader.host.machine import CPU
from grader.intake.submission import open_submission
from grader.records import Code, Result, Status
from grader.runner.frames import Kind
from grader.sandbox.answers import Answers
from grader.sandbox.box import Box
from grader.sandbox.process import ProcessSandbox

BUDGET = 60.0
PREDICT = Kind.PREDICT


class Worked:
    """A box whose processor time is what a test says."""

    def __init__(self, cores: int = 1) -> None:
        self.limits = SimpleNamespace(cores=cores)
        self.answers = Answers()
        self.used = 100.0

    def cpu_seconds(self) -> float:
        return self.used


def spending(box: Any, training: float = 10.0, taken: float = 0.0) -> Spending:
    clock: Any = SimpleNamespace(look=lambda: None, taken=taken)
    return Spending(box, BUDGET, training, clock)


def test_answers_at_their_usual_cost_are_free() -> None:
    box = Worked()
    account = spending(box)
    for _ in range(100):
        box.answers.note(PREDICT, 1, 0.02)
        box.used += 0.02
    assert account.used == pytest.approx(10.0)
    account.check()


def test_what_is_computed_beside_them_counts_as_training() -> None:
    box = Worked()
    account = spending(box)
    box.answers.note(PREDICT, 1, 0.02)
    box.used += 30.02
    assert account.used == pytest.approx(40.0)
    account.check()
    box.used += 30.0
    with pytest.raises(SubmissionFailed) as raised:
        account.check()
    failure = raised.value.failure
    assert (failure.status, failure.code) == (Status.TIME_LIMIT_EXCEEDED, Code.COMPUTED_LATER)
    assert "trained for 10.0 s and computed for 60.0 s after its training" in failure.reason


@pytest.mark.parametrize("rows", [1, 64, 17, 200])
def test_one_answer_that_takes_longer_than_its_like_is_charged(rows: int) -> None:
    box = Worked()
    account = spending(box)
    for size in [1] * 20 + [64] * 20:
        box.answers.note(PREDICT, size, 0.001 * size)
        box.used += 0.001 * size
    box.answers.note(PREDICT, rows, 7.0)
    box.used += 7.0
    assert account.later == pytest.approx(7.0, abs=0.25)


def test_thinking_long_about_every_answer_is_free_up_to_a_share_of_the_budget() -> None:
    box = Worked()
    account = spending(box)
    for _ in range(10):
        box.answers.note(PREDICT, 64, 3.0)
        box.used += 3.0
    assert account.later == pytest.approx(30.0 - ANSWERING_SHARE * BUDGET)


def test_sleeping_computes_nothing() -> None:
    box = Worked()
    account = spending(box)
    box.answers.note(PREDICT, 64, 9.0)
    assert account.later == 0


def test_processor_time_counts_against_the_cores_that_were_given() -> None:
    box = Worked(cores=2)
    account = spending(box)
    box.used += 20.0
    assert account.later == pytest.approx(10.0)


def test_the_last_second_is_not_haggled_over() -> None:
    box = Worked()
    account = spending(box, training=BUDGET)
    box.used += 0.9 * GRAIN_SHARE * BUDGET
    account.check()


# How long all answers may take.


def test_all_answers_together_have_a_limit() -> None:
    box = Worked()
    account = spending(box)
    assert box.answers.left() == math.inf
    account.limit_answers(20.0)
    box.answers.note(PREDICT, 64, 15.0)
    assert box.answers.left() == pytest.approx(5.0)
    box.answers.note(PREDICT, 64, 5.5)
    assert box.answers.left() <= 0
    failure = box.answers.too_long()
    assert (failure.status, failure.code) == (Status.TIME_LIMIT_EXCEEDED, Code.ANSWERS)


def test_what_others_took_meanwhile_does_not_count() -> None:
    box = Worked()
    spending(box, taken=3.0).limit_answers(20.0)
    box.answers.note(PREDICT, 64, 21.0)
    assert box.answers.left() == pytest.approx(2.0)


@pytest.mark.parametrize("timed", [0.5, 30.0])
def test_further_answers_may_take_a_few_times_what_the_timed_ones_did(timed: float) -> None:
    box = Worked()
    account = spending(box)
    account.limit_answers(1000.0)
    box.answers.note(PREDICT, 64, timed)
    account.limit_further_answers()
    assert box.answers.left() == pytest.approx(max(FURTHER_SECONDS, FURTHER_TIMES * timed))


def spec(**limits: float) -> TaskSpec:
    found = find_task("digits").spec
    return found.model_copy(update={"limits": found.limits.model_copy(update=limits)})


def test_the_limit_is_the_tasks_or_follows_its_budget() -> None:
    assert answer_seconds(spec(answer_seconds=7.0), CPU) == 7.0
    assert answer_seconds(spec(), CPU) == LEAST_ANSWER_SECONDS
    assert answer_seconds(find_task("cifar10").spec, CPU) == 600


# For real, in plain processes, within a budget of one second.

WORK = """
import gc, threading, time
import numpy as np

SECONDS = {seconds}


def work():
    until = time.thread_time() + SECONDS
    while time.thread_time() < until:
        sum(range(10_000))


def model(data):
    known = data.inputs.reshape(len(data.inputs), -1).astype(np.float32)

    def answer(batch):
        rows = batch.reshape(len(batch), -1).astype(np.float32)
        near = (rows**2).sum(1)[:, None] - 2 * rows @ known.T + (known**2).sum(1)[None]
        return data.labels[near.argmin(axis=1)]

    return answer


def train(data):
    honest = model(data)
"""
IN_TRAINING = "    work()\n    return honest\n"
IN_A_THREAD = """
    threading.Thread(target=work, daemon=True).start()
    return lambda batch: (time.sleep(0.02 * min(len(batch), 32)), honest(batch))[1]
"""
IN_A_COLLECTION = """
    class Late:
        def __del__(self):
            work()
    late = Late()
    late.itself = late
    return honest
"""
IN_THE_FIRST_CALL = """
    calls = []
    def answer(batch):
        if not calls:
            work()
        calls.append(1)
        return honest(batch)
    return answer
"""
IN_THE_SHORT_BATCH = """
    return lambda batch: (work() if len(batch) not in (1, 64) else None, honest(batch))[1]
"""
Grade = Callable[..., Result]


@pytest.fixture
def grade_quickly(tmp_path: Path) -> Grade:
    def graded(way: str, *, seconds: float, **limits: float) -> Result:
        folder = tmp_path / "handed-in"
        folder.mkdir()
        (folder / "solution.py").write_text(WORK.format(seconds=seconds) + way)
        submission, task = open_submission(folder, tmp_path / "work", task_id="digits-short")
        sandbox = ProcessSandbox()
        short = shortened(task, **limits)
        for _ in range(BUSY_TRIES):
            result = grade(submission, short, sandbox, tmp_path / "results", with_diagnosis=False)
            if result.verdict.code != Code.BUSY:
                return result
        pytest.skip(f"this machine is too busy: {result.verdict.reason}")

    return graded


def shortened(task: Task, **limits: float) -> Task:
    assert task.spec.budget is not None
    budget = task.spec.budget.model_copy(update={"cpu_seconds": 1.0})
    changed = task.spec.limits.model_copy(update=limits)
    updated = task.spec.model_copy(update={"budget": budget, "limits": changed})
    return dataclasses.replace(task, spec=updated)


@pytest.mark.clock
@pytest.mark.parametrize(
    "way",
    [
        pytest.param(IN_A_THREAD, id="in a thread"),
        pytest.param(IN_A_COLLECTION, id="while garbage is collected"),
        pytest.param(IN_THE_FIRST_CALL, id="in the first call"),
        pytest.param(IN_THE_SHORT_BATCH, id="in the last batch"),
    ],
)
def test_work_put_off_until_after_training_is_no_gain(way: str, grade_quickly: Grade) -> None:
    result = grade_quickly(way, seconds=1.9, call_seconds=30.0)
    assert result.verdict.status is Status.TIME_LIMIT_EXCEEDED, result.verdict
    assert result.verdict.code == Code.COMPUTED_LATER
    assert result.score is not None
    assert result.score.total == 0


@pytest.mark.clock
@pytest.mark.parametrize("way", [IN_TRAINING, IN_THE_FIRST_CALL], ids=["before", "lazily"])
def test_within_the_budget_it_does_not_matter_when(way: str, grade_quickly: Grade) -> None:
    result = grade_quickly(way, seconds=0.7, call_seconds=30.0)
    assert result.verdict.status is Status.ACCEPTED, result.verdict
    assert result.measurements["train_seconds"].value >= 0.7 / 2


@pytest.mark.clock
def test_answers_that_take_too_long_altogether_end_the_run(grade_quickly: Grade) -> None:
    slowly = "    return lambda batch: (time.sleep(0.5), honest(batch))[1]\n"
    result = grade_quickly(slowly, seconds=0, answer_seconds=2.0)
    assert result.verdict.status is Status.TIME_LIMIT_EXCEEDED, result.verdict
    assert result.verdict.code == Code.ANSWERS
    assert result.elapsed_seconds < 60


@pytest.mark.parametrize(
    ("reported", "seconds", "is_believed"),
    [
        ({"stopped": "1"}, 59.0, True),
        ({"stopped": "1"}, 61.0, True),
        ({"stopped": "1"}, 0.1, False),
        ({}, 59.0, False),
    ],
)
def test_a_runner_that_says_it_was_stopped_is_believed_at_the_end_of_the_budget_alone(
    reported: dict[str, str], seconds: float, is_believed: bool
) -> None:
    box = cast(Box, SimpleNamespace(reported=reported))
    assert was_stopped(box, seconds, 60.0) is is_believed
