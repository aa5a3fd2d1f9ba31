"""What a rehearsal looks at beyond the contract, and what it advises. It blocks nothing, and no
score knows of it.

    loss at chance    the first loss the training reports, beside that of a guess which favours no
                      class
    gradients         which parameters the training never reached, as the runner in the box reports
    company           whether labels change when the same examples are asked one by one, or again
    known mistakes    whether the doctor named any
    by heart          a second training on twenty examples, repeated to an epoch; then those twenty
                      are asked from here

All of it should be over REHEARSAL_SECONDS after the rehearsal began: what does not fit is skipped,
and says so. The twenty are repeated so often because a tutorial's single epoch has to learn them,
and a few steps teach nothing. How often is guessed from the seconds of the first training, which
may have been spent on imports; where the guess was too high, the second try takes no more than the
first training did.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from grader.course.dataset import Corpus, Dataset
from grader.errors import Busy, SubmissionFailed
from grader.exams.checks import audits
from grader.exams.outcome import Outcome
from grader.exams.session import Session
from grader.exams.teaching import LANGUAGE, Lesson, load_model, train_model
from grader.exams.trained_exam import TrainedExam
from grader.records import Advice, Measured, Status
from grader.sandbox.box import Box
from grader.sandbox.training_trace import TrainingTrace, read_trace

REHEARSAL_SECONDS = 60.0
TRY_SECONDS = 20.0  # for the first try of learning by heart
LEAST_SECONDS = 4.0  # with less left, no other box is opened
IMPORT_SECONDS = 4.0  # of a first training that may have gone into imports
EXAMPLES = 20
MISSED = 1  # so many of them may be answered wrong
EPOCH = 20_000  # examples they are repeated to at most
LEARNING = 0.5  # of the first loss: from here on a training is under way
LEARNED = 0.1  # of the first loss: from here on it is over
# What a training of a few steps looks like, too.
FROM_SHORT_TRAINING = {
    "low_rate",
    "constant_answer",
    "one_class",
    "shuffled_labels",
    "lagging_statistics",
}
ENOUGH_EXAMPLES = 10_000  # either of these two is enough to have learned the twenty
ENOUGH_STEPS = 200
MORE_THAN_GUESSED = 1.5  # times as many right answers as guessing gets
PASSAGE = 4  # contexts of text that a language model is to learn by heart
PASSAGE_SHARE = 0.9  # of its characters are to be foretold
ALONE = 32  # asked one by one
CHANCE_LOW = 0.6  # times the loss at chance: fresh layers of PyTorch and Keras begin between these
CHANCE_HIGH = 1.6
MOST_SHOWN = 400  # characters of what a runner reports


@dataclass
class Rehearsed:
    """A submission after the first training of its rehearsal.

    box: holds it, thawed; closed before the second training. train_seconds: what the first training
    took. began: `time.perf_counter()` when the rehearsal did.
    """

    exam: TrainedExam
    box: Box
    train_seconds: float
    began: float

    @property
    def session(self) -> Session:
        return self.exam.session

    @property
    def outcome(self) -> Outcome:
        return self.exam.outcome

    def say(self, advice: Advice) -> None:
        self.outcome.advice.append(advice)

    def seconds_left(self) -> float:
        return REHEARSAL_SECONDS - (time.perf_counter() - self.began)


def advise_classifier(done: Rehearsed, dataset: Dataset, accuracy: Measured) -> None:
    """Rehearse a classifier beyond the contract, trained on `dataset`.

    accuracy: on the hidden stand-ins.
    """
    session = done.session
    done.say(loss_at_chance(done.exam.trace, dataset.num_classes, "classes"))
    done.say(gradients(done.outcome.reported))
    if done.seconds_left() > 0:
        done.say(in_company(session, done.box, dataset))
    else:
        says = "the time for a rehearsal is up; `grader run` will look at this"
        done.say(Advice("company", "skip", says))
    is_at_chance = accuracy.low is None or accuracy.low <= 1 / dataset.num_classes
    done.say(known_mistakes(done.outcome, steps_of(done.exam), is_at_chance=is_at_chance))
    session.finish(done.box)
    inputs, labels = twenty(dataset, session.draw)

    def learned(epoch: int, seconds: float) -> Advice:
        again = np.resize(np.arange(len(labels)), epoch)
        lesson = Lesson("classifier", [inputs[again], labels[again]], dataset.num_classes)
        limit = session.task.spec.limits.call_seconds
        with trained(session, lesson, seconds) as box:
            scores, _ = box.predict(inputs, dataset.num_classes, limit)
        right = int(audits.is_right(scores, labels).sum())
        guessed = int(np.bincount(labels).max())
        why_not = unfinished(box.trace, epoch) or uncertain(box.trace, right, guessed)
        return by_heart(right, len(labels), MISSED, "examples", why_not)

    is_fixed = session.task.spec.data.per_class > 0
    lengths = epochs(len(dataset.train_labels), done.train_seconds, is_fixed)
    done.say(learn(learned, lengths, done.train_seconds, done.began))


def advise_language(
    done: Rehearsed, corpus: Corpus, lesson: Lesson, alone_same: Measured | None
) -> None:
    """Rehearse a language model beyond the contract, trained on `lesson` out of `corpus`.

    alone_same: windows with the same logits alone as in a batch, where not all have them.
    """
    session = done.session
    size = len(corpus.vocabulary)
    length = int(lesson.settings["context"])
    done.say(loss_at_chance(done.exam.trace, size, "characters"))
    done.say(gradients(done.outcome.reported))
    says = "what comes later in a text changes no answer before it"
    done.say(Advice("causality", "pass", says))
    if alone_same is not None:
        done.say(windows_in_company(alone_same))
    done.say(known_mistakes(done.outcome, steps_of(done.exam)))
    session.finish(done.box)
    passage = corpus.train[: PASSAGE * length]
    known = corpus.encode(passage + passage)
    tokens = np.stack([known[i * length : (i + 1) * length + 1] for i in range(PASSAGE)])
    half = length // 2  # before it, too little was read to know which part of the passage this is
    count = PASSAGE * (length - half)
    may_miss = int((1 - PASSAGE_SHARE) * count)

    def learned(epoch: int, seconds: float) -> Advice:
        text = (passage * math.ceil(epoch / len(passage)))[:epoch]
        again = replace(lesson, values=[[text], [corpus.vocabulary]])
        asked = np.ascontiguousarray(tokens[:, :-1])
        with trained(session, again, seconds) as box:
            logits, _ = box.logits(asked, size, session.task.spec.limits.call_seconds)
        targets = tokens[:, 1:][:, half:]
        right = int((logits.argmax(axis=-1)[:, half:] == targets).sum())
        guessed = int(np.bincount(targets.ravel()).max())
        why_not = unfinished(box.trace, epoch) or uncertain(box.trace, right, guessed)
        return by_heart(right, count, may_miss, "characters of a short passage", why_not)

    done.say(learn(learned, (len(corpus.train),), done.train_seconds, done.began))


def advise_generator(done: Rehearsed) -> None:
    """Rehearse a generator beyond the contract; less can be said of one."""
    says = "there is no first loss that would be right for every generator"
    done.say(Advice("loss at chance", "skip", says))
    done.say(gradients(done.outcome.reported))
    says = "the same seed gives the same picture, a different seed a different one"
    done.say(Advice("seeds", "pass", says))
    done.say(known_mistakes(done.outcome, steps_of(done.exam)))
    says = "a generator that repeats its training pictures has learned the wrong thing"
    done.say(Advice("by heart", "skip", says))


def steps_of(exam: TrainedExam) -> int | None:
    """Return how many optimizer steps the training took; None where nobody saw them."""
    return None if exam.trace is None else exam.trace.steps


# What each thing says.


def loss_at_chance(trace: TrainingTrace | None, classes: int, what: str) -> Advice:
    """Compare the first loss that was reported with ln(classes).

    It is the submission's word: advice, never a measure.
    """
    about = "loss at chance"
    chance = math.log(classes)
    guess = f"guessing among {classes} {what} costs ln {classes} = {chance:.2f}"
    if trace is None or not len(trace.losses):
        says = f"the training reported no loss; {guess}: compare this with your first loss"
        return Advice(about, "skip", says)
    first = float(trace.losses[0])
    if not math.isfinite(first):
        says = (
            f"the first loss is {first}: look for a logarithm of 0, a division by 0 or inputs that "
            "are not scaled"
        )
        return Advice(about, "advice", says)
    if not trace.cross_entropy:
        says = (
            f"the first loss is {first:.3g}; what another loss than a plain cross-entropy begins "
            "with is not known here"
        )
        return Advice(about, "skip", says)
    if first > CHANCE_HIGH * chance:
        says = (
            f"the first loss is {first:.3g}; {guess}. Before it has learned anything, it should "
            "not be more confident than that: scale the inputs, and begin with smaller weights "
            "in the last layer"
        )
        return Advice(about, "advice", says)
    if not trace.begins:  # the mean of an epoch, or what somebody logs
        says = f"the first loss reported is {first:.3g}, but that was after some steps; {guess}"
        return Advice(about, "skip", says)
    if first < CHANCE_LOW * chance:
        says = (
            f"the first loss is {first:.3g}; {guess}. A cross-entropy that begins lower saw some "
            "of the answers already, or scores that were not made from the inputs alone"
        )
        return Advice(about, "advice", says)
    return Advice(about, "pass", f"the first loss is {first:.3g}; {guess}")


def gradients(reported: dict[str, str]) -> Advice:
    """Put into words what the runner reports of the parameters: shown as it is said, cut short."""
    about = "gradients"
    count = reported.get("parameters", "")[:MOST_SHOWN]
    if count == "0":
        says = (
            "the networks that were trained are gone when training ends, so nothing is known "
            "about their parameters"
        )
        return Advice(about, "skip", says)
    if not count:
        says = (
            "no optimizer of PyTorch or Keras took a step on a network, so nothing is known "
            "about its parameters"
        )
        return Advice(about, "skip", says)
    missed = reported.get("unreached", "")[:MOST_SHOWN]
    if missed:
        says = (
            f"training never reached {missed}. Is each layer used in forward(), in "
            "model.parameters() when the optimizer is made, and not cut off by detach() or "
            "no_grad()?"
        )
        return Advice(about, "advice", says)
    frozen = reported.get("frozen", "0")[:MOST_SHOWN]
    says = f"training reached all {count} parameter tensors"
    if frozen != "0":
        says += f"; {frozen} more are frozen (requires_grad is False)"
    return Advice(about, "pass", says)


def in_company(session: Session, box: Box, dataset: Dataset) -> Advice:
    """Ask some hidden stand-ins in a batch, again, and one by one, and compare the labels."""
    about = "company"
    limit = session.task.spec.limits.call_seconds
    batch = dataset.hidden_inputs[: 2 * ALONE]
    count = min(ALONE, len(batch))

    def ask(inputs: np.ndarray) -> np.ndarray:
        return box.predict(inputs, dataset.num_classes, limit)[0]

    try:
        first = ask(batch)
        again = ask(batch)
        alone = np.concatenate([ask(batch[i : i + 1]) for i in range(count)])
    except SubmissionFailed as failed:
        return Advice(about, "skip", failed.failure.reason)
    other = int((~audits.is_same_label(first, again)).sum())
    if other:
        says = (
            f"{other} of {len(batch)} examples got a different label when the same batch was "
            "asked again: something random is still on. Dropout is only for training: call "
            "model.eval() before answering"
        )
        return Advice(about, "advice", says)
    other = int((~audits.is_same_label(first[:count], alone)).sum())
    if other:
        says = (
            f"{other} of {count} examples got a different label alone than in a batch: an answer "
            "should not depend on its neighbours, and in a run such answers cost points. Batch "
            "norm in training mode does this, and so does scaling by the batch's own mean: call "
            "model.eval(), and keep the training set's mean"
        )
        return Advice(about, "advice", says)
    says = f"{count} examples got the same label alone, in a batch, and asked again"
    return Advice(about, "pass", says)


def windows_in_company(alone_same: Measured) -> Advice:
    """Say what it means that some windows of text got other logits alone than in a batch."""
    other = round((1 - alone_same.value) * alone_same.n)
    says = (
        f"{other} of {alone_same.n} windows got different logits alone than in a batch: an "
        "answer should not depend on its neighbours, and in a run such answers cost points. Does "
        "a recurrent layer take the batch for time (batch_first=True), or is batch norm in "
        "training mode (model.eval())?"
    )
    return Advice("company", "advice", says)


def known_mistakes(outcome: Outcome, steps: int | None, *, is_at_chance: bool = False) -> Advice:
    """Say whether the doctor named anything; what it named is shown by itself.

    steps: of the training's optimizer, None where unknown. A model after a few steps looks like a
    mistaken one, and at chance like many: of those diagnoses only what the source shows stays.
    Stand-in data are few, so even many steps on them are a short training.
    """
    about = "known mistakes"
    keep_what_the_source_shows(outcome, of=FROM_SHORT_TRAINING)
    if steps is not None and steps < ENOUGH_STEPS and is_at_chance:
        keep_what_the_source_shows(outcome)
        if not outcome.diagnoses:
            says = (
                f"after {steps} steps on stand-in data it is still guessing, which resembles "
                "many mistakes: a run will tell"
            )
            return Advice(about, "skip", says)
    named = [diagnosis.title for diagnosis in outcome.diagnoses]
    if named:
        return Advice(about, "advice", f"likely: {'; '.join(named)}. `grader hint` says more")
    return Advice(about, "pass", "no sign of any mistake that the grader knows")


def keep_what_the_source_shows(outcome: Outcome, of: Collection[str] | None = None) -> None:
    """Drop the diagnoses, all or those `of` codes, that name no place in the source.

    After a few steps answers alone say little.
    """
    kept = []
    for each in outcome.diagnoses:
        is_doubtful = of is None or each.code in of
        if each.where or not is_doubtful:
            kept.append(each)
    outcome.diagnoses = kept


def by_heart(right: int, count: int, missed: int, what: str, unfinished: str) -> Advice:
    """Judge how many of a few were answered right after a training on nothing else.

    missed: how many may be wrong. unfinished: why it may not have been over; such a training can
    only be praised.
    """
    about = "by heart"
    said = f"trained only on {count} {what}, it knows {right}"
    if count - right <= missed:
        return Advice(about, "pass", said)
    if unfinished:
        return Advice(about, "skip", f"{said}; {unfinished}")
    says = (
        f"{said}. A model that cannot learn these will not learn more from many: does the loss "
        "fall? Try another learning rate, the order zero_grad, backward, step, and see that each "
        "label belongs to its input"
    )
    return Advice(about, "advice", says)


# The second training.


def unfinished(numbers: np.ndarray | None, epoch: int) -> str:
    """Return why what a training did not learn means nothing; "" if it was long enough.

    numbers: the training trace as it came from the box. epoch: how many examples it was given.
    """
    trace = None if numbers is None else read_trace(numbers)
    steps = 0 if trace is None or trace.steps is None else trace.steps
    if epoch < ENOUGH_EXAMPLES and steps < ENOUGH_STEPS:
        return "there was time for only a few steps, which proves nothing"
    losses = np.empty(0) if trace is None else np.asarray(trace.losses)
    part = len(losses) // 10
    if not part:
        return ""
    first = float(np.median(losses[:part]))
    last = float(np.median(losses[-part:]))
    if LEARNED * first < last <= LEARNING * first:
        return (
            f"its loss fell from {first:.2g} to {last:.2g} and was still falling: a run will tell"
        )
    return ""


def uncertain(numbers: np.ndarray | None, right: int, guessed: int) -> str:
    """Return why a model that learns without steps may not know all; "" if that tells something.

    What counts, compares or solves equations keeps no more than its form allows: a table of which
    character follows which cannot foretell a whole passage. Its training took no step that anybody
    saw, so only one that knows no more than guessing is told so.

    right: answers that are right. guessed: those that naming the commonest one would get right.
    """
    trace = None if numbers is None else read_trace(numbers)
    is_seen = trace is not None and (trace.steps is not None or len(trace.losses) > 0)
    if is_seen or right <= MORE_THAN_GUESSED * guessed:
        return ""
    return "it took no steps of training that could be seen, and may not be made to know all"


def twenty(dataset: Dataset, draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return EXAMPLES training inputs and labels, classes in equal parts and one of each at least.

    Every example is given its rank within its class; those of the lowest ranks are taken.
    """
    order = draw.permutation(len(dataset.train_labels))
    labels = dataset.train_labels[order]
    rank_in_class = np.empty(len(order), dtype=np.int64)
    for label in range(dataset.num_classes):
        of_class = labels == label
        rank_in_class[of_class] = np.arange(int(of_class.sum()))
    count = max(EXAMPLES, dataset.num_classes)
    picked = order[np.argsort(rank_in_class, kind="stable")[:count]]
    return dataset.train_inputs[picked], dataset.train_labels[picked]


