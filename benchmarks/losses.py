"""What noting losses costs a training: `python -m benchmarks.losses` prints processor time, a step
and a call.

Behind the figure in docs/learn/frameworks.md. Processor time, since another program on the core would
only add to the clock.
"""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable

import torch

from grader.runner.curve import Account

CALLS = 200_000
ROUNDS = 3


def microseconds(act: Callable[[], object], calls: int) -> float:
    """Return the least processor time of a call over some rounds."""
    least = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(calls):
            act()
        least = min(least, (time.process_time() - began) / calls)
    return 1e6 * least


def main() -> None:
    torch.set_num_threads(1)
    weight = torch.zeros(8, requires_grad=True)
    loss, optimizer = weight.sum(), torch.optim.SGD([weight], lr=0.1)
    fresh, long, logged = Account(), Account(), Account()
    first = microseconds(lambda: fresh.gradient(loss), 1000)
    step = microseconds(lambda: long.step(optimizer), CALLS)
    print(f"a step of PyTorch: {first + step:.2f} us while every loss is kept", flush=True)
    later = microseconds(lambda: long.gradient(loss), CALLS)
    print(
        f"a step of PyTorch: {later + step:.2f} us on average over {ROUNDS * CALLS:,} of them",
        flush=True,
    )
    with contextlib.redirect_stdout(io.StringIO()):
        call = microseconds(lambda: logged.log(0.5, {}), CALLS)
    print(
        f"data.log(loss=0.5): {call:.2f} us, {logged.logged.count:,} calls, {len(logged.logged.values()):,} kept"
    )


if __name__ == "__main__":
    main()
