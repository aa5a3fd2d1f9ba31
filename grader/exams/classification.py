"""Exam `classification`: train within a budget, then answer hidden inputs in fresh order, timed.

Accuracy is computed from the very answers that were timed. Where the task names a par, its box answers the
same inputs in alternating slices; see grader/stopwatch.py. Labels never leave this process.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import numpy as np

from grader import stopwatch
from grader.datasets.dataset import Dataset, data_folder, find_dataset
from grader.errors import SubmissionFailed, TaskError
from grader.exams.exam import Session
from grader.exams.par import Par, find_par, null_submission, timing_lock
from grader.machine import noise_reason
from grader.metrics import classification as metrics
from grader.records import Failure, Measured, Observation, Status, Submission
from grader.sandbox.box import Box
from grader.score import memory_ratio

SLIVER = 512  # training examples for par's box in the timed phase: enough to build the same network
LATENCY_SHARE = 0.4  # of the hidden inputs at most, asked one at a time
LATENCY_SECONDS = 2.5  # of the submission's time at most
PERTURBED = 2000  # hidden inputs asked again as perturbed copies, after the timed phase
LOCK_SECONDS = 3600
MODEL = "model"


@dataclass
class Ready:
    """A box whose model is trained."""

    box: Box
    train_seconds: float


def examine(session: Session) -> Observation:
    """Train, ask, time, and compare with par."""
    module = find_dataset(session.task.spec.dataset)
    session.progress.step(f"reading {session.task.spec.dataset}")
    session.sandbox.warm()
    dataset = module.load(data_folder(session.data_folder))
    par = find_par(session) if session.with_par and session.task.spec.par else None
    companions = Companions(session, dataset, par)
    companions.start()
    own = prepare(session, dataset, session.submission, budget_seconds(session), session.seed, "training")
    companions.wait()
    order = session.draw.permutation(len(dataset.hidden_inputs))
    with timing_lock(session.device).acquire(timeout=LOCK_SECONDS):
        noise = noise_reason()
        sides, timings = ask_hidden(session, own.box, companions, dataset.hidden_inputs[order])
    peak = own.box.peak_memory()
    scores = np.empty_like(sides.scores)
    scores[order] = sides.scores
    measurements = accuracy_of(scores, dataset.hidden_labels)
    measurements["train_seconds"] = Measured(value=own.train_seconds, unit="seconds")
    measurements |= speed_figures(timings, session.draw)
    if peak is not None:
        measurements["peak_memory_bytes"] = peak
    if par is not None and peak is not None and "peak_memory_bytes" in par.figures:
        ratio = memory_ratio(peak.value, par.figures["peak_memory_bytes"].value)
        measurements["memory_ratio"] = Measured(value=ratio, unit="ratio", source=peak.source)
    session.progress.step("asking perturbed copies")
    measurements |= perturbed_gap(session, own.box, dataset, scores, module.perturb)
    notes = (f"timings may be noisy: {noise}",) if noise else ()
    return Observation(
        measurements,
        [],
        {"scores": scores},
        stopwatch.worked_while_idle(sides),
        par=par.figures if par is not None else None,
        reported=own.box.reported,
        notes=notes,
    )


def rehearse(session: Session) -> Observation:
    """Train and ask on generated stand-in data, without par: the contract, not the skill."""
    module = find_dataset(session.task.spec.dataset)
    dataset = module.stand_in(session.draw)
    own = prepare(
        session, dataset, session.submission, budget_seconds(session), session.seed, "training on stand-in data"
    )
    own.box.close_log()
    count, classes = len(dataset.hidden_inputs), dataset.num_classes
    scores = np.empty((count, classes), dtype=np.float32)
    limit = session.task.spec.limits.call_seconds
    for start, end in ((0, 1), (1, count)):
        scores[start:end], _ = own.box.predict(dataset.hidden_inputs[start:end], classes, limit)
    measurements = accuracy_of(scores, dataset.hidden_labels)
    measurements["train_seconds"] = Measured(value=own.train_seconds, unit="seconds")
    return Observation(measurements, [], {}, reported=own.box.reported)


def budget_seconds(session: Session) -> float:
    """Return the seconds a submission may train on the session's device."""
    budget = session.task.spec.budget
    if budget is None:
        raise TaskError(f"task {session.task.id!r} has no [budget] cpu_seconds; a classification task needs one")
    return budget.cpu_seconds if session.device == "cpu" or budget.gpu_seconds is None else budget.gpu_seconds


