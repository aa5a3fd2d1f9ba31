"""Is the host's clock right? Four networks, by torch.utils.benchmark, by their own clock, and by
the host's.

In its loop, torch.utils.benchmark finds every cache warm. Asked one at a time over the wire, the
same call in the same process is slower by its own clock: that is what a user of the model would
see, and no error. What the host sees beyond that is the wire. The wire alone is measured twice: by
the null runner, whose code stays in the caches, and by a walk through 8 MiB of memory, after which
nothing is. The figures are taken in turns, round by round.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.boxes import SECONDS, SETTINGS, images, open_box
from grader.exams.timing import stopwatch
from grader.exams.timing.par import null_submission
from grader.sandbox.box import Box

SOLUTION = Path(__file__).parent / "solutions" / "clock"
WALK, *MODELS = ("walk", "linear", "mlp", "cnn", "rnn")
ASKS = {1: 2, 256: 3}  # inputs a call -> the batch that asks the box for its figure in a loop
ASKS_OWN_CLOCK = 4
ROUNDS = 7
ROUND_SECONDS = 0.3
MIN_CALLS = 8
WORDS = {True: "within", False: "OUTSIDE"}
ALLOWED_SHARE, ALLOWED_MICROSECONDS = 0.05, 10.0


def host_seconds(box: Box, inputs: np.ndarray, batch: int) -> float:
    """Return the median seconds a call as the host sees it, over a third of a second, after two
    untimed calls.
    """
    taken: list[float] = []
    while sum(taken) < ROUND_SECONDS or len(taken) < MIN_CALLS:
        start = len(taken) * batch % (len(inputs) - batch + 1)
        taken.append(box.predict(inputs[start : start + batch], 10, SECONDS)[1] * 1e-9)
    return float(np.median(taken[2:]))


def rounds(box: Box, inputs: np.ndarray, batch: int) -> np.ndarray:
    """Return microseconds a call, one row a round: in a loop, one at a time by the box's clock, by
    the host's.
    """
    rows = []
    for _ in range(ROUNDS):
        loop = float(box.predict(inputs[: ASKS[batch]], 10, SECONDS)[0][0, 0])
        box.predict(inputs[:ASKS_OWN_CLOCK], 10, SECONDS)
        host = host_seconds(box, inputs, batch)
        rows.append((loop, float(box.predict(inputs[:ASKS_OWN_CLOCK], 10, SECONDS)[0][0, 0]), host))
    return 1e6 * np.array(rows)


def measure(number: int, inputs: np.ndarray, labels: np.ndarray) -> dict[int, np.ndarray]:
    """Return the rounds of one model at each batch."""
    with open_box(SOLUTION) as box:
        box.train([inputs, labels], SETTINGS | {"seed": number}, SECONDS)
        box.settle(1)
        with stopwatch.timed_on_cores([box], 1):
            box.predict(inputs[:1], 10, SECONDS)
            return {batch: rounds(box, inputs, batch) for batch in ASKS}


def main() -> None:
    inputs, labels = images(20_000)
    with open_box(null_submission().folder) as null:
        null.train([inputs, labels], SETTINGS, SECONDS)
        null.settle(1)
        with stopwatch.timed_on_cores([null], 1):
            for batch in ASKS:
                bare = 1e6 * host_seconds(null, inputs, batch)
                print(
                    f"null round trip, batch {batch:>3}: {bare:5.1f} us"
                    + (" (target: <= 40 us)" * (batch == 1))
                )
    walk = measure(0, inputs, labels)
    cold = {batch: float(np.median(each[:, 2] - each[:, 1])) for batch, each in walk.items()}
    for batch, wire in cold.items():
        print(f"wire after a walk, batch {batch:>3}: {wire:5.1f} us")
    for number, model in enumerate(MODELS, start=1):
        for batch, each in measure(number, inputs, labels).items():
            loop, asked, host = np.median(each, axis=0)
            left = float(np.median(each[:, 2] - each[:, 1])) - cold[batch]
            good = abs(left) <= max(ALLOWED_SHARE * asked, ALLOWED_MICROSECONDS)
            print(
                f"{model:<7} batch {batch:>3}: in a loop {loop:8.1f} us,"
                f" one at a time {asked:8.1f} us, host {host:8.1f} us,"
                f" less both {left:+6.1f} us ({left / asked:+.1%})"
                f"  {WORDS[good]} 5 % or 10 us",
                flush=True,
            )


if __name__ == "__main__":
    main()
