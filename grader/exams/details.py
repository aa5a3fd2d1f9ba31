"""What a page shows of a run beside its figures: curves, mistakes, pictures, texts.

Nothing here is scored. It is made while the grader still holds labels and inputs, so that a page
needs the stored result alone. Only public data sets come with the grader; an exam with a private
one leaves `inputs` out, and nothing of it is kept.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence

import numpy as np

from grader.exams.function_cases.answer_picture import storable
from grader.exams.timing.stopwatch import Timing
from grader.metrics import classification, language
from grader.records import Bin, Details, LossCurve, Mistake, PhaseMemory, Sample
from grader.sandbox.training_trace import TrainingTrace

MISTAKES = 24
TEXT_CHARACTERS = 400
BINS = 15  # of confidence
GRID_ROWS = 8
GRID_COLUMNS = 16
GREY = 128  # between the pictures of a grid
SAMPLES = 6
LOSSES = 1000  # of a curve: more than a picture has columns
MOST_CLASSES = 100  # a larger matrix is nothing to look at


def of_answers(
    scores: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str],
    inputs: np.ndarray | None = None,
    columns: Sequence[str] = (),
) -> Details:
    """Return matrix, calibration and the most confident mistakes of a classifier.

    scores: (n, classes), finite. labels: (n,). inputs: what was asked, pictures (n, h, w) or
    (n, h, w, 3), uint8, texts (n,) or numbers (n, ...); None shows none of them. columns: what the
    numbers of a row are.
    """
    if len(classes) > MOST_CLASSES:
        return Details()
    shares = classification.probabilities(scores)
    answers = shares.argmax(axis=1)
    confidence = shares.max(axis=1)
    wrong = np.flatnonzero(answers != labels)
    most_confident = wrong[np.argsort(-confidence[wrong], kind="stable")][:MISTAKES]
    mistakes = []
    for place in most_confident:
        mistake = Mistake(
            truth=int(labels[place]),
            answer=int(answers[place]),
            confidence=float(confidence[place]),
        )
        if inputs is not None:
            mistake = with_input(mistake, inputs[place], columns)
        mistakes.append(mistake)
    return Details(
        classes=list(classes),
        confusion=classification.confusion(scores, labels).tolist(),
        calibration=calibration(confidence, answers == labels),
        mistakes=mistakes,
    )


def with_input(mistake: Mistake, asked: np.ndarray | str, columns: Sequence[str] = ()) -> Mistake:
    """Return a mistake with the picture or the beginning of the text or row that was asked."""
    if isinstance(asked, str):
        return mistake.model_copy(update={"text": str(asked)[:TEXT_CHARACTERS]})
    if asked.dtype == np.uint8 and asked.ndim >= 2:
        return mistake.model_copy(update={"picture": png(asked)})
    return mistake.model_copy(update={"text": row_text(asked, columns)[:TEXT_CHARACTERS]})


def row_text(row: np.ndarray, columns: Sequence[str]) -> str:
    """Return the numbers of one input for a page, each behind what it is, as far as that is known.

    row: float32, of any shape.
    """
    values = [f"{value:.4g}" for value in row.reshape(-1)[:TEXT_CHARACTERS].tolist()]
    if len(columns) != len(values):
        return ", ".join(values)
    return ", ".join(f"{name} {value}" for name, value in zip(columns, values, strict=True))


def calibration(confidence: np.ndarray, right: np.ndarray) -> list[Bin]:
    """Return how often answers of about the same confidence are right.

    confidence: in [0, 1], (n,). right: bool (n,). The bins have equal width; empty ones are left
    out.
    """
    bin_of = np.minimum((confidence * BINS).astype(int), BINS - 1)
    bins = []
    for number in range(BINS):
        here = bin_of == number
        if here.any():
            mean = float(confidence[here].mean())
            accuracy = float(right[here].mean())
            bins.append(Bin(confidence=mean, accuracy=accuracy, n=int(here.sum())))
    return bins


def loss_curve(trace: TrainingTrace | None, measured_loss: float | None) -> LossCurve | None:
    """Return the losses of a training as its trace has them, thinned; None where it has none.

    measured_loss: cross-entropy of the model's answers to training examples, by the grader.
    """
    if trace is None or not len(trace.losses):
        return None
    shown = min(len(trace.losses), LOSSES)
    kept = np.unique(np.linspace(0, len(trace.losses) - 1, shown).astype(np.int64))
    losses = trace.losses[kept].tolist()
    return LossCurve(
        losses=[storable(rounded(value)) for value in losses],
        places=(trace.places[kept] + 1).tolist(),
        noted=trace.noted,
        source=trace.source,
        steps=trace.steps,
        measured=None if measured_loss is None else rounded(measured_loss),
    )


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
    """Return the first pictures (n, h, w) side by side, uint8, with a grey pixel between them."""
    shown = pictures[: GRID_ROWS * GRID_COLUMNS]
    rows = math.ceil(len(shown) / GRID_COLUMNS)
    _, height, width = shown.shape
    size = (rows * (height + 1) - 1, GRID_COLUMNS * (width + 1) - 1)
    sheet = np.full(size, GREY, dtype=np.uint8)
    for number, picture in enumerate(shown):
        row, column = divmod(number, GRID_COLUMNS)
        top = row * (height + 1)
        left = column * (width + 1)
        sheet[top : top + height, left : left + width] = picture
    return sheet


def png(picture: np.ndarray) -> str:
    """Return a uint8 picture, (h, w) or (h, w, 3), as PNG in base64."""
    # Imported here, because the exams of functions load this module and show no pictures.
    from PIL import Image

    packed = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(packed, "PNG", optimize=True)
    return base64.b64encode(packed.getvalue()).decode("ascii")


def texts(
    prompts: Sequence[str], written: Sequence[str], tokens: np.ndarray, known: np.ndarray, size: int
) -> Details:
    """Return some of what was written, with the passages that stand in the training text.

    prompts, written: texts. tokens: what was written, coded, (n, characters). known: sorted hashes
    of the training text's runs of `size` characters.
    """
    samples: list[Sample] = []
    for prompt, text, row in zip(prompts, written, tokens, strict=True):
        if len(samples) == SAMPLES:
            break
        copied = copied_passages(row, known, size)
        samples.append(Sample(prompt=prompt, written=text, copied=copied))
    return Details(samples=samples)


def copied_passages(tokens: np.ndarray, known: np.ndarray, size: int) -> list[tuple[int, int]]:
    """Return start and end of the runs of `size` tokens or more that stand in the known text.

    Those that overlap are joined. known: sorted hashes of the runs of `size` in that text.
    """
    grams = language.gram_hashes(tokens, size)
    if not len(grams) or not len(known):
        return []
    places = np.minimum(np.searchsorted(known, grams), len(known) - 1)
    passages: list[tuple[int, int]] = []
    for start in np.flatnonzero(known[places] == grams).tolist():
        end = start + size
        if passages and start <= passages[-1][1]:
            start, _ = passages.pop()
        passages.append((start, end))
    return passages


def with_timings(
    details: Details, memory: Sequence[PhaseMemory], timings: Sequence[Timing]
) -> Details:
    """Return the details with the memory of each phase and the percentiles of single calls."""
    changes: dict[str, object] = {"memory": list(memory)}
    for timing in timings:
        if timing.phase.name == "latency":
            changes["latency_curve"] = percentiles(timing.calls)
            changes["par_latency_curve"] = percentiles(timing.par_calls)
    return details.model_copy(update=changes)