def epochs(count: int, seconds: float, is_fixed: bool) -> tuple[int, ...]:
    """Return the lengths to try, longest first, where `count` examples took so many seconds."""
    if is_fixed:
        return (count,)
    pure = max(seconds - IMPORT_SECONDS, 0.05)
    longest = int(min(EPOCH, max(count, count * TRY_SECONDS / pure)))
    return (longest, count) if longest > count else (count,)


@contextmanager
def trained(session: Session, lesson: Lesson, seconds: float) -> Iterator[Box]:
    """Give a fresh box with the submission trained on the lesson; what it prints is not kept."""
    session.progress.step(f"starting {session.submission.name}")
    box = session.open(counts=False)
    try:
        load_model(session, box, session.submission, lesson)
        lesson = replace(lesson, settings=lesson.settings | by_heart_settings(session, lesson))
        session.progress.step("learning a few examples by heart", seconds)
        train_model(session, box, lesson, seconds)
        yield box
    finally:
        session.finish(box)


def by_heart_settings(session: Session, lesson: Lesson) -> dict[str, object]:
    """Return how the few examples are given: as long as the real thing, in passes over them all.

    A training that is not over in time has learned nothing that could be judged: it is not stopped.
    """
    settings: dict[str, object] = {"stop_after": 0}
    if lesson.form != LANGUAGE and not session.task.spec.data.per_class:
        settings["pass_rows"] = len(lesson.values[1])
    return settings


