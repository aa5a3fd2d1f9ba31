"""What a page shows of a run beside its figures: curves, a confusion matrix, mistakes, pictures,
texts.

Nothing here is scored. It is made while the grader still holds labels and inputs, so that a page
needs the stored result alone. Only public data sets come with the grader; an exam with a private
one leaves `inputs` out.
"""

from __future__ import annotations

import base64
import io
import itertools
from collections.abc import Sequence

import numpy as np
from PIL import Image

from grader.exams.exam import Session
from grader.exams.function_cases.compare import UNUSUAL
from grader.exams.timing import stopwatch
from grader.metrics import classification, language
from grader.records import Bin, Details, LossCurve, Mistake, Sample

MISTAKES = 24
TEXT_CHARACTERS = 400
BINS = 15
GRID = (8, 16)  # rows and columns of pictures
SAMPLES = 6
LOSSES = 1000  # of a curve: more than a picture has columns
MOST_CLASSES = 100  # a larger matrix is nothing to look at


def of_answers(
    scores: np.ndarray, labels: np.ndarray, classes: Sequence[str], inputs: np.ndarray | None = None
) -> Details:
    """Return matrix, calibration and the most confident mistakes of a classifier.

    scores: (n, classes), finite. labels: (n,). inputs: what was asked, pictures or texts; None
    shows none of them.
    """
    if len(classes) > MOST_CLASSES:
        return Details()
    shares = classification.probabilities(scores)
    answers, confidence = shares.argmax(axis=1), shares.max(axis=1)
    wrong = np.flatnonzero(answers != labels)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:MISTAKES]
    return Details(
        classes=list(classes),
        confusion=classification.confusion(scores, labels).tolist(),
        calibration=calibration(confidence, answers == labels),
        mistakes=[
            Mistake(
                truth=int(labels[i]),
                answer=int(answers[i]),
                confidence=float(confidence[i]),
                picture=png(inputs[i])
                if inputs is not None and not isinstance(inputs[i], str)
                else "",
                text=str(inputs[i])[:TEXT_CHARACTERS]
                if inputs is not None and isinstance(inputs[i], str)
                else "",
            )
            for i in worst
        ],
    )


def calibration(confidence: np.ndarray, right: np.ndarray) -> list[Bin]:
    """Return how often answers of about the same confidence are right, in bins of equal width that
    are not empty.
    """
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        Bin(
            confidence=float(confidence[here].mean()),
            accuracy=float(right[here].mean()),
            n=int(here.sum()),
        )
        for here in (place == number for number in range(BINS))
        if here.any()
    ]


def with_curves(
    details: Details, session: Session, latency: stopwatch.Timing | None = None
) -> Details:
    """Return the details with the memory of the phases and, of calls with one input, the
    percentiles.
    """
    changes: dict[str, object] = {"memory": list(session.memory)}
    if latency is not None:
        changes |= {
            "latency_curve": percentiles(latency.calls),
            "par_latency_curve": percentiles(latency.par_calls),
        }
    return details.model_copy(update=changes)


def with_reported(details: Details | None, session: Session) -> Details | None:
    """Return the details with the losses of the training as the submission told them, where it told
    any.
    """
    trace = session.trace
    if trace is None or not len(trace.losses):
        return details
    kept = np.unique(
        np.linspace(0, len(trace.losses) - 1, min(len(trace.losses), LOSSES)).astype(np.int64)
    )
    curve = LossCurve(
        losses=[UNUSUAL.get(str(value), rounded(value)) for value in trace.losses[kept].tolist()],
        places=(trace.places[kept] + 1).tolist(),
        noted=trace.noted,
        source=trace.source,
        steps=trace.steps,
        measured=None if session.measured_loss is None else rounded(session.measured_loss),
    )
    return (details or Details()).model_copy(update={"reported": curve})


def rounded(value: float) -> float:
    return float(f"{value:.5g}")


def percentiles(seconds: np.ndarray) -> list[float]:
    """Return the 0th to the 100th percentile, rounded to four digits; nothing of nothing."""
    if not len(seconds):
        return []
    return [float(f"{value:.4g}") for value in np.percentile(seconds, np.arange(101))]


def grids(made: np.ndarray, real: np.ndarray) -> Details:
    """Return made and real pictures, uint8 (n, h, w), as one PNG each."""
    return Details(made=png(tiled(made)), real=png(tiled(real)))


def tiled(pictures: np.ndarray) -> np.ndarray:
    """Return the first pictures side by side, uint8, with a pixel of grey between them."""
    columns = GRID[1]
    shown = pictures[: min(len(pictures), GRID[0] * columns)]
    rows = -(-len(shown) // columns)
    _, height, width = shown.shape
    sheet = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), 128, dtype=np.uint8)
    for number, picture in enumerate(shown):
        top, left = number // columns * (height + 1), number % columns * (width + 1)
        sheet[top : top + height, left : left + width] = picture
    return sheet


def png(picture: np.ndarray) -> str:
    """Return a uint8 picture, (h, w) or (h, w, 3), as PNG in base64."""
    packed = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(packed, "PNG", optimize=True)
    return base64.b64encode(packed.getvalue()).decode("ascii")


def texts(
    prompts: Sequence[str], written: Sequence[str], tokens: np.ndarray, known: np.ndarray, size: int
) -> Details:
    """Return some of what was written, with the passages that stand in the training text.

    tokens: (n, characters), what was written, coded. known: sorted hashes of the training text's
    runs of `size`.
    """
    samples = [
        Sample(prompt=prompt, written=text, copied=copied_passages(row, known, size))
        for prompt, text, row in itertools.islice(
            zip(prompts, written, tokens, strict=True), SAMPLES
        )
    ]
    return Details(samples=samples)


def copied_passages(tokens: np.ndarray, known: np.ndarray, size: int) -> list[tuple[int, int]]:
    """Return where runs of `size` tokens or more stand in the known text: start and end, joined
    where they overlap.
    """
    grams = language.gram_hashes(tokens, size)
    if not len(grams) or not len(known):
        return []
    places = np.minimum(np.searchsorted(known, grams), len(known) - 1)
    passages: list[tuple[int, int]] = []
    for start in np.flatnonzero(known[places] == grams).tolist():
        if passages and start <= passages[-1][1]:
            passages[-1] = (passages[-1][0], start + size)
        else:
            passages.append((start, start + size))
    return passages
