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
from grader.exams import audits
from grader.exams.exam import Session
from grader.exams.par import Par, find_par, null_submission, slower_than_alone, timed_alone
from grader.machine import CPU, noise_reason
from grader.metrics import classification as metrics
from grader.records import Failure, Measured, Observation, Status, Submission
from grader.sandbox.box import Box
from grader.score import memory_ratio

SLIVER = 512  # training examples for par's box in the timed phase: enough to build the same network
ALONE_SHARE = 0.1  # of the hidden inputs, and a batch at least: on a GPU, asked before par joins
LATENCY_SHARE = 0.4  # of the hidden inputs at most, asked one at a time
LATENCY_SECONDS = 2.5  # of the submission's time at most
LOCK_SECONDS = 3600
MODEL = "model"
AUDITS = ("retrain",)  # that may be asked for


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
    budget = budget_seconds(session)
    par = find_par(session) if session.with_par and session.task.spec.par else None
    watch = session.watch_gpu()
    companions = Companions(session, dataset, par)
    if watch is None:
        companions.start()
    own = prepare(session, dataset, session.submission, budget, session.seed, "training")
    order = session.draw.permutation(len(dataset.hidden_inputs))
    inputs = dataset.hidden_inputs[order]
    side = stopwatch.Side("submission", own.box, np.empty((len(inputs), session.task.spec.classes), np.float32))
    peak = None
    if watch is not None:
        ask_alone(session, side, inputs)
        peak = watch.peak()
        companions.start()
    companions.wait()
    with timed_alone(session.device, LOCK_SECONDS, session.progress):
        noise = noise_reason()
        sides, timings = ask_hidden(session, side, companions, inputs)
    on_host = own.box.peak_memory()
    peak = peak or on_host
    scores = np.empty_like(sides.scores)
    scores[order] = sides.scores
    measurements = accuracy_of(scores, dataset.hidden_labels)
    measurements["train_seconds"] = Measured(value=own.train_seconds, unit="seconds")
    measurements |= speed_figures(timings, session.draw)
    if peak is not None:
        measurements["peak_memory_bytes"] = peak
    if watch is not None and on_host is not None:
        measurements["host_memory_bytes"] = on_host
    if par is not None and peak is not None and "peak_memory_bytes" in par.figures:
        ratio = memory_ratio(peak.value, par.figures["peak_memory_bytes"].value)
        measurements["memory_ratio"] = Measured(value=ratio, unit="ratio", source=peak.source)
    doubts = [noise]
    if watch is not None:
        doubts += [watch.slowed(), slower_than_alone(par, timings[0].par_seconds) if par is not None else ""]
    notes = tuple(f"timings may be noisy: {why}" for why in doubts if why)
    failure = stopwatch.worked_while_idle(sides) or session.gpu_failure
    timed = audits.Timed(inputs, dataset.hidden_labels[order], sides.scores, timings[1].phase.first)
    figures, said = audits.audit(session, own.box, timed, module.perturb)
    measurements |= figures
    notes += said
    if session.audit == "retrain":
        right = audits.is_right(scores, dataset.hidden_labels)
        figures, said, failed = train_again(session, dataset, own.box, right)
        measurements |= figures
        notes += said
        failure = failure or failed
    return Observation(
        measurements,
        [],
        {"scores": scores},
        failure,
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
    """Return the seconds a submission may train on the session's device; TaskError where it may not be used."""
    budget = session.task.spec.budget
    if budget is None:
        raise TaskError(f"task {session.task.id!r} has no [budget] cpu_seconds; a classification task needs one")
    seconds = budget.cpu_seconds if session.device == CPU else budget.gpu_seconds
    if seconds is None:
        raise TaskError(f"task {session.task.id!r} is not for GPUs: its task.toml has no [budget] gpu_seconds")
    return seconds


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
        "device": CPU if session.device == CPU else "cuda",
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
                box.begin()  # from this thread: a box ends with the thread that started it
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


def ask_alone(session: Session, side: stopwatch.Side, inputs: np.ndarray) -> None:
    """Let the submission answer the first hidden inputs in batches while its box is the only one on the GPU.

    They count for accuracy and memory, not for speed. The box is frozen afterwards, so that par may start.
    """
    batch = session.task.spec.batch
    side.box.settle(1)
    side.box.close_log()
    last = min(len(inputs) - 1, max(batch, int(len(inputs) * ALONE_SHARE)))
    session.progress.step(f"asking {last} hidden inputs for the memory")
    while side.position < last:
        part = slice(side.position, min(side.position + batch, last))
        scores, _ = side.box.predict(inputs[part], side.scores.shape[1], session.task.spec.limits.call_seconds)
        side.scores[part] = scores
        side.position = part.stop
    side.box.freeze()


def ask_hidden(
    session: Session, own: stopwatch.Side, companions: Companions, inputs: np.ndarray
) -> tuple[stopwatch.Side, list[stopwatch.Timing]]:
    """Let the submission answer every hidden input once that is left: some one at a time, the rest in batches."""
    spec = session.task.spec
    box, first = own.box, own.position
    count, classes = len(inputs), spec.classes
    if first:
        box.thaw()  # asked alone before, and frozen since
    box.settle(1)
    box.close_log()
    box.freeze()
    others = [
        stopwatch.Side(name, other, np.empty((count, classes), dtype=np.float32), first) if other is not None else None
        for name, other in (("par", companions.par), ("null", companions.null))
    ]
    par, null = others
    boxes = [side.box for side in (own, par, null) if side is not None]
    singles = first + int((count - first) * LATENCY_SHARE)
    timings = []
    began = time.perf_counter()
    session.check_gpu()
    with stopwatch.timed_on_cores(boxes, 1):
        session.progress.step(f"asking {count - first} hidden inputs")
        phase = stopwatch.Phase("latency", 1, first, singles)
        timings.append(stopwatch.run_phase(phase, inputs, own, par, null, spec.limits.call_seconds, LATENCY_SECONDS))
        session.check_gpu()  # in the middle: a submission cannot tell which call is the last of the first phase
        phase = stopwatch.Phase("throughput", spec.batch, own.position, count)
        timings.append(stopwatch.run_phase(phase, inputs, own, par, null, spec.limits.call_seconds))
    session.check_gpu(whole=False)
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


def train_again(session: Session, dataset: Dataset, own: Box, right: np.ndarray) -> audits.Retrained:
    """Hold the retraining audit with a fresh box in the place of the submission's first one."""
    session.finish(own)
    seed = int(session.draw.integers(1 << 31))

    def train(renumbered: np.ndarray) -> Box:
        labels = renumbered[dataset.train_labels]
        box, doing = session.open(), "training again, with the classes renumbered"
        ready(session, box, dataset.train_inputs, labels, session.submission, budget_seconds(session), seed, doing)
        return box

    return audits.retrain(session, dataset.hidden_inputs, dataset.hidden_labels, right, train)
