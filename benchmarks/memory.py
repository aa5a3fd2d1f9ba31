"""Is the memory figure right? Known amounts, held in different ways, against what is reported."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.boxes import SECONDS, SETTINGS, open_box
from grader.sandbox.box import MIB

SOLUTION = Path(__file__).parent / "solutions" / "memory"
KINDS = ("nothing", "array", "tensor", "children", "shared memory", "tmpfs file", "anonymous mmap")
SIZES_MIB = (50, 300, 2048)
ALLOWED_SHARE = 0.03
ALLOWED_MIB = 8


def peak_mib(kind: str, mib: int) -> tuple[float, str]:
    """Return the reported peak, in MiB, of a box that holds so much, and its source."""
    labels = np.array([KINDS.index(kind), mib], dtype=np.int64)
    with open_box(SOLUTION) as box:
        box.train([np.zeros((2, 1), dtype=np.uint8), labels], SETTINGS, SECONDS)
        peak = box.peak_memory()
        assert peak is not None
        return peak.value / MIB, peak.source


def main() -> None:
    bare = {"torch": peak_mib("nothing", 0)[0]}
    bare["python"] = peak_mib("array", 0)[0]
    print(
        f"a box that holds nothing: {bare['python']:.1f} MiB; "
        f"with torch imported {bare['torch']:.1f} MiB"
    )
    for kind in KINDS[1:]:
        for mib in SIZES_MIB:
            reported, source = peak_mib(kind, mib)
            base = bare["torch" if kind == "tensor" else "python"]
            extra = reported - base
            good = abs(extra - mib) <= ALLOWED_SHARE * mib + ALLOWED_MIB
            verdict = "within" if good else "OUTSIDE"
            print(
                f"{kind:<16} {mib:>5} MiB held: {extra:8.1f} MiB reported ({source})  "
                f"{verdict} 3 % + 8 MiB"
            )


if __name__ == "__main__":
    main()