def prepare(session: Session, dataset: Dataset, submission: Submission, budget: float, seed: int, doing: str) -> Ready:
    """Open a box, load the submission and let it train."""
    box = session.open(None if submission is session.submission else submission)
    return ready(session, box, dataset.train_inputs, dataset.train_labels, submission, budget, seed, doing)


def ready(
    session: Session,
    box: Box,
    inputs: np.ndarray,
    labels: np.ndarray,
    submission: Submission,
    budget: float,
    seed: int,
    doing: str = "",
) -> Ready:
    """Load and train in an open box."""
    limits = session.task.spec.limits
    classes = int(session.task.spec.classes)
    if doing:
        session.progress.step(f"starting {submission.name}", limits.load_seconds)
    box.hello(seed=seed, num_classes=classes, deadline_seconds=limits.load_seconds)
    box.load(submission.folder, submission.file, MODEL, limits.load_seconds)
    if doing:
        session.progress.step(doing, budget)
    settings = {
        "num_classes": classes,
        "seed": seed,
        "device": "cpu" if session.device == "cpu" else "cuda",
        "dataset": session.task.spec.dataset,
    }
    seconds = box.train([inputs, labels], settings, budget)
    return Ready(box, seconds)


class Companions:
    """The boxes that are timed beside the submission's: par, and the null runner. They start while it trains."""

    def __init__(self, session: Session, dataset: Dataset, par: Par | None) -> None:
        self._session, self._dataset, self._par = session, dataset, par
        self.par: Box | None = None
        self.null: Box | None = None
        self._problem: Exception | None = None
        self._thread = threading.Thread(target=self._prepare, name="companions", daemon=True)

    def start(self) -> None:
        if self._par is not None:
            self.par = self._session.open(self._par.submission)
            self.null = self._session.open(null_submission())
            for box in (self.par, self.null):
                box.tick = lambda: None
                box.wire  # noqa: B018 - started from this thread: a box ends with the thread that started it
            self._thread.start()

    def _prepare(self) -> None:
        assert self._par is not None
        inputs, labels = sliver(self._dataset)
        limit = self._session.task.spec.limits.load_seconds
        try:
            for box, submission in ((self.par, self._par.submission), (self.null, null_submission())):
                assert box is not None
                ready(self._session, box, inputs, labels, submission, limit, self._session.seed)
                box.settle(1)
                box.close_log()
                box.freeze()
        except Exception as error:
            self._problem = error

    def wait(self) -> None:
        """Wait until both are ready; what went wrong with them is the task's trouble, not the learner's."""
        if self._par is None:
            return
        self._session.progress.step("waiting for par")
        self._thread.join()
        if isinstance(self._problem, SubmissionFailed):
            raise TaskError(
                f"par {self._par.submission.name!r} of task {self._session.task.id!r} failed: {self._problem}"
            )
        if self._problem is not None:
            raise self._problem


