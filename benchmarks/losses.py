"""What noting losses costs a training, in processor time: of a step, and of a call.

The figure in docs/learn/frameworks.md. Another program on the core would only add to the clock.
"""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable

import torch

from grader.runner.trace_account import Account

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
    loss = weight.sum()
    optimizer = torch.optim.SGD([weight], lr=0.1)
    fresh = Account()
    long = Account()
    logged = Account()
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
    kept = len(logged.logged.values())
    print(f"data.log(loss=0.5): {call:.2f} us, {logged.logged.count:,} calls, {kept:,} kept")


if __name__ == "__main__":
    main()
