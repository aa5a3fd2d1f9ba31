"""Audits: what a classifier is asked after the timed phase, to see whether its timed answers mean
what they seem to.

Never inside the timed phase, where no input is sent twice. Each audit compares answers with the
timed ones, input by input, and yields a difference of accuracies with its interval; score.py says
when a person should look.

    perturbed_gap  copies that a person would label the same: a table of known inputs does not know
                   them
    repeat_gap     the very same batches again: what answers well only once does worse
    batch_gap      the same inputs in another order, in batches of another size: what reads the
                   batch does worse
    retrain_gap    on request: a second training with the classes renumbered; answers brought along
                   are all wrong

Where inputs are texts, three more figures tell what a model reads. They are shown, and nothing
follows from them: no answer to a shuffled text is wrong, and a bag of words is a good idea.

    length_matched_accuracy     from answers that are there already: as many hidden texts of each
                                class for every number of words, so that whoever reads nothing but
                                that number is right by chance alone
    shuffled_accuracy, _same    hidden texts whose words were shuffled: how many are still answered
                                right, and how many as before; who counts words does not see the
                                difference

Four more tell whether an answer depends on what else is in the batch; score.py caps the points of
those that do:

    repeat_same, batch_same     how many inputs keep their label in these two rounds
    alone_same                  and when they are asked alone; where one of the first ALONE does
                                not, more are asked
    alone_accuracy              of all that were asked alone, those of the timed phase among them

Mistakes are no fraud. Dropout left on changes answers and loses no accuracy; batch normalisation in
training mode looks at the neighbours; both are told in a note. Single inputs may be answered much
worse than batches for that reason: that costs points, and is no reason to flag. The intervals are
those of Agresti and Min for the difference of paired shares ("Simple improved confidence intervals
for comparing matched proportions", Statistics in Medicine 24, 2005): half an observation is added
to each cell, so that none is empty.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from grader.errors import SubmissionFailed
from grader.exams.exam import Session
from grader.metrics import classification as metrics
from grader.records import Failure, Measured, Status
from grader.sandbox.box import Box

PERTURBED = 10_000  # inputs at most of which a changed copy is asked
REPEATED = 1_000  # inputs at most that are asked again, in the same batches and in others
ALONE = 64  # of these, asked one at a time as well
MORE_ALONE = 512  # as many, where one of those got another label
LEAST = 1_000  # inputs that are asked however long it takes
AUDIT_SECONDS = 10.0  # for each audit, once it has asked so many
SHUFFLED = 2_000  # texts at most of which a shuffled copy is asked
OTHER_SIZE = 0.75  # of the task's batch
MOVED_SHARE = 0.02  # of the range of all scores: an answer that differs by more is another answer
NOTED_SHARE = 0.01  # of the inputs with another answer: from here on it is told

Perturb = Callable[[np.ndarray, np.random.Generator], np.ndarray]

Retrained = tuple[
    dict[str, Measured], tuple[str, ...], Failure | None
]  # figures, notes, why it did not get there


@dataclass(frozen=True)
class Timed:
    """What was asked in the timed phase, in the order asked, and how it was answered."""

    inputs: np.ndarray  # (n, ...)
    labels: np.ndarray  # int64 (n,)
    scores: np.ndarray  # float32 (n, classes), finite
    first: int  # from this place on, inputs were asked in batches
    alone_from: int = 0  # from this place on until then, one at a time

    def right(self, places: np.ndarray) -> np.ndarray:
        """Return which of the inputs at these places were answered right, bool of their shape."""
        return is_right(self.scores[places], self.labels[places])


@dataclass(frozen=True)
class Asked:
    """Inputs that were asked again: their places in `Timed`, shape (m,), and the new scores, shape
    (m, classes).
    """

    places: np.ndarray
    scores: np.ndarray


def audit(
    session: Session, box: Box, timed: Timed, perturb: Perturb
) -> tuple[dict[str, Measured], tuple[str, ...]]:
    """Ask again and return the gaps by name, and what the learner should hear. The box is thawed,
    its log is closed.

    SubmissionFailed where an answer is missing or malformed, as in the timed phase.
    """
    draw = session.draw
    batch = session.task.spec.batch
    session.progress.step("asking perturbed copies")
    drawn = draw.permutation(len(timed.inputs))[:PERTURBED]
    copies = ask(
        session, box, cut(drawn, batch), lambda places: perturb(timed.inputs[places], draw)
    )
    session.progress.step("asking again")
    batches = cut(np.arange(timed.first, len(timed.inputs)), batch)
    chosen = [
        batches[index] for index in draw.permutation(len(batches))[: math.ceil(REPEATED / batch)]
    ]
    repeated = ask(session, box, chosen, lambda places: timed.inputs[places])
    session.progress.step("asking in other batches")
    mixed = draw.permutation(repeated.places)
    others = cut(mixed, max(1, int(OTHER_SIZE * batch)))
    recomposed = ask(session, box, others, lambda places: timed.inputs[places])
    alone = ask(session, box, cut(mixed[:ALONE], 1), lambda places: timed.inputs[places])
    if not same_labels(timed, alone).all():
        more = ask(
            session,
            box,
            cut(mixed[ALONE:MORE_ALONE], 1),
            lambda places: timed.inputs[places],
            least=0,
        )
        alone = Asked(
            np.concatenate([alone.places, more.places]), np.concatenate([alone.scores, more.scores])
        )
    figures = {
        name: gap(timed.right(asked.places), is_right(asked.scores, timed.labels[asked.places]))
        for name, asked in (
            ("perturbed_gap", copies),
            ("repeat_gap", repeated),
            ("batch_gap", recomposed),
        )
    }
    figures |= in_company(timed, repeated, recomposed, alone)
    if timed.inputs.dtype == object:
        session.progress.step("asking shuffled texts")
        figures |= length_matched(timed, draw) | shuffled(session, box, timed)
    return figures, notes_on(timed, repeated, recomposed, alone)


def same_labels(timed: Timed, asked: Asked) -> np.ndarray:
    """Return which inputs got the label again that they got in the timed phase, bool (m,)."""
    return is_same_label(timed.scores[asked.places], asked.scores)


def in_company(
    timed: Timed, repeated: Asked, recomposed: Asked, alone: Asked
) -> dict[str, Measured]:
    """Return how many inputs keep their label in each round, and the accuracy of all that were
    asked alone.
    """
    rounds = (("repeat_same", repeated), ("batch_same", recomposed), ("alone_same", alone))
    figures = {
        name: share(same_labels(timed, asked)) for name, asked in rounds if len(asked.places)
    }
    singles = np.concatenate(
        [
            timed.right(np.arange(timed.alone_from, timed.first)),
            is_right(alone.scores, timed.labels[alone.places]),
        ]
    )
    return figures | ({"alone_accuracy": share(singles)} if len(singles) else {})


def length_matched(timed: Timed, draw: np.random.Generator) -> dict[str, Measured]:
    """Return the accuracy on drawn texts among which each number of words is as frequent in every
    class.

    No such figure where no number of words occurs in every class.
    """
    lengths = np.array([len(text.split()) for text in timed.inputs])
    order = draw.permutation(len(lengths))
    chosen: list[np.ndarray] = []
    for length in np.unique(lengths):
        alike = order[lengths[order] == length]
        groups = [alike[timed.labels[alike] == label] for label in range(timed.scores.shape[1])]
        least = min(len(group) for group in groups)
        chosen += [group[:least] for group in groups]
    places = np.concatenate(chosen)
    return {"length_matched_accuracy": share(timed.right(places))} if len(places) else {}


def shuffled(session: Session, box: Box, timed: Timed) -> dict[str, Measured]:
    """Ask drawn texts with their words in random order; return how many are answered right, and how
    many as before.
    """
    draw = session.draw

    def copies(places: np.ndarray) -> np.ndarray:
        found = np.empty(len(places), dtype=object)
        found[:] = [
            " ".join(draw.permutation(text.split()).tolist()) for text in timed.inputs[places]
        ]
        return found

    drawn = draw.permutation(len(timed.inputs))[:SHUFFLED]
    asked = ask(session, box, cut(drawn, session.task.spec.batch), copies)
    return {
        "shuffled_accuracy": share(is_right(asked.scores, timed.labels[asked.places])),
        "shuffled_same": share(
            is_right(asked.scores, np.argmax(timed.scores[asked.places], axis=1))
        ),
    }


def share(hits: np.ndarray) -> Measured:
    """Return how many of n are true, bool (n,), with Wilson's interval."""
    value = float(np.mean(hits))
    low, high = metrics.wilson_interval(value, len(hits))
    return Measured(
        value=value, low=low, high=high, n=len(hits), unit="share", spread="95% interval"
    )


