"""Audits: what a classifier is asked after the timed phase, to test what its answers mean.

Never inside the timed phase, where no input is sent twice. Two of them compare answers to inputs
that the box had never been asked before (`parts` says which), so that nothing it remembers helps:

    fresh_gap      perturbed copies of inputs that are asked in no other way, compared with the
                   timed answers to other inputs: what knows by heart what it was asked, or brought
                   a table along, does worse
    alone_gap      timed answers to inputs asked one at a time, before any batch, compared with
                   those to others asked in batches: what reads the batch does worse alone

The others compare answers with the timed ones, input by input. That is far more exact, and finds
mistakes and tables; a box that remembers its answers passes:

    perturbed_gap  copies that a person would label the same: a table of known inputs does not know
                   them. They are asked in one drawn order with those of `fresh_gap`, so that a box
                   cannot tell which is which
    repeat_gap     the same batches again: what answers well only once does worse
    batch_gap      the same inputs in another order, in batches of another size: what reads the
                   batch does worse
    retrain_gap    on request: a second training with the classes renumbered; answers brought along
                   are all wrong

"The same" inputs are copies in which one pixel moved by one grey level, or one blank was added
(`nudges`): new to a table keyed on bytes.

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
    alone_accuracy              of those that were asked alone in the timed phase

Mistakes are no fraud. Dropout left on changes answers and loses no accuracy; batch normalisation in
training mode looks at the neighbours; both are told in a note. Single inputs may be answered much
worse than batches for that reason: that costs points, and is no reason to flag. The intervals are
those of Agresti and Min for the difference of paired shares ("Simple improved confidence intervals
for comparing matched proportions", Statistics in Medicine 24, 2005): half an observation is added
to each cell, so that none is empty. Where the inputs are not the same, they are Newcombe's for two
independent shares.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from grader.errors import SubmissionFailed
from grader.exams.checks.nudges import nudged
from grader.exams.checks.shares import gap_between, share
from grader.exams.session import Session
from grader.metrics.statistics import Z95
from grader.records import Code, Failure, Measured, Status
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
MISTAKEN_LOSS = 0.05  # of accuracy, when asked again: what dropout changes, it changes both ways
NOTED_SHARE = 0.05  # of the inputs with another answer: a nudge moves a few of who rounds levels

Perturb = Callable[[np.ndarray, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Retrained:
    """What the retraining audit found: figures, notes, and why the result is flagged, if it is."""

    figures: dict[str, Measured] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True)
class Timed:
    """What was asked in the timed phase, in the order asked, and how it was answered."""

    inputs: np.ndarray  # (n, ...)
    labels: np.ndarray  # int64 (n,)
    scores: np.ndarray  # float32 (n, classes), finite
    first: int  # from this place on, inputs were asked in batches
    alone_from: int = 0  # from this place on until then, one at a time

    def inputs_at(self, places: np.ndarray) -> np.ndarray:
        """Return the inputs at these places as they are."""
        inputs: np.ndarray = self.inputs[places]
        return inputs

    def right(self, places: np.ndarray) -> np.ndarray:
        """Return which of the inputs at these places were answered right, bool of their shape."""
        return is_right(self.scores[places], self.labels[places])

    def right_in(self, asked: Asked) -> np.ndarray:
        """Return which inputs were answered right when they were asked again, bool (m,)."""
        return is_right(asked.scores, self.labels[asked.places])

    @property
    def count(self) -> int:
        """How many inputs were asked."""
        return len(self.inputs)

    def gap_to(self, asked: Asked) -> Measured:
        """Return how much accuracy was lost when these inputs were asked again."""
        return gap(self.right(asked.places), self.right_in(asked))


@dataclass(frozen=True)
class Fresh:
    """Hidden inputs that the box was never asked as they are: (n, ...), with labels int64 (n,)."""

    inputs: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Asked:
    """Inputs that were asked again, and the new answers.

    places: in `Timed`, int64 (m,). scores: float32 (m, classes).
    """

    places: np.ndarray
    scores: np.ndarray

    def followed_by(self, other: Asked) -> Asked:
        """Return both together."""
        return Asked(
            np.concatenate([self.places, other.places]), np.concatenate([self.scores, other.scores])
        )


def audit(
    session: Session, box: Box, timed: Timed, fresh: Fresh, perturb: Perturb
) -> tuple[dict[str, Measured], tuple[str, ...]]:
    """Ask again, and return the figures by name and what the learner should hear.

    The box is thawed, its log is closed. SubmissionFailed where an answer is missing or malformed,
    as in the timed phase.
    """
    draw = session.draw
    batch = session.task.spec.batch
    figures = perturbed(session, box, timed, fresh, perturb)

    def again_at(places: np.ndarray) -> np.ndarray:
        return nudged(timed.inputs_at(places), draw)

    session.progress.step("asking again")
    repeated = ask(session, box, some_batches(timed, batch, draw), again_at)
    session.progress.step("asking in other batches")
    mixed = draw.permutation(repeated.places)
    others = cut(mixed, max(1, int(OTHER_SIZE * batch)))
    recomposed = ask(session, box, others, again_at)
    alone = ask_alone(session, box, timed, mixed, again_at)
    figures |= {"repeat_gap": timed.gap_to(repeated), "batch_gap": timed.gap_to(recomposed)}
    figures |= in_company(timed, repeated, recomposed, alone)
    figures |= one_by_one(timed)
    if timed.inputs.dtype == object:
        session.progress.step("asking shuffled texts")
        figures |= length_matched(timed, draw)
        figures |= shuffled(session, box, timed)
    return figures, notes_on(timed, repeated, recomposed, alone)


def perturbed(
    session: Session, box: Box, timed: Timed, fresh: Fresh, perturb: Perturb
) -> dict[str, Measured]:
    """Ask perturbed copies of inputs that were asked and of some that were not, in one drawn order.

    Fresh ones come first among as many others, so that a slow model is asked all of them too.
    """
    session.progress.step("asking perturbed copies")
    draw = session.draw
    inputs = np.concatenate([timed.inputs, fresh.inputs])
    labels = np.concatenate([timed.labels, fresh.labels])
    known = draw.permutation(timed.count)[:PERTURBED]
    unknown = np.arange(timed.count, len(inputs))
    first = draw.permutation(np.concatenate([unknown, known[: len(unknown)]]))
    order = np.concatenate([first, known[len(unknown) :]])
    batches = cut(order, session.task.spec.batch)
    asked = ask(session, box, batches, lambda places: perturb(inputs[places], draw))
    is_known = asked.places < timed.count
    copies = Asked(asked.places[is_known], asked.scores[is_known])
    figures = {"perturbed_gap": timed.gap_to(copies)}
    if len(fresh.inputs):
        right = is_right(asked.scores[~is_known], labels[asked.places[~is_known]])
        figures["fresh_gap"] = gap_between(timed.right(np.arange(timed.count)), right)
    return figures


def one_by_one(timed: Timed) -> dict[str, Measured]:
    """Return how inputs were answered that came alone in the timed phase, and how much worse.

    These came before any batch did, and no input came twice: nothing could be remembered.
    """
    alone = timed.right(np.arange(timed.alone_from, timed.first))
    in_batches = timed.right(np.arange(timed.first, timed.count))
    if not len(alone):
        return {}
    figures = {"alone_accuracy": share(alone)}
    if len(in_batches):
        figures["alone_gap"] = gap_between(in_batches, alone)
    return figures


def some_batches(timed: Timed, batch: int, draw: np.random.Generator) -> list[np.ndarray]:
    """Return drawn batches of those that were asked in batches, about REPEATED inputs in all."""
    batches = cut(np.arange(timed.first, len(timed.inputs)), batch)
    chosen = draw.permutation(len(batches))[: math.ceil(REPEATED / batch)]
    return [batches[index] for index in chosen]


def ask_alone(
    session: Session,
    box: Box,
    timed: Timed,
    places: np.ndarray,
    inputs_at: Callable[[np.ndarray], np.ndarray],
) -> Asked:
    """Ask some inputs one at a time, and more of them if one of these got another label."""
    alone = ask(session, box, cut(places[:ALONE], 1), inputs_at)
    if same_labels(timed, alone).all():
        return alone
    more = ask(session, box, cut(places[ALONE:MORE_ALONE], 1), inputs_at, least=0)
    return alone.followed_by(more)


def same_labels(timed: Timed, asked: Asked) -> np.ndarray:
    """Return which inputs got the label again that they got in the timed phase, bool (m,)."""
    return is_same_label(timed.scores[asked.places], asked.scores)


def in_company(
    timed: Timed, repeated: Asked, recomposed: Asked, alone: Asked
) -> dict[str, Measured]:
    """Return how many inputs keep their label in each round."""
    rounds = {"repeat_same": repeated, "batch_same": recomposed, "alone_same": alone}
    figures = {}
    for name, asked in rounds.items():
        if len(asked.places):
            figures[name] = share(same_labels(timed, asked))
    return figures


def length_matched(timed: Timed, draw: np.random.Generator) -> dict[str, Measured]:
    """Return the accuracy on drawn texts whose lengths in words are as frequent in every class.

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
    if not len(places):
        return {}
    return {"length_matched_accuracy": share(timed.right(places))}


