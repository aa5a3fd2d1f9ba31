"""Exam `classification`: train within a budget, then answer hidden inputs in fresh order, timed.

Accuracy is computed from the very answers that were timed. Where the task names a par, its box
answers the same inputs in alternating slices; see grader/exams/timing/stopwatch.py. Labels never leave this
process.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from grader.course.task_file import HuntTable
from grader.course.dataset import Dataset, data_folder, find_dataset
from grader.doctor.examine import examine_classifier, hunt_classifier
from grader.errors import SubmissionFailed, TaskError
from grader.exams import details
from grader.exams.checks import audits, corruptions, rehearsal
from grader.exams.exam import Session
from grader.exams.timing import stopwatch
from grader.exams.timing.par import find_par, slower_than_alone, timed_alone
from grader.exams.training import (
    Companions,
    Lesson,
    Others,
    budget_seconds,
    memory_figures,
    speed_figures,
    teach,
)
from grader.metrics import classification as metrics
from grader.records import Failure, Measured, Observation, Status
from grader.sandbox.box import Box

SLIVER = 512  # training examples for par's box in the timed phase: enough to build the same network
ALONE_SHARE = 0.1  # of the hidden inputs, and a batch at least: on a GPU, asked before par joins
LATENCY_SHARE = 0.4  # of the hidden inputs at most, asked one at a time
LATENCY_SECONDS = 2.5  # of the submission's time at most
LOCK_SECONDS = 3600
AUDITS = ("retrain",)  # that may be asked for
RETRAIN_BUDGETS = 2  # what that audit waits for: nothing is gained by training longer there


def examine(session: Session) -> Observation:
    """Train, ask, time, and compare with par."""
    module = find_dataset(session.task.spec.dataset)
    session.progress.step(f"reading {session.task.spec.dataset}")
    session.sandbox.warm()
    dataset = given_part(session, module.load(data_folder(session.data_folder)))
    corruptions.must_be_pictures(session, dataset.hidden_inputs)
    budget = budget_seconds(session)
    par = find_par(session) if session.with_par and session.task.spec.par else None
    watch = session.watch_gpu()
    companions = Companions(session, sliver(dataset), par)
    if watch is None:
        companions.start()
    box = session.open()
    seconds = teach(
        session, box, session.submission, lesson(dataset), budget=budget, doing="training"
    )
    order = session.draw.permutation(len(dataset.hidden_inputs))
    inputs = dataset.hidden_inputs[order]
    side = stopwatch.Side(
        "submission", box, np.empty((len(inputs), session.task.spec.classes), np.float32)
    )
    peak = None
    if watch is not None:
        ask_alone(session, side, inputs)
        peak = watch.peak()
    box.freeze()  # par's box is not ready yet, or the lock is another run's for a while
    if watch is not None:
        companions.start()
    companions.wait()
    with timed_alone(session.device, LOCK_SECONDS, session.progress):
        others = Others(box, companions.par, companions.null)
        sides, timings = ask_hidden(session, side, companions, inputs)
        noise = others.noise()
    session.remember_memory(box, "answering")
    on_host = box.peak_memory()
    peak = peak or on_host
    scores = back_in_order(sides.scores, order)
    planted = diagnose(session, box, dataset, scores)
    measurements = accuracy_of(scores, dataset.hidden_labels)
    measurements["train_seconds"] = Measured(value=seconds, unit="seconds")
    measurements |= (
        call_figures(*timings) | speed_figures(timings, session.draw) | memory_figures(peak, par)
    )
    if watch is not None and on_host is not None:
        measurements["host_memory_bytes"] = on_host
    doubts = [noise]
    if watch is not None:
        doubts += [
            watch.slowed(),
            slower_than_alone(par, timings[0].par_seconds) if par is not None else "",
        ]
    notes = tuple(f"timings may be noisy: {why}" for why in doubts if why)
    failure = stopwatch.worked_while_idle(sides) or session.gpu_failure or planted
    labels, firsts = dataset.hidden_labels[order], [timing.phase.first for timing in timings]
    timed = audits.Timed(inputs, labels, sides.scores, firsts[1], alone_from=firsts[0])
    figures, said = audits.audit(session, box, timed, module.perturb)
    measurements |= figures
    notes += () if planted else said  # what is to be found is not told
    arrays = {"scores": scores}
    if session.task.spec.probes.corruptions:
        probed = corruptions.probe(session, box, timed, dataset.classes)
        measurements |= probed.figures
        notes += probed.notes
        arrays |= {
            "corrupted_scores": back_in_order(probed.scores, order),
            "ways": back_in_order(probed.ways, order),
        }
    if session.audit == "retrain":
        right = audits.is_right(scores, dataset.hidden_labels)
        figures, said, failed = train_again(session, dataset, box, right)
        measurements |= figures
        notes += said
        failure = failure or failed
    return Observation(
        measurements,
        [],
        arrays,
        failure,
        par=par.figures if par is not None else None,
        reported=box.reported,
        notes=notes,
        details=details.with_curves(
            details.of_answers(
                scores, dataset.hidden_labels, dataset.classes, dataset.hidden_inputs
            ),
            session,
            timings[0],
        ),
    )


def diagnose(session: Session, box: Box, dataset: Dataset, scores: np.ndarray) -> Failure | None:
    """Have the doctor ask a little more about training examples, and keep what the model likely
    suffers from.

    In a bug hunt return why the planted mistake is not gone. There no place in the source is named:
    it is to be found.
    """
    session.progress.step("looking for known mistakes")
    hunt = session.task.spec.hunt
    if hunt != HuntTable():
        hunted = hunt_classifier(
            box,
            hunt.absent,
            hunt.at_most,
            train=(dataset.train_inputs, dataset.train_labels),
            hidden=(scores, dataset.hidden_labels),
            classes=dataset.num_classes,
            draw=session.draw,
            deadline_seconds=session.task.spec.limits.call_seconds,
        )
        session.diagnoses += hunted.diagnoses
        return still_there(hunted.signs)
    examined = examine_classifier(
        box,
        session.submission.folder,
        session.submission.file,
        train=(dataset.train_inputs, dataset.train_labels),
        hidden=(scores, dataset.hidden_labels),
        classes=dataset.num_classes,
        draw=session.draw,
        evidence=session.training_evidence,
        deadline_seconds=session.task.spec.limits.call_seconds,
    )
    session.diagnoses += examined.diagnoses
    session.measured_loss = examined.loss
    return None


def still_there(signs: Sequence[str]) -> Failure | None:
    """Return the failure of a bug hunt whose planted mistake still shows."""
    if not signs:
        return None
    return Failure(
        Status.BELOW_TARGET, "symptom", f"the planted mistake is still there: {'; '.join(signs)}"
    )


def rehearse(session: Session) -> Observation:
    """Train and ask on generated stand-in data, without par: the contract, not the skill."""
    module = find_dataset(session.task.spec.dataset)
    dataset = given_part(session, module.stand_in(session.draw))
    began = time.perf_counter()
    box, doing = session.open(), "training on stand-in data"
    first = replace(lesson(dataset), settings={"rehearsal": session.advising})
    seconds = teach(
        session, box, session.submission, first, budget=budget_seconds(session), doing=doing
    )
    box.close_log()
    count, classes = len(dataset.hidden_inputs), dataset.num_classes
    scores = np.empty((count, classes), dtype=np.float32)
    limit = session.task.spec.limits.call_seconds
    for start, end in ((0, 1), (1, count)):
        scores[start:end], _ = box.predict(dataset.hidden_inputs[start:end], classes, limit)
    planted = diagnose(session, box, dataset, scores)
    measurements = accuracy_of(scores, dataset.hidden_labels)
    measurements["train_seconds"] = Measured(value=seconds, unit="seconds")
    if (
        session.advising and session.task.spec.hunt == HuntTable()
    ):  # in a hunt it would name what is to be found
        rehearsal.advise_classifier(
            session, box, dataset, measurements["accuracy"], train_seconds=seconds, began=began
        )
    return Observation(measurements, [], {}, planted, reported=box.reported)


def given_part(session: Session, dataset: Dataset) -> Dataset:
    """Return the data set with what this run gives to train on: all, or as many of each class as
    the task says.

    Those few are drawn afresh for every run. TaskError where a class has not so many.
    """
    per_class, draw = session.task.spec.data.per_class, session.draw
    if not per_class:
        return dataset
    picked = []
    for label, name in enumerate(dataset.classes):
        there = np.flatnonzero(dataset.train_labels == label)
        if len(there) < per_class:
            raise TaskError(
                f"task {session.task.id!r} gives per_class = {per_class} examples, but class {name!r} of "
                f"{session.task.spec.dataset!r} has {len(there)}; ask for fewer"
            )
        picked.append(draw.choice(there, per_class, replace=False))
    chosen = draw.permutation(np.concatenate(picked))
    return replace(
        dataset,
        train_inputs=dataset.train_inputs[chosen],
        train_labels=dataset.train_labels[chosen],
    )


def back_in_order(rows: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return rows that were answered in a drawn order in the order of the data set."""
    sorted_rows = np.empty_like(rows)
    sorted_rows[order] = rows
    return sorted_rows


