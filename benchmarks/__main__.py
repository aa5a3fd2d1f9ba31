"""Print every figure that README and docs claim: `make benchmarks`, or `python -m benchmarks NAME
...`.
"""

from __future__ import annotations

import importlib
import sys

from grader.host.machine import describe_machine, noise_reason

NAMES = (
    "commands",
    "clock",
    "memory",
    "metrics",
    "fairness",
    "batch",
    "boxes",
    "pagecache",
    "losses",
    "site",
    "watch",
)


def main() -> None:
    machine = describe_machine()
    about = f"{machine.cpu}, {machine.cores} cores, Python {machine.python}"
    print(f"machine {machine.id}: {about}; {noise_reason() or 'quiet'}")
    for name in sys.argv[1:] or NAMES:
        print(f"\n== {name}")
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
