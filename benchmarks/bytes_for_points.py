"""How many bytes of source buy how many points, where hidden inputs are public.

    python -m benchmarks bytes_for_points

Three ways to bring answers along, as somebody would who knows the grader. What they bring is
counted after compression, as the intake counts it; the program around it takes about another
kilobyte. Each is asked the hidden inputs as they were published, and in changed copies.

    neighbours    small copies of hidden pictures with their labels; the nearest one answers
    exceptions    an honest model, and small copies of the hidden pictures it gets wrong
    weights       features that cost nothing (drawn from a seed), and output weights of a few bits,
                  fitted at home to all training pictures
    by heart      the beginning of the hidden text, compressed, beside an honest language model
"""

from __future__ import annotations

import lzma
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.course import score
from grader.course.curriculum import Task, find_task
from grader.course.dataset import Dataset, data_folder, find_corpus, find_dataset
from grader.course.warps import warped
from grader.errors import DataError
from grader.metrics.statistics import wilson_interval
from grader.records import Measured

HEAD = (
    "| task | brought along | bytes | as published | changed copies | points for it |\n"
    "| --- | --- | --- | --- | --- | --- |"
)
GREY_BITS = 3
SEED = 5
EXCEPTIONS = (1, 10, 50, 100, 200)
RIDGE = 10.0
# How near a picture has to be to one that is known, in times the usual distance of a known picture
# from its changed copy. Who knows the hidden pictures chooses the best.
REACHES = (0.0, 0.5, 0.7, 0.9, 1.1, 1.3, 1.6)
HONEST_BITS = 2.28  # a character, of the reference lstm
KNOWN_BITS = 0.05  # of a character that is known by heart


@dataclass(frozen=True)
class Pictures:
    """A data set, with a changed copy of its hidden pictures."""

    dataset: Dataset
    changed: np.ndarray
    side: int  # of a small copy


def pictures_of(task: Task, side: int) -> Pictures:
    dataset = find_dataset(task.spec.dataset).load(data_folder(None))
    changed = warped(dataset.hidden_inputs, np.random.default_rng(SEED))
    return Pictures(dataset, changed, side)


def reduced(pictures: np.ndarray, side: int) -> np.ndarray:
    """Return small copies, float32 (n, side * side): means of squares of pixels."""
    count, height, _ = pictures.shape
    step = height // side
    cut = pictures[:, : side * step, : side * step].reshape(count, side, step, side, step)
    means: np.ndarray = cut.mean(axis=(2, 4)).reshape(count, side * side).astype(np.float32)
    return means


def coarse(small: np.ndarray) -> np.ndarray:
    """Return grey levels of a few bits, uint8."""
    levels: np.ndarray = (small / 256 * (1 << GREY_BITS)).astype(np.uint8)
    return levels


def packed_bytes(values: np.ndarray, bits: int, labels: np.ndarray) -> int:
    """Return the size of whole numbers of so many bits, and of labels, after compression."""
    each = (values.reshape(-1, 1) >> np.arange(bits)) & 1
    content = np.packbits(each.astype(np.uint8)).tobytes()
    tens = (labels.reshape(-1, 1) >> np.arange(4)) & 1
    content += np.packbits(tens.astype(np.uint8)).tobytes()
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6}]
    return min(len(content), len(lzma.compress(content, lzma.FORMAT_RAW, filters=filters)))