def shuffled(session: Session, box: Box, timed: Timed) -> dict[str, Measured]:
    """Ask drawn texts with their words in random order.

    Return how many of these are answered right, and how many as before.
    """
    draw = session.draw

    def copies(places: np.ndarray) -> np.ndarray:
        found = np.empty(len(places), dtype=object)
        for place, text in enumerate(timed.inputs[places]):
            found[place] = " ".join(draw.permutation(text.split()).tolist())
        return found

    drawn = draw.permutation(len(timed.inputs))[:SHUFFLED]
    asked = ask(session, box, cut(drawn, session.task.spec.batch), copies)
    return {
        "shuffled_accuracy": share(timed.right_in(asked)),
        "shuffled_same": share(same_labels(timed, asked)),
    }


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
    """Ask for the inputs at these places, one request a part, until all are asked or time is up.

    least: inputs that are asked however long it takes; LEAST unless given.
    """
    classes = session.task.spec.classes
    fewest = LEAST if least is None else least
    places: list[np.ndarray] = [np.empty(0, np.int64)]
    scores: list[np.ndarray] = [np.empty((0, classes), np.float32)]
    count = 0
    began = time.perf_counter()
    for part in parts:
        is_late = time.perf_counter() - began > AUDIT_SECONDS
        if is_late and count >= fewest:
            break
        answer, _ = box.predict(inputs_at(part), classes, session.task.spec.limits.call_seconds)
        places.append(part)
        scores.append(answer)
        count += len(part)
    return Asked(np.concatenate(places), np.concatenate(scores))