def lesson(dataset: Dataset, labels: np.ndarray | None = None) -> Lesson:
    """Return what a box trains on: all examples, with other labels if they are given."""
    return Lesson(
        [dataset.train_inputs, dataset.train_labels if labels is None else labels],
        {},
        dataset.num_classes,
    )


def sliver(dataset: Dataset) -> Lesson:
    """Return a small part of the training set in which every class occurs."""
    labels = dataset.train_labels
    share = max(1, SLIVER // dataset.num_classes)
    picked = np.concatenate(
        [np.flatnonzero(labels == c)[:share] for c in range(dataset.num_classes)]
    )
    return Lesson([dataset.train_inputs[picked], labels[picked]], {}, dataset.num_classes)


def ask_alone(session: Session, side: stopwatch.Side, inputs: np.ndarray) -> None:
    """Let the submission answer the first hidden inputs in batches while its box is the only one on
    the GPU.

    They count for accuracy and memory, not for speed.
    """
    batch = session.task.spec.batch
    side.box.settle(1)
    side.box.close_log()
    last = min(len(inputs) - 1, max(batch, int(len(inputs) * ALONE_SHARE)))
    session.progress.step(f"asking {last} hidden inputs for the memory")
    while side.position < last:
        part = slice(side.position, min(side.position + batch, last))
        scores, _ = side.box.predict(
            inputs[part], side.scores.shape[1], session.task.spec.limits.call_seconds
        )
        side.scores[part] = scores
        side.position = part.stop


def ask_hidden(
    session: Session, own: stopwatch.Side, companions: Companions, inputs: np.ndarray
) -> tuple[stopwatch.Side, list[stopwatch.Timing]]:
    """Let the submission answer every hidden input once that is left: some one at a time, the rest
    in batches.
    """
    spec = session.task.spec
    box, first = own.box, own.position
    count = len(inputs)
    box.thaw()  # frozen while it waited for its turn
    box.settle(1)
    box.close_log()
    box.freeze()
    par, null = companions.sides(own.scores, first)
    boxes = [side.box for side in (own, par, null) if side is not None]
    singles = first + int((count - first) * LATENCY_SHARE)
    timings = []
    began = time.perf_counter()
    session.check_gpu()
    with stopwatch.timed_on_cores(boxes, 1):
        session.progress.step(f"asking {count - first} hidden inputs")
        phase = stopwatch.Phase("latency", 1, first, singles)
        timings.append(
            stopwatch.run_phase(
                phase, inputs, own, par, null, spec.limits.call_seconds, LATENCY_SECONDS
            )
        )
        # in the middle: a submission cannot tell which call is the last of the first phase
        session.check_gpu()
        phase = stopwatch.Phase("throughput", spec.batch, own.position, count)
        timings.append(stopwatch.run_phase(phase, inputs, own, par, null, spec.limits.call_seconds))
    session.check_gpu(whole=False)
    box.thaw()
    session.progress.step(f"answered in {time.perf_counter() - began:.1f} s")
    return own, timings


def accuracy_of(scores: np.ndarray, labels: np.ndarray) -> dict[str, Measured]:
    """Return accuracy with its Wilson interval, and macro F1; SubmissionFailed where a score is not
    finite.
    """
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
        "accuracy": Measured(
            value=value, low=low, high=high, n=len(labels), unit="share", spread="95% interval"
        ),
        "macro_f1": Measured(value=metrics.macro_f1(scores, labels), n=len(labels), unit="share"),
    }