def cut(places: np.ndarray, size: int) -> list[np.ndarray]:
    """Return places in parts of `size`, the last one shorter."""
    return [places[start : start + size] for start in range(0, len(places), size)]


def ask(
    session: Session,
    box: Box,
    parts: Iterable[np.ndarray],
    inputs_at: Callable[[np.ndarray], np.ndarray],
    least: int | None = None,
) -> Asked:
    """Ask for the inputs at these places, one request a part, until all are asked or the time is
    over.

    least: inputs that are asked however long it takes; LEAST without it.
    """
    limit, classes = session.task.spec.limits.call_seconds, session.task.spec.classes
    places: list[np.ndarray] = []
    scores: list[np.ndarray] = []
    count = 0
    began = time.perf_counter()
    for part in parts:
        if (
            count >= (LEAST if least is None else least)
            and time.perf_counter() - began > AUDIT_SECONDS
        ):
            break
        answer, _ = box.predict(inputs_at(part), classes, limit)
        places.append(part)
        scores.append(answer)
        count += len(part)
    if not places:
        return Asked(np.empty(0, np.int64), np.empty((0, classes), np.float32))
    return Asked(np.concatenate(places), np.concatenate(scores))


def is_right(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return which rows of scores (n, classes) name the label, bool (n,); a row that is not finite
    names none.
    """
    finite = np.isfinite(scores).all(axis=1)
    right: np.ndarray = finite & (np.argmax(np.where(finite[:, None], scores, 0), axis=1) == labels)
    return right


def is_same_label(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return which rows of two rounds of scores (n, classes) name the same class, bool (n,)."""
    return is_right(after, np.argmax(before, axis=1))


def gap(before: np.ndarray, after: np.ndarray) -> Measured:
    """Return how much accuracy was lost between two rounds over the same n inputs, bool (n,) each:
    right or not.
    """
    count = len(before)
    lost = int(np.sum(before & ~after))
    won = int(np.sum(~before & after))
    value = (lost - won) / max(1, count)
    middle = (lost - won) / (count + 2)
    half = (
        metrics.Z95
        * math.sqrt(max(0.0, lost + won + 1 - (lost - won) ** 2 / (count + 2)))
        / (count + 2)
    )
    low, high = min(value, middle - half), max(value, middle + half)
    return Measured(value=value, low=low, high=high, n=count, unit="share", spread="95% interval")


def moved(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return which rows of two rounds of scores (n, classes) are different answers, and not just
    rounded otherwise.
    """
    if not len(before):
        return np.zeros(0, dtype=bool)
    allowed = MOVED_SHARE * float(before.max() - before.min())
    different: np.ndarray = ~(np.abs(before - after) <= allowed).all(axis=1)  # NaN is different
    return different


def notes_on(timed: Timed, repeated: Asked, recomposed: Asked, alone: Asked) -> tuple[str, ...]:
    """Say which likely mistake made the same inputs get other answers; nothing where they did
    not.
    """
    again, mixed, single = (
        moved(timed.scores[asked.places], asked.scores) for asked in (repeated, recomposed, alone)
    )
    if len(again) and again.mean() > NOTED_SHARE:
        return (
            f"{again.sum()} of {len(again)} inputs got another answer when the same batch was asked again: something "
            "random is left on. Dropout is only for training: call model.eval() before answering.",
        )
    if (len(mixed) and mixed.mean() > NOTED_SHARE) or (len(single) and single.mean() > NOTED_SHARE):
        return (
            f"{mixed.sum()} of {len(mixed)} inputs got another answer among other inputs, {single.sum()} of "
            f"{len(single)} when asked alone: an answer should not depend on its neighbours. Batch normalisation in "
            "training mode does this (call model.eval() before answering), and so does a softmax over the batch.",
        )
    return ()


def renumbering(classes: int, draw: np.random.Generator) -> np.ndarray:
    """Return a drawn permutation of the class ids in which none keeps its number, int64
    (classes,).
    """
    circle = draw.permutation(classes)
    renumbered = np.empty(classes, dtype=np.int64)
    renumbered[circle] = np.roll(circle, 1)
    return renumbered


def not_retrained(failure: Failure) -> tuple[tuple[str, ...], Failure | None]:
    """Return the notes and the failure of a second training that failed.

    A busy machine makes anybody late, and what nearly fills the memory once may overflow it the
    next time.
    """
    if failure.status in (Status.TIME_LIMIT_EXCEEDED, Status.MEMORY_LIMIT_EXCEEDED):
        said = f"the retraining audit did not finish and says nothing: {failure.reason} Ask for it on a quiet machine."
        return (said,), None
    reason = (
        "it was trained and asked once, but not a second time with the classes renumbered: "
        f"{failure.reason} An instructor should look at the source."
    )
    return (), Failure(Status.FLAGGED, "retrain_failed", reason)


def retrain(
    session: Session,
    inputs: np.ndarray,
    labels: np.ndarray,
    right: np.ndarray,
    train_again: Callable[[np.ndarray], Box],
) -> Retrained:
    """Train a second time with the classes renumbered, and ask all hidden inputs again, untimed.

    inputs, labels: the hidden set, (n, ...) and (n,); right: which of them the first training
    answered right, (n,).
    train_again: given the new id of each class, opens a fresh box, trains it so and returns it.
    """
    if session.task.spec.limits.weights_mib > 0:
        said = "the retraining audit says nothing here: this task takes trained weights, which are not trained again"
        return {}, (said,), None
    draw = session.draw
    renumbered = renumbering(session.task.spec.classes, draw)
    order = draw.permutation(len(inputs))
    scores = np.empty((len(inputs), session.task.spec.classes), dtype=np.float32)
    try:
        box = train_again(renumbered)
        box.settle(1)
        box.close_log()
        session.progress.step("asking all hidden inputs again")
        for part in cut(order, session.task.spec.batch):
            scores[part], _ = box.predict(
                inputs[part], scores.shape[1], session.task.spec.limits.call_seconds
            )
    except SubmissionFailed as failed:
        return {}, *not_retrained(failed.failure)
    right_again = is_right(scores, renumbered[labels])
    return (
        {"retrain_accuracy": share(right_again), "retrain_gap": gap(right, right_again)},
        (),
        None,
    )
