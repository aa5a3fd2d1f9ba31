"""Is the host's clock right? Four networks, measured by three clocks.

The clocks are torch.utils.benchmark, the box's own, and the host's. In its loop,
torch.utils.benchmark finds every cache warm. Asked one at a time over the wire, the same call in
the same process is slower by its own clock: that is what a user of the model would see, and not an
error. What the host sees beyond that is the wire. The wire alone is measured twice: by the null
runner, whose code stays in the caches, and by a walk through 8 MiB of memory, after which nothing
is. The figures are taken in turns, round by round.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.boxes import SECONDS, SETTINGS, images, open_box
from grader.exams.timing import stopwatch
from grader.exams.timing.par import null_submission
from grader.sandbox.box import Box

SOLUTION = Path(__file__).parent / "solutions" / "clock"
# In the order of solutions/clock/solution.py, after the walk, which is its first one.
MODELS = ("linear", "mlp", "cnn", "rnn")
ASKS = {1: 2, 256: 3}  # inputs a call -> the batch that asks the box for its figure in a loop
ASKS_OWN_CLOCK = 4
ROUNDS = 7
ROUND_SECONDS = 0.3
MIN_CALLS = 8
WORDS = {True: "within", False: "OUTSIDE"}
ALLOWED_SHARE = 0.05
ALLOWED_MICROSECONDS = 10.0


def host_seconds(box: Box, inputs: np.ndarray, batch: int) -> float:
    """Return the median seconds a call as the host sees it, after two calls that don't count."""
    taken: list[float] = []
    while sum(taken) < ROUND_SECONDS or len(taken) < MIN_CALLS:
        start = len(taken) * batch % (len(inputs) - batch + 1)
        taken.append(box.predict(inputs[start : start + batch], 10, SECONDS)[1] * 1e-9)
    return float(np.median(taken[2:]))


def rounds(box: Box, inputs: np.ndarray, batch: int) -> np.ndarray:
    """Return microseconds a call, one row a round.

    The columns: in a loop, one at a time by the box's clock, one at a time by the host's.
    """
    rows = []
    for _ in range(ROUNDS):
        loop = answered_seconds(box, inputs[: ASKS[batch]])
        answered_seconds(box, inputs[:ASKS_OWN_CLOCK])  # begins its own account anew
        host = host_seconds(box, inputs, batch)
        own = answered_seconds(box, inputs[:ASKS_OWN_CLOCK])
        rows.append((loop, own, host))
    return 1e6 * np.array(rows)


def answered_seconds(box: Box, inputs: np.ndarray) -> float:
    """Return the figure that the box gives as its first score, when asked with such a batch."""
    return float(box.predict(inputs, 10, SECONDS)[0][0, 0])


def measure(number: int, inputs: np.ndarray, labels: np.ndarray) -> dict[int, np.ndarray]:
    """Return the rounds of one model at each batch."""
    with open_box(SOLUTION) as box:
        box.train([inputs, labels], SETTINGS | {"seed": number}, SECONDS)
        box.settle(1)
        with stopwatch.timed_on_cores([box], 1):
            box.predict(inputs[:1], 10, SECONDS)
            return {batch: rounds(box, inputs, batch) for batch in ASKS}


def print_null(inputs: np.ndarray, labels: np.ndarray) -> None:
    """Print the round trip of the null runner at each batch."""
    with open_box(null_submission().folder) as null:
        null.train([inputs, labels], SETTINGS, SECONDS)
        null.settle(1)
        with stopwatch.timed_on_cores([null], 1):
            for batch in ASKS:
                bare = 1e6 * host_seconds(null, inputs, batch)
                target = " (target: <= 40 us)" if batch == 1 else ""
                print(f"null round trip, batch {batch:>3}: {bare:5.1f} us{target}")


def print_model(model: str, batch: int, measured: np.ndarray, wire: float) -> None:
    """Print what a model takes by each clock, and what the host saw beyond its own and the wire."""
    loop, asked, host = np.median(measured, axis=0)
    left = float(np.median(measured[:, 2] - measured[:, 1])) - wire
    good = abs(left) <= max(ALLOWED_SHARE * asked, ALLOWED_MICROSECONDS)
    print(
        f"{model:<7} batch {batch:>3}: in a loop {loop:8.1f} us,"
        f" one at a time {asked:8.1f} us, host {host:8.1f} us,"
        f" less both {left:+6.1f} us ({left / asked:+.1%})"
        f"  {WORDS[good]} 5 % or 10 us",
        flush=True,
    )


def main() -> None:
    inputs, labels = images(20_000)
    print_null(inputs, labels)
    walk = measure(0, inputs, labels)
    cold = {batch: float(np.median(each[:, 2] - each[:, 1])) for batch, each in walk.items()}
    for batch, wire in cold.items():
        print(f"wire after a walk, batch {batch:>3}: {wire:5.1f} us")
    for number, model in enumerate(MODELS, start=1):
        for batch, each in measure(number, inputs, labels).items():
            print_model(model, batch, each, cold[batch])


if __name__ == "__main__":
    main()
