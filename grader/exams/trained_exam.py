"""The template of an exam whose submission trains a model: the choreography all such kinds share.

A kind fills in what is read, taught, asked and judged, and in no other order:

    read        the data set, checked against the task
    warm        the sandbox's files into the page cache
    par         the reference's own figures, measured once for this machine
    teach       a box with the submission trains; par's box and the null box start meanwhile
    freeze      the trained box waits, unable to work ahead
    time        every question once, by turns with par
    diagnose    the doctor asks a little more, about training examples
    judge       the answers, and what they are worth
    audit       what else the answers must stand: asked again, changed, retrained
    measure     speed, memory, noise, and the details a page shows
    presence    the boxes end, and par alone must be as fast as it was beside them

Watching a GPU, noise, memory and details belong here, so that every kind has them.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from grader.course.dataset import data_folder
from grader.course.task_file import HuntTable
from grader.errors import SubmissionFailed
from grader.exams.answer_budget import answer_seconds
from grader.exams.details import loss_curve, with_timings
from grader.exams.exam import Exam
from grader.exams.looked_at_again import add_names, diagnose_failure, is_only_too_small
from grader.exams.session import Session
from grader.exams.spending import Spending
from grader.exams.teaching import (
    Lesson,
    as_rehearsed,
    budget_seconds,
    load_model,
    notes_of,
    stopping_seconds,
    train_model,
    was_stopped,
    without_notes,
)
from grader.exams.timing import figures, stopwatch
from grader.exams.timing.companions import Companions
from grader.exams.timing.locks import LOCK_SECONDS, timed_alone
from grader.exams.timing.par import Par, find_par, slower_than_alone
from grader.exams.timing.presence import Asked
from grader.exams.timing.presence_test import PresenceTest
from grader.host.other_programs import OtherPrograms
from grader.records import STOPPED_NOTE, Details, Failure, Measured, PhaseMemory
from grader.sandbox.box import Box
from grader.sandbox.gpu import GpuMonitor
from grader.sandbox.training_trace import TrainingTrace, read_trace

ALONE_SHARE = 0.1  # of the first questions, and a batch at least: on a GPU, asked before par joins
LATENCY_SHARE = 0.4  # of the hidden inputs at most, asked one at a time
LATENCY_SECONDS = 2.5  # of the submission's time at most
# Inputs that are asked alone however long it takes, the last of them without a clock: whether an
# answer depends on its neighbours is seen in these, and a slow model must not choose how many.
LEAST_ALONE = 256


@dataclass(frozen=True)
class PhasePlan:
    """A timed phase to come: what share of the questions that are left it asks, and how."""

    name: str
    batch: int  # questions in one call
    share: float = 1.0
    ask: stopwatch.Ask = stopwatch.ask_scores
    budget_seconds: float | None = None  # of the submission's time; what is left goes to the next
    least: int = 0  # questions that are asked all the same, untimed beyond the budget


@dataclass
class Questions:
    """Questions that are asked once each, in one or more timed phases one after the other.

    inputs: one row a question, in the order they are asked. answers: room for as many answers.
    asking: what progress says meanwhile.
    """

    inputs: np.ndarray
    answers: np.ndarray
    phases: Sequence[PhasePlan]
    asking: str

    def phase(self, plan: PhasePlan, position: int) -> stopwatch.Phase:
        """Return the phase of a plan that begins after `position` questions."""
        count = len(self.inputs)
        last = position + int((count - position) * plan.share)
        return stopwatch.Phase(plan.name, plan.batch, position, last, plan.ask)


def alone_then_in_batches(inputs: np.ndarray, outputs: int, batch: int) -> Questions:
    """Return every input once, in the order given: some of them alone, the rest in batches.

    outputs: float32 numbers that one input is answered with.
    """
    count = len(inputs)
    return Questions(
        inputs=inputs,
        answers=np.empty((count, outputs), np.float32),
        phases=(
            PhasePlan(
                "latency", 1, LATENCY_SHARE, budget_seconds=LATENCY_SECONDS, least=LEAST_ALONE
            ),
            PhasePlan("throughput", batch),
        ),
        asking=f"asking {count} hidden inputs",
    )


class TrainedExam(Exam):
    """The template of an exam whose submission trains a model. See the head of this file."""

    # Whether the peak that is scored is read after the last check, not after the timed phase.
    PEAK_INCLUDES_CHECKS: ClassVar[bool] = False

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.memory: list[PhaseMemory] = []  # what the submission's box needed, phase by phase
        self.trace: TrainingTrace | None = None  # of its first training: evidence, never scored
        self.measured_loss: float | None = None  # cross-entropy on training examples, by the doctor
        self.sides: list[stopwatch.Side] = []  # the submission's, one for each set of questions
        self.timings: list[stopwatch.Timing] = []
        self.planted: Failure | None = None  # of a bug hunt: its mistake still shows
        self._asked: list[Questions] = []
        self._phases_asked: list[Asked] = []

    # What a kind fills in.

    @abstractmethod
    def read(self, folder: Path) -> None:
        """Read the data below `folder` and check that the task can be held on it."""

    @abstractmethod
    def read_stand_in(self) -> None:
        """Take the generated stand-in for the data instead."""

    @abstractmethod
    def lesson(self) -> Lesson:
        """Return what the submission trains on."""

    @abstractmethod
    def sliver(self) -> Lesson:
        """Return a small part of it, enough for par to build the same network."""

    @abstractmethod
    def questions(self) -> Sequence[Questions]:
        """Draw what is asked in the timed phases."""

    @abstractmethod
    def diagnose(self, box: Box) -> Failure | None:
        """Let the doctor name known mistakes; return a hunt's failure if the planted one shows."""

    @abstractmethod
    def judge(self, box: Box) -> dict[str, Measured]:
        """Return the figures of the answers; SubmissionFailed where they are none."""

    def verdict(self) -> Failure | None:
        """Return why a result is flagged by what was judged; None if it is not."""
        return None

    def audit(self, box: Box) -> dict[str, Measured]:
        """Return what else the answers were put to; the box is thawed and its log is closed."""
        return {}

    @abstractmethod
    def call_figures(self) -> dict[str, Measured]:
        """Return what the timed calls say of latency and throughput."""

    def timings_for_speed(self) -> Sequence[stopwatch.Timing]:
        """Return the phases whose ratios to par may be scored, the one with the null first."""
        return self.timings

    @abstractmethod
    def raw_answers(self) -> dict[str, np.ndarray]:
        """Return the answers that are kept, so that a metric can be computed again."""

    def details(self) -> Details:
        """Return what a page shows of the answers."""
        return Details()

    def advise(self, box: Box, train_seconds: float, began: float) -> None:
        """In a rehearsal, look beyond the contract. The box holds the trained submission."""

    def ask_in_rehearsal(self, box: Box) -> None:
        """Ask the questions with nobody beside and no clock."""
        for questions, side in zip(self._asked, self.sides, strict=True):
            for plan in questions.phases:
                phase = questions.phase(plan, side.position)
                stopwatch.ask_untimed(phase, questions.inputs, side, self.call_seconds)

    # The choreography.

    def examine(self) -> None:
        self._read()
        par = self._find_par()
        companions = Companions(self.session, self.sliver(), par)
        monitor = self.session.monitor_gpu()
        if monitor is None:
            companions.start()
        box = self.session.open()
        spending = self._teach_within_budget(box)
        self._draw_questions(box)
        self._get_ready(box)
        spending.check()
        peak = self._peak_alone(monitor)
        box.freeze()
        self.outcome.remark(box.freezing_remark())
        if monitor is not None:
            companions.start()
        companions.wait()
        noise = self._time(box, companions)
        spending.check()
        spending.limit_further_answers()
        box.thaw()
        self.remember_memory(box, "answering")
        peak = peak or box.peak_memory()
        self.planted = self._diagnose(box)
        self.outcome.measurements = self.judge(box)
        self.outcome.failure = self._failure()
        self._measure_run(spending.used)
        if monitor is not None:
            self._measure_host(box)
            noise.append(monitor.slowed())
            noise.append(self._slowed_par(par))
        self.outcome.notes += [f"timings may be noisy: {why}" for why in noise if why]
        self.outcome.measurements |= self.audit(box)
        spending.check()
        if self.PEAK_INCLUDES_CHECKS and monitor is None:
            peak = box.peak_memory()
        self.outcome.measurements |= figures.memory_figures(peak, par)
        self.outcome.arrays |= self.raw_answers()
        self.outcome.reported = without_notes(box.reported)
        self.outcome.par = par.figures if par is not None else {}
        self.outcome.details = with_timings(self.details(), self.memory, self.timings)
        self._hold_presence_test(companions)

    def rehearse(self) -> None:
        self.read_stand_in()
        began = time.perf_counter()
        box = self.session.open()
        lesson = self.lesson()
        budget = budget_seconds(self.session)
        first = as_rehearsed(self.session, lesson, budget)
        try:
            seconds = self.teach(box, first, budget, doing="training on stand-in data")
        except SubmissionFailed as failed:
            if not is_only_too_small(self.session, self.outcome, failed.failure, lesson):
                raise
            return
        self.outcome.reported = without_notes(box.reported)
        self._draw_questions(box)
        self._get_ready(box)
        self.ask_in_rehearsal(box)
        self.planted = self._diagnose(box)
        self.outcome.measurements = self.judge(box)
        self.outcome.measurements["train_seconds"] = Measured(value=seconds, unit="seconds")
        self.outcome.failure = self.planted
        if self.session.advising:
            self.advise(box, seconds, began)

    def conclude(self) -> None:
        """Add the losses, also of a training that ended in NaN, and look at why one failed."""
        if not self.is_hunt:
            diagnose_failure(self.session, self.outcome, self.trace)
        add_names(self.outcome)
        curve = loss_curve(self.trace, self.measured_loss)
        if curve is not None:
            details = self.outcome.details or Details()
            self.outcome.details = details.model_copy(update={"reported": curve})

    # For benchmarks, which train once and ask many times.

    def train_patiently(self, folder: Path, patience: float) -> Box:
        """Read the data and return a box with the submission trained, within `patience` budgets."""
        self.read(folder)
        box = self.session.open()
        self.teach(box, self.lesson(), patience * budget_seconds(self.session))
        return box

    def ask_alone(self, box: Box) -> None:
        """Ask every question once, in fresh order and timed, with no par beside."""
        self.timings = []
        self._phases_asked = []
        self._draw_questions(box)
        self._get_ready(box)
        box.freeze()
        self._time(box, Companions(self.session, self.sliver(), None))
        box.thaw()

    # Its steps.

    @property
    def call_seconds(self) -> float:
        """How long one call may take."""
        return self.session.task.spec.limits.call_seconds

    @property
    def is_hunt(self) -> bool:
        """Whether the task is a bug hunt: there the doctor's answer is what is graded."""
        return self.session.task.spec.hunt != HuntTable()

    def _read(self) -> None:
        self.session.progress.step(f"reading {self.session.task.spec.dataset}")
        self.session.sandbox.warm()
        self.read(data_folder(self.session.data_folder))

    def _find_par(self) -> Par | None:
        budget_seconds(self.session)  # a task without a budget is said before anything is graded
        if not self.session.with_par or not self.session.task.spec.par:
            return None
        return find_par(self.session, lambda alone: type(self)(alone).run())

    def teach(
        self,
        box: Box,
        lesson: Lesson,
        budget: float,
        *,
        seed: int | None = None,
        doing: str = "training",
    ) -> float:
        """Load the submission into an open box and let it train; return the seconds it trained."""
        session = self.session
        limits = session.task.spec.limits
        session.progress.step(f"starting {session.submission.name}", limits.load_seconds)
        load_model(session, box, session.submission, lesson, seed)
        self.remember_memory(box, "loading")
        session.progress.step(doing, budget)
        seconds = train_model(session, box, lesson, budget, seed)
        for note in notes_of(box):
            self.outcome.remark(note)
        if self.trace is None and box.trace is not None:
            self.trace = read_trace(box.trace)
        self.remember_memory(box, "training")
        return seconds

    def _teach_within_budget(self, box: Box) -> Spending:
        """Let the submission train; return the account of its budget, which goes on from here."""
        session = self.session
        budget = budget_seconds(session)
        seconds = self.teach(box, self.lesson(), budget)
        if was_stopped(box, seconds, budget):
            self.outcome.notes.append(STOPPED_NOTE)
            budget += stopping_seconds(budget)
        spending = Spending(box, budget, seconds, box.budget_clock())
        spending.limit_answers(answer_seconds(session.task.spec, session.device))
        return spending

    def remember_memory(self, box: Box, phase: str) -> None:
        """Keep the box's peak so far under the name of the phase that just ended."""
        peak = box.peak_memory()
        if peak is not None:
            self.memory.append(PhaseMemory(phase=phase, bytes=peak.value))

    def _draw_questions(self, box: Box) -> None:
        self._asked = list(self.questions())
        self.sides = [
            stopwatch.Side("submission", box, questions.answers) for questions in self._asked
        ]

    def _get_ready(self, box: Box) -> None:
        """Fix the number of threads, collect garbage, and end the log before the first question."""
        box.settle(1)
        box.close_log()
        self.session.is_asking = True

    def _peak_alone(self, monitor: GpuMonitor | None) -> Measured | None:
        """On a GPU, ask a part of the first questions with no other box there; return the peak.

        Whose memory it is can't be told once par's box shares the GPU. The answers count like any
        other, but for no speed.
        """
        if monitor is None:
            return None
        questions = self._asked[0]
        side = self.sides[0]
        plan = questions.phases[-1]
        count = len(questions.inputs)
        last = min(count - 1, max(plan.batch, int(count * ALONE_SHARE)))
        self.session.progress.step(f"asking {last} questions to measure the memory")
        phase = stopwatch.Phase(plan.name, plan.batch, 0, last, plan.ask)
        stopwatch.ask_untimed(phase, questions.inputs, side, self.call_seconds)
        return monitor.peak()

    def _time(self, box: Box, companions: Companions) -> list[str]:
        """Ask every question, by turns with par; return why the timings may be noisy."""
        with timed_alone(self.session.device, LOCK_SECONDS, self.session.progress):
            others = OtherPrograms(box, companions.par, companions.null)
            for questions, side in zip(self._asked, self.sides, strict=True):
                self._time_questions(questions, side, companions)
            self.session.check_gpu(whole=False)
            return [others.noise()]

    def _time_questions(
        self, questions: Questions, own: stopwatch.Side, companions: Companions
    ) -> None:
        par, null = companions.sides(own.scores, own.position)
        boxes = [side.box for side in (own, par, null) if side is not None]
        self.session.progress.step(questions.asking)
        with stopwatch.timed_on_cores(boxes, 1):
            for plan in questions.phases:
                # Before each phase: a submission cannot tell which call is the last of one.
                self.session.check_gpu()
                phase = questions.phase(plan, own.position)
                timing = stopwatch.run_phase(
                    phase,
                    questions.inputs,
                    own,
                    par,
                    null,
                    self.call_seconds,
                    plan.budget_seconds,
                )
                self.timings.append(timing)
                if plan.budget_seconds != 0:
                    self._phases_asked.append(Asked(questions.inputs, questions.answers, timing))
                last = min(phase.last, phase.first + plan.least)
                self._ask_the_least(replace(phase, last=last), questions, own)

    def _ask_the_least(
        self, phase: stopwatch.Phase, questions: Questions, own: stopwatch.Side
    ) -> None:
        """Ask what is left of a phase with no clock, if the budget ended before."""
        if own.position >= phase.last:
            return
        own.box.thaw()
        stopwatch.ask_untimed(phase, questions.inputs, own, self.call_seconds)
        own.box.freeze()

    def _diagnose(self, box: Box) -> Failure | None:
        """Ask the doctor. A bug hunt is graded by its answer, so there it is always asked."""
        if not self.session.with_diagnosis and not self.is_hunt:
            return None
        self.session.progress.step("looking for known mistakes")
        return self.diagnose(box)

    def _failure(self) -> Failure | None:
        """Return why the result is flagged, the strongest reason first."""
        for side in self.sides:
            worked = stopwatch.worked_while_idle(side)
            if worked is not None:
                return worked
        return self.session.gpu_failure or self.planted or self.verdict()

    def _measure_run(self, seconds: float) -> None:
        found = self.outcome.measurements
        found["train_seconds"] = Measured(value=seconds, unit="seconds")
        found |= self.call_figures()
        found |= self._speed_figures()
        self.outcome.notes += figures.remarks(self.timings_for_speed())

    def _hold_presence_test(self, companions: Companions) -> None:
        """End the submission's boxes, and take off what par loses beside them."""
        found = self.outcome.measurements
        test = PresenceTest(
            self.session, companions, self._phases_asked, self.call_seconds, self._train_again
        )
        held = test.hold(lambda: self._speed_figures().get("speed_ratio"))
        if held.has_recounted:
            found |= self._speed_figures()
        if held.loss is not None:
            found["par_slowdown"] = held.loss.figure()
        if held.lower is not None:
            found["speed_ratio"] = held.lower
        self.outcome.notes += held.notes
        self.outcome.failure = self.outcome.failure or held.failure

    def _train_again(self) -> Box:
        """Return a fresh box in which the submission is trained, ready and frozen."""
        box = self.session.open(counts=False)
        doing = "training again, to see whether the submission slows par down"
        self.teach(box, self.lesson(), budget_seconds(self.session), doing=doing)
        self._get_ready(box)
        box.freeze()
        return box

    def _speed_figures(self) -> dict[str, Measured]:
        return figures.speed_figures(self.timings_for_speed(), self.session.draw)

    def _measure_host(self, box: Box) -> None:
        """On a GPU the peak that counts is the GPU's; what the host needed is shown beside it."""
        on_host = box.peak_memory()
        if on_host is not None:
            self.outcome.measurements["host_memory_bytes"] = on_host

    def _slowed_par(self, par: Par | None) -> str:
        return "" if par is None else slower_than_alone(par, self.timings[0].par_seconds)