def call_figures(latency: stopwatch.Timing, throughput: stopwatch.Timing) -> dict[str, Measured]:
    """Return what one call took alone, and how many inputs a second were answered in batches."""
    figures: dict[str, Measured] = {}
    if len(latency.calls):
        figures["latency_seconds"] = stopwatch.seconds_a_call(latency.calls)
    if len(latency.calls) >= stopwatch.P90_CALLS:
        value = float(np.percentile(latency.calls, 90))
        figures["latency_p90_seconds"] = Measured(value=value, n=len(latency.calls), unit="seconds")
    if len(throughput.calls):
        figures["throughput_per_second"] = stopwatch.per_second(
            throughput.calls, throughput.phase.batch
        )
    return figures


def train_again(
    session: Session, dataset: Dataset, own: Box, right: np.ndarray
) -> audits.Retrained:
    """Hold the retraining audit with a fresh box in the place of the submission's first one."""
    session.finish(own)
    seed = int(session.draw.integers(1 << 31))

    def train(renumbered: np.ndarray) -> Box:
        again = lesson(dataset, renumbered[dataset.train_labels])
        box, doing = session.open(), "training again, with the classes renumbered"
        patience = RETRAIN_BUDGETS * budget_seconds(session)
        teach(session, box, session.submission, again, budget=patience, seed=seed, doing=doing)
        return box

    return audits.retrain(session, dataset.hidden_inputs, dataset.hidden_labels, right, train)