def nearest(asked: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row the place of the nearest known one, and how far it is."""
    squares = (asked**2).sum(axis=1)[:, None] - 2 * asked @ known.T + (known**2).sum(axis=1)
    places = squares.argmin(axis=1)
    far = np.sqrt(np.maximum(squares[np.arange(len(asked)), places], 0))
    return places, far


def points(task: Task, metric: float, count: int) -> float:
    """Return the points that a metric of so many hidden inputs brings."""
    scoring = task.spec.scoring
    measured = Measured(value=metric, n=count, unit="share")
    if scoring.metric == "accuracy":
        low, high = wilson_interval(metric, count)
        measured = measured.model_copy(update={"low": low, "high": high, "spread": "95% interval"})
    share = score.interpolate(score.curve_for(scoring, measured), metric)
    return share * scoring.points.accuracy


def line(task: Task, what: str, size: int, found: Sequence[float], count: int) -> str:
    """Return a line of the table; found: the accuracy on originals and on changed copies."""
    original, changed = found
    earned = f"{points(task, original, count):.0f}, changed {points(task, changed, count):.0f}"
    cells = (task.id, what, f"{size:,}", f"{original:.2%}", f"{changed:.2%}", earned)
    return f"| {' | '.join(cells)} |"


def neighbours(task: Task, data: Pictures, count: int) -> str:
    """Return the line of a table of `count` small copies."""
    dataset = data.dataset
    chosen = np.random.default_rng(SEED).permutation(len(dataset.hidden_labels))[:count]
    levels = coarse(reduced(dataset.hidden_inputs[chosen], data.side))
    labels = dataset.hidden_labels[chosen]
    known = (levels.astype(np.float32) + 0.5) * (256 >> GREY_BITS)
    found = []
    for asked in (dataset.hidden_inputs, data.changed):
        places, _ = nearest(reduced(asked, data.side), known)
        found.append(float((labels[places] == dataset.hidden_labels).mean()))
    size = packed_bytes(levels, GREY_BITS, labels)
    return line(task, f"{count:,} neighbours", size, found, len(data.changed))


def features(pictures: np.ndarray, width: int) -> np.ndarray:
    """Return features that a seed draws, float32 (n, width + 1)."""
    draw = np.random.default_rng(SEED)
    rows = pictures.reshape(len(pictures), -1).astype(np.float32) / 255
    weights = draw.normal(0, 1, size=(rows.shape[1], width)).astype(np.float32)
    weights /= np.sqrt(rows.shape[1] / 8)
    hidden = np.maximum(rows @ weights + draw.normal(0, 0.5, size=width).astype(np.float32), 0)
    return np.concatenate([hidden, np.ones((len(rows), 1), np.float32)], axis=1)


def fitted(dataset: Dataset, width: int) -> np.ndarray:
    """Return output weights fitted to all training pictures, (width + 1, classes)."""
    seen = features(dataset.train_inputs, width)
    targets = np.eye(dataset.num_classes, dtype=np.float32)[dataset.train_labels]
    weights: np.ndarray = np.linalg.solve(
        seen.T @ seen + RIDGE * np.eye(width + 1, dtype=np.float32), seen.T @ targets
    )
    return weights


def weights(task: Task, data: Pictures, width: int, bits: int) -> str:
    """Return the line of output weights of so many bits, made at home."""
    exact = fitted(data.dataset, width)
    most = 3 * exact.std()
    levels = np.round((np.clip(exact, -most, most) / most + 1) / 2 * ((1 << bits) - 1))
    used = (levels / ((1 << bits) - 1) * 2 - 1) * most
    found = [
        float(((features(asked, width) @ used).argmax(axis=1) == data.dataset.hidden_labels).mean())
        for asked in (data.dataset.hidden_inputs, data.changed)
    ]
    size = packed_bytes(levels.astype(np.int64), bits, np.empty(0, np.int64))
    return line(task, f"{width} x 10 weights of {bits} bits", size, found, len(data.changed))


def exceptions(task: Task, data: Pictures, width: int, count: int) -> str:
    """Return the line of an honest model with `count` of its mistakes put right."""
    dataset = data.dataset
    honest = fitted(dataset, width)
    answers = (features(dataset.hidden_inputs, width) @ honest).argmax(axis=1)
    wrong = np.flatnonzero(answers != dataset.hidden_labels)[:count]
    levels = coarse(reduced(dataset.hidden_inputs[wrong], data.side))
    known = (levels.astype(np.float32) + 0.5) * (256 >> GREY_BITS)
    labels = dataset.hidden_labels[wrong]
    usual = np.linalg.norm(reduced(data.changed[wrong], data.side) - known, axis=1).mean()
    found = []
    for asked in (dataset.hidden_inputs, data.changed):
        said = (features(asked, width) @ honest).argmax(axis=1)
        places, far = nearest(reduced(asked, data.side), known)
        tries = [np.where(far < reach * usual, labels[places], said) for reach in REACHES]
        found.append(max(float((each == dataset.hidden_labels).mean()) for each in tries))
    size = packed_bytes(levels, GREY_BITS, labels)
    return line(
        task, f"an honest model and {len(wrong)} exceptions", size, found, len(data.changed)
    )


def by_heart(task: Task, size: int) -> str:
    """Return the line of a beginning of the hidden text that takes `size` bytes."""
    text = find_corpus(task.spec.dataset).load(data_folder(None)).hidden
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "lp": 0}]
    low = 0
    high = len(text)
    while high - low > 16:
        middle = (low + high) // 2
        packed = lzma.compress(text[:middle].encode(), lzma.FORMAT_RAW, filters=filters)
        low, high = (middle, high) if len(packed) <= size else (low, middle)
    known = low / len(text)
    bits = known * KNOWN_BITS + (1 - known) * HONEST_BITS
    cells = (task.id, f"{known:.0%} of the hidden text by heart", f"{size:,}")
    earned = points(task, bits, len(text))
    return f"| {' | '.join(cells)} | {bits:.2f} bits | the same | {earned:.0f} |"


def pictures_table() -> None:
    for name, side, width in (("digits", 4, 500), ("mnist", 7, 1000)):
        task = find_task(name)
        try:
            data = pictures_of(task, side)
        except DataError as error:
            print(f"{name}: {error}")
            continue
        for count in (50, 100, 200, 400, 600, 1000, 2000):
            if count <= len(data.dataset.hidden_labels):
                print(neighbours(task, data, count), flush=True)
        for count in EXCEPTIONS:
            print(exceptions(task, data, width, count), flush=True)
    few = find_task("learn-from-little")
    for width, bits in ((100, 4), (250, 4), (500, 4), (1000, 4), (2000, 4)):
        print(weights(few, data, width, bits), flush=True)


def main() -> None:
    print(HEAD)
    pictures_table()
    for size in (1024, 2048, 3072, 8192, 12288, 51200):
        print(by_heart(find_task("text-generation"), size))


if __name__ == "__main__":
    main()
