"""What every exam is given and what it must offer.

An exam is a module with `examine(session) -> Observation` (graded) and `rehearse(session) ->
Observation` (the contract only, in seconds, on stand-in data). It opens boxes through the session,
so that what it opened is closed.
"""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Protocol, cast

import numpy as np

from grader.course.curriculum import Task
from grader.doctor.evidence import TrainingEvidence
from grader.errors import GraderError, SubmissionFailed, TaskError, UsageError
from grader.host.machine import CPU, usable_cores
from grader.intake.notebook_cells import read_cells
from grader.records import (
    Advice,
    Diagnosis,
    Failure,
    Measured,
    Observation,
    PhaseMemory,
    Status,
    Submission,
)
from grader.sandbox.box import MIB, Box, Limits, Sandbox
from grader.sandbox.gpu import GpuMonitor
from grader.sandbox.training_trace import TrainingTrace


class Progress(Protocol):
    """Where a run tells how far it is."""

    def step(self, what: str, seconds: float | None = None) -> None:
        """Begin a step; `seconds` is how long it may take at most, where that is known."""

    def note(self, text: str) -> None:
        """Show the newest line of the submission's own output."""


class Silent:
    """Progress that nobody looks at."""

    def step(self, what: str, seconds: float | None = None) -> None:
        pass

    def note(self, text: str) -> None:
        pass


@dataclass
class Session:
    """One run of one exam. Leaving it closes every box it opened."""

    task: Task
    submission: Submission
    sandbox: Sandbox
    device: str = "cpu"
    progress: Progress = field(default_factory=Silent)
    data_folder: Path | None = None
    with_par: bool = True
    audit: str = ""  # one that was asked for; see `check_audit`
    seed: int = field(default_factory=lambda: secrets.randbits(31))
    log: str = ""  # what the submission printed, in all its boxes
    notes: list[str] = field(
        default_factory=list
    )  # what its boxes have to say, such as a limit they met
    peak_memory: Measured | None = None  # the most any of its boxes needed on this computer
    diagnoses: list[Diagnosis] = field(
        default_factory=list
    )  # mistakes it looks like; kept if the run then fails
    advising: bool = False  # in a rehearsal: look beyond the contract, in what is left of its time
    advice: list[Advice] = field(default_factory=list)  # what that brought
    memory: list[PhaseMemory] = field(
        default_factory=list
    )  # what the submission's box needed, phase by phase
    trace: TrainingTrace | None = (
        None  # what was told of the submission's first training: evidence, never a score
    )
    measured_loss: float | None = (
        None  # cross-entropy of its answers to training examples, measured by the grader
    )
    gpu_failure: Failure | None = None  # why a result is flagged, as `check_gpu` saw it
    _boxes: list[tuple[Box, bool]] = field(default_factory=list)
    _watch: GpuMonitor | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            with ExitStack() as every:  # each is closed whatever happens to the others
                if self._watch is not None:
                    every.callback(self._watch.close)
                for box, _ in self._boxes:
                    every.callback(self.finish, box)
                if error is not None:
                    every.callback(self.sandbox.end_warming)
        except GraderError:
            if error is None or isinstance(
                error, SubmissionFailed
            ):  # else what ends the run already says more
                raise

    @property
    def training_evidence(self) -> TrainingEvidence | None:
        """What is known of the training from its trace, as the doctor takes it."""
        trace = self.trace
        if trace is None:
            return None
        begins = trace.source == "gradients"  # an epoch's mean, or what somebody logs, begins later
        return TrainingEvidence(
            trace.losses, trace.steps, trace.backwards, trace.held, trace.moved, begins
        )

    @property
    def draw(self) -> np.random.Generator:
        """A fresh generator that no submission can guess: seeded from the system, never stored."""
        return np.random.default_rng(secrets.randbits(128))

    def limits(self) -> Limits:
        table = self.task.spec.limits
        cores = min(
            table.cores, len(usable_cores())
        )  # two threads on one core wait for each other most of the time
        return Limits(memory_bytes=table.memory_mib * MIB, cores=cores, processes=table.processes)

    def watch_gpu(self) -> GpuMonitor | None:
        """Wait until the session's GPU is idle and watch its memory from here on; None on a CPU."""
        if self.device != CPU:
            self.progress.step("waiting for an idle GPU")
            self._watch = GpuMonitor(self.device)
        return self._watch

    def check_gpu(self, *, whole: bool = True) -> None:
        """On a GPU, with every box frozen: raise SandboxError if others compute on it, and note
        what still runs there.

        whole: look as well for kernels that outlast the freezing, which takes two seconds; see
        `gpu_failure`.
        """
        if self._watch is not None:
            self._watch.refuse_others({pid for box, _ in self._boxes for pid in box.pids()})
            if whole:
                self.gpu_failure = self.gpu_failure or self._watch.left_running()

    def open(self, submission: Submission | None = None) -> Box:
        """Return a fresh box with the session's submission, or another one, in it."""
        chosen = submission or self.submission
        box = self.sandbox.open(chosen.folder, self.limits(), device=self.device)
        self._boxes.append((box, submission is None))
        box.tick = lambda: self.progress.note(box.last_line())
        return box

    def remember_memory(self, box: Box, phase: str) -> None:
        """Keep the box's peak so far under the name of the phase that just ended."""
        peak = box.peak_memory()
        if peak is not None:
            self.memory.append(PhaseMemory(phase=phase, bytes=peak.value))

    def name_cells(self, observation: Observation) -> None:
        """Of a notebook: tell places in its code by cell and line, in what was seen and in
        the log.
        """
        if self.submission.made:
            cells = read_cells(self.submission.folder / self.submission.made)
            failure = observation.failure
            observation.failure = failure and replace(failure, reason=cells.named(failure.reason))
            messages = [cells.named(case.message) for case in observation.cases]
            both = zip(observation.cases, messages, strict=True)
            observation.cases = [
                case.model_copy(update={"message": message}) for case, message in both
            ]
            self.log = cells.named(self.log)

    def finish(self, box: Box) -> None:
        """Close one box and keep what the submission printed in it."""
        for entry in self._boxes:
            if entry[0] is box:
                self._boxes.remove(entry)
                try:
                    if entry[1]:
                        self.notes += [note for note in box.notes() if note not in self.notes]
                        self.peak_memory = larger(self.peak_memory, box.peak_memory())
                    box.close()
                finally:
                    self.log += box.log() if entry[1] else ""
                break


