"""What a rehearsal looks at beyond the contract, and what it advises. It blocks nothing, and no
score knows of it.

    loss at chance    the first loss the training tells of, beside that of a guess which favours no
                      class
    by heart          a second training on twenty examples, repeated to an epoch; then those twenty
                      are asked from here
    gradients         which parameters the training never reached, as the runner in the box tells
    company           whether labels change when the same examples are asked one by one, or again
    known mistakes    whether the doctor's questions found any

All of it shall be over REHEARSAL_SECONDS after the rehearsal began: what does not fit is skipped,
and says so. The twenty are repeated so often because a tutorial's single epoch is to learn them,
and a few steps teach nothing; how often is guessed from the seconds of the first training, which
may have been spent on imports. Where the guess was too high, the second try takes no more than the
first training had.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from grader.course.dataset import Corpus, Dataset
from grader.doctor.evidence import TrainingEvidence
from grader.errors import SubmissionFailed
from grader.exams.checks import audits
from grader.exams.exam import Session
from grader.exams.training import Lesson, teach
from grader.records import Advice, Measured, Status
from grader.sandbox.box import Box
from grader.sandbox.training_trace import read_trace

REHEARSAL_SECONDS = 60.0
TRY_SECONDS = 20.0  # for the first try of learning by heart
LEAST_SECONDS = 4.0  # with less left, no other box is opened
IMPORT_SECONDS = 4.0  # of a first training that may have gone into imports
EXAMPLES = 20
MISSED = 1  # so many of them may be answered wrong
EPOCH = 20_000  # examples they are repeated to at most
LEARNING, LEARNT = (
    0.5,
    0.1,
)  # of the first loss: from here on a training is under way, and from here on it is over
FROM_SHORT_TRAINING = {
    "low_rate",
    "constant_answer",
    "one_class",
    "shuffled_labels",
}  # what one looks like, too
ENOUGH_EXAMPLES, ENOUGH_STEPS = 10_000, 200  # either is enough to have learnt them
PASSAGE = 4  # contexts of text that a language model is to learn by heart
PASSAGE_SHARE = 0.9  # of its characters are to be foretold
ALONE = 32  # asked one by one
CHANCE = (0.6, 1.6)  # times the loss at chance: fresh layers of PyTorch and Keras begin within
MOST_SHOWN = 400  # characters of what a runner tells


def advise_classifier(
    session: Session,
    box: Box,
    dataset: Dataset,
    accuracy: Measured,
    *,
    train_seconds: float,
    began: float,
) -> None:
    """Rehearse a classifier beyond the contract; `box` holds it, trained on `dataset`, and is
    closed in the end.

    accuracy: on the hidden stand-ins. train_seconds: what training took. began:
    `time.perf_counter()` at the start.
    """
    say = session.advice.append
    say(loss_at_chance(session.training_evidence, dataset.num_classes, "classes"))
    say(gradients(box.reported))
    if time.perf_counter() - began < REHEARSAL_SECONDS:
        say(in_company(session, box, dataset))
    else:
        say(Advice("company", "skip", "the time for a rehearsal is over; `grader run` looks at it"))
    say(
        known_mistakes(
            session, is_at_chance=accuracy.low is None or accuracy.low <= 1 / dataset.num_classes
        )
    )
    session.finish(box)
    inputs, labels = twenty(dataset, session.draw)
    count = len(dataset.train_labels)
    is_fixed = session.task.spec.data.per_class > 0

    def learnt(epoch: int, seconds: float) -> Advice:
        again = np.resize(np.arange(len(labels)), epoch)
        lesson = Lesson([inputs[again], labels[again]], {}, dataset.num_classes)
        with trained(session, lesson, seconds) as other:
            scores, _ = other.predict(
                inputs, dataset.num_classes, session.task.spec.limits.call_seconds
            )
        right = int(audits.is_right(scores, labels).sum())
        return by_heart(right, len(labels), MISSED, "examples", unfinished(other.trace, epoch))

    say(learn(session, learnt, epochs(count, train_seconds, is_fixed), train_seconds, began))


class Given(NamedTuple):
    """What a language model was rehearsed with, and what was found."""

    corpus: Corpus
    settings: dict[str, Any]  # of its lesson, `context` among them
    alone_same: (
        Measured | None
    )  # windows with the same logits alone as in a batch, where not all are known to be


def advise_language(
    session: Session, box: Box, given: Given, *, train_seconds: float, began: float
) -> None:
    """The same for a language model."""
    corpus, settings = given.corpus, given.settings
    say, size, length = session.advice.append, len(corpus.vocabulary), settings["context"]
    say(loss_at_chance(session.training_evidence, size, "characters"))
    say(gradients(box.reported))
    say(
        Advice(
            "causality",
            "pass",
            "what comes later in a text changes nothing of what was said before it",
        )
    )
    if given.alone_same is not None:
        other = round((1 - given.alone_same.value) * given.alone_same.n)
        says = (
            f"{other} of {given.alone_same.n} windows got other logits alone than in a batch: an answer should not "
            "depend on its neighbours, and in a run such answers cost points. Does a recurrent layer take the batch "
            "for time (batch_first=True), or is batch norm in training mode (model.eval())?"
        )
        say(Advice("company", "advice", says))
    say(known_mistakes(session))
    session.finish(box)
    passage = corpus.train[: PASSAGE * length]

    def learnt(epoch: int, seconds: float) -> Advice:
        text = (passage * math.ceil(epoch / len(passage)))[:epoch]
        known = corpus.encode(passage + passage)
        tokens = np.stack([known[i * length : (i + 1) * length + 1] for i in range(PASSAGE)])
        asked, limit = np.ascontiguousarray(tokens[:, :-1]), session.task.spec.limits.call_seconds
        with trained(
            session, Lesson([[text], [corpus.vocabulary]], settings, size), seconds
        ) as other:
            logits, _ = other.logits(asked, size, limit)
        half = (
            length // 2
        )  # before it, too little was read to know which part of the passage this is
        right = int((logits.argmax(axis=-1) == tokens[:, 1:])[:, half:].sum())
        count = PASSAGE * (length - half)
        missed = int((1 - PASSAGE_SHARE) * count)
        return by_heart(
            right, count, missed, "characters of a short passage", unfinished(other.trace, epoch)
        )

    count = len(corpus.train)
    say(learn(session, learnt, (count,), train_seconds, began))


def advise_generator(session: Session, reported: dict[str, str]) -> None:
    """The same for a generator, of which less can be said. reported: what the runner said right
    after training.
    """
    say = session.advice.append
    say(
        Advice(
            "loss at chance",
            "skip",
            "the losses of a generator have no beginning that is right for all of them",
        )
    )
    say(gradients(reported))
    say(Advice("seeds", "pass", "the same seed brings the same picture, another seed another one"))
    say(known_mistakes(session))
    say(
        Advice(
            "by heart",
            "skip",
            "a generator that repeats its training pictures has learnt the wrong thing",
        )
    )


# What each thing says.


def loss_at_chance(evidence: TrainingEvidence | None, classes: int, what: str) -> Advice:
    """Compare the first loss that was told with ln(classes). It is the submission's word: advice,
    never a measure.
    """
    about, chance = "loss at chance", math.log(classes)
    losses = np.empty(0) if evidence is None else evidence.losses
    guess = f"a guess among {classes} {what} costs ln {classes} = {chance:.2f}"
    if not len(losses):
        return Advice(
            about, "skip", f"the training told of no loss; {guess}: compare it with your first one"
        )
    first = float(losses[0])
    if not math.isfinite(first):
        says = f"the first loss is {first}: look for a logarithm of 0, a division by 0 or inputs that are not scaled"
        return Advice(about, "advice", says)
    low, high = CHANCE[0] * chance, CHANCE[1] * chance
    is_late = (
        evidence is not None and not evidence.begins
    )  # the mean of an epoch, or what somebody logs
    if first > high:
        says = (
            f"the first loss is {first:.3g}; {guess}. Before learning anything it should not be surer than that: scale "
            "the inputs, and begin with smaller weights in the last layer"
        )
        return Advice(about, "advice", says)
    if first < low and not is_late:
        says = (
            f"the first loss is {first:.3g}; {guess}. With cross-entropy it should begin there; another loss, or one "
            "divided once more by the batch, begins lower"
        )
        return Advice(about, "advice", says)
    if is_late:
        return Advice(
            about, "skip", f"the first loss told is {first:.3g}, after some steps already; {guess}"
        )
    return Advice(about, "pass", f"the first loss is {first:.3g}; {guess}")


def gradients(reported: dict[str, str]) -> Advice:
    """Put into words what the runner tells of the parameters: shown as it is said, cut short."""
    about, count = "gradients", reported.get("parameters", "")[:MOST_SHOWN]
    if count == "0":
        says = "the networks that were trained are gone when training ends, so nothing is known of their parameters"
        return Advice(about, "skip", says)
    if not count:
        says = "no optimizer of PyTorch or Keras took a step on a network, so nothing is known of its parameters"
        return Advice(about, "skip", says)
    missed, frozen = (
        reported.get("unreached", "")[:MOST_SHOWN],
        reported.get("frozen", "0")[:MOST_SHOWN],
    )
    if missed:
        says = (
            f"training never reached {missed}. Is each layer used in forward(), in model.parameters() when the "
            "optimizer is made, and not cut off by detach() or no_grad()?"
        )
        return Advice(about, "advice", says)
    apart = "" if frozen == "0" else f"; {frozen} more are frozen (requires_grad is False)"
    return Advice(about, "pass", f"training reached all {count} parameter tensors{apart}")


def in_company(session: Session, box: Box, dataset: Dataset) -> Advice:
    """Ask some hidden stand-ins in a batch, again, and one by one, and compare the labels."""
    about, limit = "company", session.task.spec.limits.call_seconds
    batch, classes = dataset.hidden_inputs[: 2 * ALONE], dataset.num_classes
    try:
        first, again = (box.predict(batch, classes, limit)[0] for _ in range(2))
        singles = [
            box.predict(batch[i : i + 1], classes, limit)[0] for i in range(min(ALONE, len(batch)))
        ]
    except SubmissionFailed as failed:
        return Advice(about, "skip", failed.failure.reason)
    alone = np.concatenate(singles)
    other = int((~audits.is_same_label(first, again)).sum())
    if other:
        says = (
            f"{other} of {len(batch)} examples got another label when the same batch was asked again: something random "
            "is left on. Dropout is only for training: call model.eval() before answering"
        )
        return Advice(about, "advice", says)
    other = int((~audits.is_same_label(first[: len(alone)], alone)).sum())
    if other:
        says = (
            f"{other} of {len(alone)} examples got another label alone than in a batch: an answer should not depend on "
            "its neighbours, and in a run such answers cost points. Batch norm in training mode does this, and so does "
            "scaling by the batch's own mean: call model.eval(), and keep the training set's mean"
        )
        return Advice(about, "advice", says)
    return Advice(
        about,
        "pass",
        f"{len(alone)} examples got the same label alone, in a batch, and asked again",
    )


def known_mistakes(session: Session, *, is_at_chance: bool = False) -> Advice:
    """Say whether the doctor named anything; what it named is shown by itself.

    A model after a few steps looks like a mistaken one, and at chance like many: only what the
    source shows stays.
    """
    steps = session.training_evidence.steps if session.training_evidence is not None else None
    if steps is not None and steps < ENOUGH_STEPS:
        keep_what_the_source_shows(session, of=None if is_at_chance else FROM_SHORT_TRAINING)
        if is_at_chance and not session.diagnoses:
            says = f"after {steps} steps on stand-ins it still guesses, which looks like many mistakes: a run tells"
            return Advice("known mistakes", "skip", says)
    named = [diagnosis.title for diagnosis in session.diagnoses]
    if named:
        return Advice(
            "known mistakes", "advice", f"likely: {'; '.join(named)}. `grader hint` says more"
        )
    return Advice("known mistakes", "pass", "none of those the grader knows shows")


def keep_what_the_source_shows(session: Session, of: Collection[str] | None = None) -> None:
    """Drop the diagnoses, all or those `of` codes, that name no place: after a few steps answers
    alone say little.
    """
    thin = {each.code for each in session.diagnoses} if of is None else {*of}
    session.diagnoses[:] = [
        each for each in session.diagnoses if each.where or each.code not in thin
    ]


def by_heart(right: int, count: int, missed: int, what: str, unfinished: str) -> Advice:
    """Judge how many were answered right after a training on nothing else; an unfinished one can
    only be praised.
    """
    said = f"trained on {count} {what} and nothing else, it knows {right}"
    if count - right <= missed:
        return Advice("by heart", "pass", said)
    if unfinished:
        return Advice("by heart", "skip", f"{said}; {unfinished}")
    says = (
        f"{said}. What can't learn these learns no more from "
        "many: does the loss fall? Try another learning rate, the order zero_grad, backward, step, and see that each "
        "label belongs to its input"
    )
    return Advice("by heart", "advice", says)


# The second training.


def unfinished(numbers: np.ndarray | None, epoch: int) -> str:
    """Return why what a training did not learn means nothing, by what it told; nothing if it was
    long enough.
    """
    trace = None if numbers is None else read_trace(numbers)
    if epoch < ENOUGH_EXAMPLES and (trace is None or (trace.steps or 0) < ENOUGH_STEPS):
        return "there was time for a few steps only, which says nothing"
    losses = np.empty(0) if trace is None else np.asarray(trace.losses)
    part = len(losses) // 10
    if part:
        first, last = float(np.median(losses[:part])), float(np.median(losses[-part:]))
        if LEARNT * first < last <= LEARNING * first:
            return f"its loss fell from {first:.2g} to {last:.2g} and was not done falling: a run tells"
    return ""


def twenty(dataset: Dataset, draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return EXAMPLES training examples with their labels, as many of each class as can be and one
    at least.
    """
    order = draw.permutation(len(dataset.train_labels))
    labels = dataset.train_labels[order]
    rank = np.empty(len(order), dtype=np.int64)  # the how-manieth of its class each is
    for label in range(dataset.num_classes):
        rank[labels == label] = np.arange(int((labels == label).sum()))
    picked = order[np.argsort(rank, kind="stable")[: max(EXAMPLES, dataset.num_classes)]]
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
    kept, box = session.log, session.open()
    try:
        teach(
            session,
            box,
            session.submission,
            lesson,
            budget=seconds,
            doing="learning a few examples by heart",
        )
        yield box
    finally:
        session.finish(box)
        session.log = kept


def learn(
    session: Session,
    learnt: Callable[[int, float], Advice],
    lengths: Sequence[int],
    train_seconds: float,
    began: float,
) -> Advice:
    """Try to have it learn by heart, in what is left of the time."""
    why = ""
    for place, length in enumerate(lengths):
        left = REHEARSAL_SECONDS - (time.perf_counter() - began) - LEAST_SECONDS
        is_last = place == len(lengths) - 1
        if left < LEAST_SECONDS or (is_last and left < train_seconds):
            why = (
                why
                or f"the first training took {train_seconds:.0f} s, and {max(0.0, left):.0f} s are left for this"
            )
            break
        seconds = left if is_last else min(left, TRY_SECONDS)
        try:
            return learnt(length, seconds)
        except SubmissionFailed as failed:
            if failed.failure.status is not Status.TIME_LIMIT_EXCEEDED:
                why = f"with so few different examples it ended: {failed.failure.reason}"
                break
            why = f"training on so few, repeated to {length}, was not over after {seconds:.0f} s"
    return Advice("by heart", "skip", why)