def learn(
    learned: Callable[[int, float], Advice],
    lengths: Sequence[int],
    train_seconds: float,
    began: float,
) -> Advice:
    """Try to have it learn by heart, in what is left of the time.

    learned: trains on so many examples within so many seconds and judges. lengths: to try, longest
    first.
    """
    why = ""
    for place, length in enumerate(lengths):
        left = REHEARSAL_SECONDS - (time.perf_counter() - began) - LEAST_SECONDS
        is_last = place == len(lengths) - 1
        if left < LEAST_SECONDS or (is_last and left < train_seconds):
            why = why or (
                f"the first training took {train_seconds:.0f} s, and {max(0.0, left):.0f} s are "
                "left for this"
            )
            break
        seconds = left if is_last else min(left, TRY_SECONDS)
        try:
            return learned(length, seconds)
        except Busy:  # a check that is over otherwise does not end for this
            why = (
                f"training on so few examples was not finished after {seconds:.0f} s, in which "
                "other programs took the processors"
            )
        except SubmissionFailed as failed:
            if failed.failure.status is not Status.TIME_LIMIT_EXCEEDED:
                reason = failed.failure.reason
                why = f"with so few different examples it failed: {reason}"
                break
            why = (
                f"training on so few examples, repeated to make {length}, was not finished after "
                f"{seconds:.0f} s"
            )
    return Advice("by heart", "skip", why)