def larger(one: Measured | None, other: Measured | None) -> Measured | None:
    """Return the larger of two figures, as far as there are any."""
    if one is None or other is None:
        return one or other
    return other if other.value > one.value else one


class Exam(Protocol):
    """The two functions a module in this package offers."""

    def examine(self, session: Session) -> Observation: ...

    def rehearse(self, session: Session) -> Observation: ...


def load_exam(name: str) -> Exam:
    """Return the exam of this name; TaskError if there is none."""
    import importlib
    import pkgutil

    import grader.exams.kinds

    known = [item.name for item in pkgutil.iter_modules(grader.exams.kinds.__path__)]
    if name not in known:
        raise TaskError(f"task.toml asks for exam {name!r}; there is {', '.join(known)}")
    module: ModuleType = importlib.import_module(f"grader.exams.kinds.{name}")
    return cast(Exam, module)


def not_valid(code: str, reason: str) -> SubmissionFailed:
    """Return what to raise where answers break the exam's contract; the reason is for the
    learner.
    """
    return SubmissionFailed(Failure(Status.INVALID_SUBMISSION, code, reason))


def check_audit(task: Task, audit: str) -> None:
    """Raise UsageError if the task's exam does not offer this audit; none asked for is always
    right.
    """
    offered: tuple[str, ...] = getattr(load_exam(task.spec.exam), "AUDITS", ()) if audit else ()
    if audit and audit not in offered:
        there = (
            f"it offers {', '.join(offered)}" if offered else "it offers none; leave --audit out"
        )
        raise UsageError(
            f"--audit {audit} is nothing the exam {task.spec.exam!r} of task {task.id!r} does: {there}"
        )
