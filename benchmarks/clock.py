"""Is the host's clock right? Four networks, timed by torch.utils.benchmark in their own process and by the host."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from benchmarks.boxes import SECONDS, SETTINGS, images, open_box
from grader import stopwatch
from grader.exams.par import null_submission
from grader.sandbox.box import Box

SOLUTION = Path(__file__).parent / "solutions" / "clock"
MODELS = ("linear", "mlp", "cnn", "rnn")
CALLS = {1: 2000, 256: 60}
WORDS = {True: "within", False: "OUTSIDE"}
ALLOWED_SHARE, ALLOWED_SECONDS = 0.05, 10e-6


def host_seconds(box: Box, inputs: np.ndarray, batch: int) -> float:
    """Return the median seconds a call as the host sees it, after a few untimed ones."""
    taken = []
    for call in range(CALLS[batch] + 5):
        start = call * batch % (len(inputs) - batch + 1)
        _, nanoseconds = box.predict(inputs[start : start + batch], 10, SECONDS)
        taken.append(nanoseconds * 1e-9)
    return float(np.median(taken[5:]))


def main() -> None:
    inputs, labels = images(20_000)
    null = null_submission()
    nulls: dict[int, float] = {}
    with open_box(null.folder) as box:
        box.train([inputs, labels], SETTINGS, SECONDS)
        box.settle(1)
        with stopwatch.timed_on_cores([box], 1):
            for batch in CALLS:
                nulls[batch] = host_seconds(box, inputs, batch)
                print(
                    f"null round trip, batch {batch:>3}: {nulls[batch] * 1e6:.1f} us"
                    + ("  (<= 40 us)" if batch == 1 else "")
                )
    for number, model in enumerate(MODELS):
        with open_box(SOLUTION) as box, stopwatch.timed_on_cores([box], 1):
            box.train([inputs, labels], SETTINGS | {"seed": number}, SECONDS)
            box.settle(1)
            own = {}
            for line in box.log().splitlines():
                if line.startswith("FIGURE"):
                    figure = json.loads(line.removeprefix("FIGURE"))
                    own[figure["batch"]] = figure["median"]
            for batch in CALLS:
                host = host_seconds(box, inputs, batch)
                left = host - own[batch] - nulls[batch]
                good = abs(left) <= max(ALLOWED_SHARE * own[batch], ALLOWED_SECONDS)
                print(
                    f"{model:<7} batch {batch:>3}: in process {own[batch] * 1e6:9.1f} us, host {host * 1e6:9.1f} us, "
                    f"less null {left * 1e6:+8.1f} us ({left / own[batch]:+.1%})  {WORDS[good]} 5 % or 10 us"
                )


if __name__ == "__main__":
    main()
