"""Is the host's clock right? Four networks, timed by torch.utils.benchmark in their own process and by the host.

Both figures of one network are taken in turns, seven times, and compared round by round: what a busy machine does to
one it does to the other. The null runner takes its turns in the same rounds.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.boxes import SECONDS, SETTINGS, images, open_box
from grader import stopwatch
from grader.exams.par import null_submission
from grader.sandbox.box import Box

SOLUTION = Path(__file__).parent / "solutions" / "clock"
MODELS = ("linear", "mlp", "cnn", "rnn")
ASKS = {1: 2, 256: 3}  # inputs a call -> the batch that asks the box for its own figure
ASKS_OWN_CLOCK = 4
ROUNDS = 7
ROUND_SECONDS = 0.3
MIN_CALLS = 8
WORDS = {True: "within", False: "OUTSIDE"}
ALLOWED_SHARE, ALLOWED_SECONDS = 0.05, 10e-6


def host_seconds(box: Box, inputs: np.ndarray, batch: int) -> float:
    """Return the median seconds a call as the host sees it, over a third of a second, after two untimed calls."""
    taken: list[float] = []
    while sum(taken) < ROUND_SECONDS or len(taken) < MIN_CALLS:
        start = len(taken) * batch % (len(inputs) - batch + 1)
        taken.append(box.predict(inputs[start : start + batch], 10, SECONDS)[1] * 1e-9)
    return float(np.median(taken[2:]))


def compare(model: str, box: Box, null: Box, inputs: np.ndarray, batch: int) -> None:
    """Print the medians over the rounds, and what the null round trip leaves unexplained."""
    rows = []
    for _ in range(ROUNDS):
        own = float(box.predict(inputs[: ASKS[batch]], 10, SECONDS)[0][0, 0])
        host = host_seconds(box, inputs, batch)
        asked = float(box.predict(inputs[:ASKS_OWN_CLOCK], 10, SECONDS)[0][0, 0])
        rows.append((own, asked, host, host_seconds(null, inputs, batch)))
    own, asked, host, bare = (1e6 * float(figure) for figure in np.median(np.array(rows), axis=0))
    left = 1e6 * float(np.median([each[2] - each[1] - each[3] for each in rows]))
    good = abs(left) <= max(ALLOWED_SHARE * asked, ALLOWED_SECONDS * 1e6)
    print(
        f"{model:<7} batch {batch:>3}: in a loop {own:8.1f} us, one at a time {asked:8.1f} us ({asked / own - 1:+.0%}),"
        f" host {host:8.1f} us, null {bare:5.1f} us, left {left:+6.1f} us ({left / asked:+.1%})"
        f"  {WORDS[good]} 5 % or 10 us",
        flush=True,
    )


def main() -> None:
    inputs, labels = images(20_000)
    with open_box(null_submission().folder) as null:
        null.train([inputs, labels], SETTINGS, SECONDS)
        null.settle(1)
        with stopwatch.timed_on_cores([null], 1):
            bare = host_seconds(null, inputs, 1)
            print(f"null round trip, one image: {bare * 1e6:.1f} us (asked for: <= 40 us)")
        for number, model in enumerate(MODELS):
            with open_box(SOLUTION) as box:
                box.train([inputs, labels], SETTINGS | {"seed": number}, SECONDS)
                box.settle(1)
                with stopwatch.timed_on_cores([box, null], 1):
                    for batch in ASKS:
                        compare(model, box, null, inputs, batch)


if __name__ == "__main__":
    main()