def is_right(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return which rows of scores (n, classes) name the label, bool (n,).

    A row that is not finite names none.
    """
    finite = np.isfinite(scores).all(axis=1)
    named = np.argmax(np.where(finite[:, None], scores, 0), axis=1)
    right: np.ndarray = finite & (named == labels)
    return right


def is_same_label(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return which rows of two rounds of scores (n, classes) name the same class, bool (n,)."""
    return is_right(after, np.argmax(before, axis=1))


def gap(before: np.ndarray, after: np.ndarray) -> Measured:
    """Return how much accuracy was lost between two rounds over the same n inputs.

    before, after: bool (n,), answered right or not.
    """
    count = len(before)
    lost = int(np.sum(before & ~after))
    won = int(np.sum(~before & after))
    value = (lost - won) / max(1, count)
    # Agresti and Min: half an observation in each of the four cells, two observations in all.
    middle = (lost - won) / (count + 2)
    spread = lost + won + 1 - (lost - won) ** 2 / (count + 2)
    half = Z95 * math.sqrt(max(0.0, spread)) / (count + 2)
    return Measured(
        value=value,
        low=min(value, middle - half),
        high=max(value, middle + half),
        n=count,
        unit="share",
        spread="95% interval",
    )


def moved(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return which answers are different, and not just rounded otherwise, bool (m,).

    before, after: two rounds of scores, float32 (m, classes).
    """
    if not len(before):
        return np.zeros(0, dtype=bool)
    allowed = MOVED_SHARE * float(before.max() - before.min())
    is_near = (np.abs(before - after) <= allowed).all(axis=1)
    different: np.ndarray = ~is_near  # so that NaN is different
    return different


def moved_in(timed: Timed, asked: Asked) -> np.ndarray:
    """Return which inputs were answered differently when they were asked again, bool (m,)."""
    return moved(timed.scores[asked.places], asked.scores)


def is_noted(changed: np.ndarray) -> bool:
    """Whether so many of the inputs, bool (m,), got another answer that it is said."""
    return bool(len(changed) and changed.mean() > NOTED_SHARE)


def notes_on(timed: Timed, repeated: Asked, recomposed: Asked, alone: Asked) -> tuple[str, ...]:
    """Say which likely mistake made the same inputs get other answers; nothing if they did not."""
    again = moved_in(timed, repeated)
    if timed.gap_to(repeated).value > MISTAKEN_LOSS:
        return ()  # no usual mistake loses so much, and a flag says the rest
    if is_noted(again):
        return (
            f"{again.sum()} of {len(again)} inputs got a different answer when the same batch "
            "was asked again: something random is still on. Dropout is only for training: call "
            "model.eval() before answering.",
        )
    mixed = moved_in(timed, recomposed)
    single = moved_in(timed, alone)
    if is_noted(mixed) or is_noted(single):
        return (
            f"{mixed.sum()} of {len(mixed)} inputs got a different answer among other inputs, "
            f"{single.sum()} of {len(single)} when asked alone: an answer should not depend on "
            "its neighbours. Batch normalisation in training mode does this (call model.eval() "
            "before answering), and so does a softmax over the batch.",
        )
    return ()


def renumbering(classes: int, draw: np.random.Generator) -> np.ndarray:
    """Return a drawn permutation of the class ids in which none keeps its number, int64 (classes,).

    Each class takes the number of its neighbour on a drawn circle.
    """
    circle = draw.permutation(classes)
    renumbered = np.empty(classes, dtype=np.int64)
    renumbered[circle] = np.roll(circle, 1)
    return renumbered


def not_retrained(failure: Failure) -> Retrained:
    """Return what it means that a second training failed.

    A busy machine makes anybody late, and what nearly fills the memory once may overflow it the
    next time: neither is held against a submission.
    """
    if failure.status in (Status.TIME_LIMIT_EXCEEDED, Status.MEMORY_LIMIT_EXCEEDED):
        said = (
            f"the retraining audit did not finish and is inconclusive: {failure.reason} Ask for "
            "it again on a quiet machine."
        )
        return Retrained(notes=(said,))
    reason = (
        "training worked once, but not a second time, with the classes renumbered: "
        f"{failure.reason} An instructor should look at the source."
    )
    return Retrained(failure=Failure(Status.FLAGGED, Code.RETRAIN_FAILED, reason))


def retrain(
    session: Session,
    inputs: np.ndarray,
    labels: np.ndarray,
    right: np.ndarray,
    train_again: Callable[[np.ndarray], Box],
) -> Retrained:
    """Train a second time with the classes renumbered, and ask all hidden inputs again, untimed.

    inputs, labels: the hidden set, (n, ...) and (n,). right: which of them the first training
    answered right, (n,). train_again: given the new id of each class, opens a fresh box, trains it
    so and returns it.
    """
    if session.task.spec.limits.weights_mib > 0:
        said = (
            "the retraining audit does not apply here: this task takes trained weights, which "
            "are not trained again"
        )
        return Retrained(notes=(said,))
    draw = session.draw
    spec = session.task.spec
    renumbered = renumbering(spec.classes, draw)
    scores = np.empty((len(inputs), spec.classes), dtype=np.float32)
    try:
        box = train_again(renumbered)
        box.settle(1)
        box.close_log()
        session.progress.step("asking all hidden inputs again")
        for part in cut(draw.permutation(len(inputs)), spec.batch):
            scores[part], _ = box.predict(inputs[part], spec.classes, spec.limits.call_seconds)
    except SubmissionFailed as failed:
        return not_retrained(failed.failure)
    right_again = is_right(scores, renumbered[labels])
    return Retrained(
        {"retrain_accuracy": share(right_again), "retrain_gap": gap(right, right_again)}
    )
