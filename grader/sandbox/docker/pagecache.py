"""The page cache must not decide a score: the frameworks' files are in it before a box needs them.

Theory of operation. The kernel charges a page of a file to the control group that touches it first,
for as long as it stays in memory. A submission that is the first to import torch after a start
would be charged hundreds of MiB for pages that the next one gets for nothing. So somebody else
touches them first, before every run, for pages may have been dropped since the last one: the grader
itself for the process tier, a container of the same image for the container tier, which runs this
very file. The kernel is only asked to read ahead. A page is charged when the reading of it is asked
for, so nothing has to be waited for, and files that are there already cost next to nothing.

This file runs in images too, so it imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import sysconfig
from collections.abc import Iterator

# libraries for GPUs are larger than that; host memory is not what is scored there
MOST_BYTES = 2 << 30
# the kernel reads no more than its read-ahead at once, whatever is asked for
STEP_BYTES = 128 << 10
PACKAGES = (
    *("numpy", "torch", "torchgen", "torchvision", "sympy", "mpmath", "PIL", "matplotlib", "tqdm"),
    *("keras", "tensorflow", "jax", "jaxlib", "flax", "optree", "ml_dtypes", "h5py"),
    *("numpy.libs", "torchvision.libs", "pillow.libs"),
)
BY_SOURCE = ("torch",)  # reads its own sources as well
IN_SYSTEM = ("bz2", "lzma", "ssl", "uuid")  # modules of Python that need libraries of the system
LIBRARY = "libstdc++.so.6"  # what compiled code needs beside
LEFT_OUT = {
    "include",
    "test",
    "tests",
    "site-packages",
    "idlelib",
    "lib2to3",
    "ensurepip",
}  # folders nobody imports


def libraries() -> Iterator[tuple[int, str]]:
    """Yield size in bytes and path of the compiled modules and libraries of Python and of the
    frameworks it has.
    """
    places = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    yield from within(sysconfig.get_path("stdlib"), (".pyc", ".so"))
    for place in places:
        yield from within(os.path.join(place, "__pycache__"), (".pyc",))
        for name in PACKAGES:
            kinds = (".pyc", ".so", ".py") if name in BY_SOURCE else (".pyc", ".so")
            yield from within(os.path.join(place, name), kinds)


def within(root: str, kinds: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Yield size and path of the files of these kinds in a folder and those below it."""
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        for name in names:
            if name.endswith(kinds) or ".so." in name:
                path = os.path.join(folder, name)
                with contextlib.suppress(OSError):
                    yield os.stat(path).st_size, path


def mapped() -> Iterator[tuple[int, str]]:
    """Yield size and path of what an interpreter itself is made of."""
    for name in IN_SYSTEM:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    with contextlib.suppress(OSError):
        ctypes.CDLL(LIBRARY)
    with contextlib.suppress(OSError), open("/proc/self/maps") as lines:
        for path in {line.split()[-1] for line in lines}:
            if path.startswith("/") and os.path.isfile(path):
                yield os.stat(path).st_size, path


def fill() -> int:
    """Have the kernel read these files, the smallest first; returns the bytes asked for. 0 where it
    takes no advice.
    """
    if not hasattr(os, "posix_fadvise"):
        return 0
    asked = 0
    for size, path in sorted({*libraries(), *mapped()}):
        if asked + size > MOST_BYTES:
            break
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                for start in range(0, size, STEP_BYTES):
                    os.posix_fadvise(descriptor, start, STEP_BYTES, os.POSIX_FADV_WILLNEED)
                asked += size
            finally:
                os.close(descriptor)
    return asked


if __name__ == "__main__":
    fill()