def sliver(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return a small part of the training set in which every class occurs."""
    labels = dataset.train_labels
    share = max(1, SLIVER // dataset.num_classes)
    picked = np.concatenate([np.flatnonzero(labels == c)[:share] for c in range(dataset.num_classes)])
    return dataset.train_inputs[picked], labels[picked]


def ask_hidden(
    session: Session, box: Box, companions: Companions, inputs: np.ndarray
) -> tuple[stopwatch.Side, list[stopwatch.Timing]]:
    """Let the submission answer every hidden input once: some one at a time, the rest in batches."""
    spec = session.task.spec
    count, classes = len(inputs), spec.classes
    box.settle(1)
    box.close_log()
    box.freeze()
    own = stopwatch.Side("submission", box, np.empty((count, classes), dtype=np.float32))
    others = [
        stopwatch.Side(name, other, np.empty((count, classes), dtype=np.float32)) if other is not None else None
        for name, other in (("par", companions.par), ("null", companions.null))
    ]
    par, null = others
    boxes = [side.box for side in (own, par, null) if side is not None]
    singles = int(count * LATENCY_SHARE)
    timings = []
    began = time.perf_counter()
    with stopwatch.timed_on_cores(boxes, 1):
        session.progress.step(f"asking {count} hidden inputs")
        phase = stopwatch.Phase("latency", 1, 0, singles)
        timings.append(stopwatch.run_phase(phase, inputs, own, par, null, spec.limits.call_seconds, LATENCY_SECONDS))
        phase = stopwatch.Phase("throughput", spec.batch, own.position, count)
        timings.append(stopwatch.run_phase(phase, inputs, own, par, null, spec.limits.call_seconds))
    box.thaw()
    session.progress.step(f"answered in {time.perf_counter() - began:.1f} s")
    return own, timings


def accuracy_of(scores: np.ndarray, labels: np.ndarray) -> dict[str, Measured]:
    """Return accuracy with its Wilson interval, and macro F1; SubmissionFailed where a score is not finite."""
    bad = ~np.isfinite(scores)
    if bad.any():
        rows = int(bad.any(axis=1).sum())
        raise SubmissionFailed(
            Failure(
                Status.INVALID_SUBMISSION,
                "not_finite",
                f"{rows} of {len(scores)} answers hold NaN or infinite scores; expected finite numbers. "
                "A training that diverged does this: try a smaller learning rate.",
            )
        )
    value = metrics.accuracy(scores, labels)
    low, high = metrics.wilson_interval(value, len(labels))
    return {
        "accuracy": Measured(value=value, low=low, high=high, n=len(labels), unit="share", spread="95% interval"),
        "macro_f1": Measured(value=metrics.macro_f1(scores, labels), n=len(labels), unit="share"),
    }


def speed_figures(timings: list[stopwatch.Timing], draw: np.random.Generator) -> dict[str, Measured]:
    """Return latency, throughput, the null round trip and, with par, the speed ratio."""
    figures: dict[str, Measured] = {}
    latency, throughput = timings
    if len(latency.calls):
        figures["latency_seconds"] = stopwatch.seconds_a_call(latency.calls)
    if len(latency.calls) >= stopwatch.P90_CALLS:
        value = float(np.percentile(latency.calls, 90))
        figures["latency_p90_seconds"] = Measured(value=value, n=len(latency.calls), unit="seconds")
    if len(throughput.calls):
        figures["throughput_per_second"] = stopwatch.per_second(throughput.calls, throughput.phase.batch)
    if latency.null_seconds is not None:
        figures["null_latency_seconds"] = Measured(value=latency.null_seconds, unit="seconds")
    for timing in timings:
        if len(timing.ratios):
            low, high = stopwatch.quartiles(timing.ratios)
            figures[f"{timing.phase.name}_ratio"] = Measured(
                value=float(np.median(timing.ratios)),
                low=low,
                high=high,
                n=len(timing.ratios),
                unit="ratio",
                spread="quartiles",
                source="" if timing.counts else "shown, not scored",
                noisy=stopwatch.is_noisy(timing.ratios),
            )
    ratio = stopwatch.speed_ratio(timings, draw)
    if ratio is not None:
        figures["speed_ratio"] = ratio
    return figures


def perturbed_gap(
    session: Session, box: Box, dataset: Dataset, scores: np.ndarray, perturb: object
) -> dict[str, Measured]:
    """Return how much accuracy is lost on copies that a person would label the same, on up to 2,000 inputs."""
    assert callable(perturb)
    draw = session.draw
    picked = draw.permutation(len(scores))[:PERTURBED]
    copies = perturb(dataset.hidden_inputs[picked], draw)
    answers = np.empty((len(picked), scores.shape[1]), dtype=np.float32)
    batch = session.task.spec.batch
    for start in range(0, len(picked), batch):
        part = slice(start, start + batch)
        answers[part], _ = box.predict(copies[part], scores.shape[1], session.task.spec.limits.call_seconds)
    labels = dataset.hidden_labels[picked]
    right = np.argmax(scores[picked], axis=1) == labels
    right_again = np.argmax(answers, axis=1) == labels
    difference = right.astype(np.float64) - right_again.astype(np.float64)
    half = metrics.Z95 * float(np.std(difference)) / np.sqrt(len(difference))
    gap = float(np.mean(difference))
    return {
        "perturbed_gap": Measured(
            value=gap, low=gap - half, high=gap + half, n=len(picked), unit="share", spread="95% interval"
        )
    }
