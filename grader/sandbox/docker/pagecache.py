"""The page cache must not decide a score: the frameworks' files are in it before a box needs them.

Theory of operation. The kernel charges a page of a file to the control group that touches it first,
for as long as it stays in memory. A submission that is the first to import torch after a start
would be charged for pages that the next one gets for nothing: its container was seen at 592 MiB
where 228 MiB are right, its plain process at 296 MiB instead of 220 (`python -m benchmarks
pagecache`, docs/measure/measuring.md). So somebody else touches them first: the grader itself for
the process tier, a container of the same image for the container tier, which runs this very file.
With that, a box after a dropped cache and one after a full one differ by half a percent.

It happens before every run, for pages may have been dropped since the last one. The kernel is only
asked to read ahead. A page is charged when its reading is asked for, so nothing has to be waited
for, and files that are there already cost 0.1 to 0.3 s of processor time.

This file runs in images too, so it imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import sysconfig
from collections.abc import Iterator

# Libraries for GPUs are larger than that, but host memory is not what is scored there.
MOST_BYTES = 2 << 30
# The kernel reads no more than its read-ahead at once, whatever is asked for.
STEP_BYTES = 128 << 10
PACKAGES = (
    "PIL",
    "flax",
    "h5py",
    "jax",
    "jaxlib",
    "keras",
    "matplotlib",
    "ml_dtypes",
    "mpmath",
    "numpy",
    "numpy.libs",
    "optree",
    "pillow.libs",
    "sympy",
    "tensorflow",
    "torch",
    "torchgen",
    "torchvision",
    "torchvision.libs",
    "tqdm",
)
READS_ITS_SOURCES = ("torch",)
COMPILED_SUFFIXES = (".pyc", ".so")
SYSTEM_MODULES = ("bz2", "lzma", "ssl", "uuid")  # of Python, that need libraries of the system
SYSTEM_LIBRARY = "libstdc++.so.6"  # compiled code needs it as well
NOT_IMPORTED = {"include", "test", "tests", "site-packages", "idlelib", "lib2to3", "ensurepip"}


def libraries() -> Iterator[tuple[int, str]]:
    """Yield size in bytes and path of what Python and its frameworks load from packages."""
    places = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    yield from files_below(sysconfig.get_path("stdlib"), COMPILED_SUFFIXES)
    for place in places:
        yield from files_below(os.path.join(place, "__pycache__"), (".pyc",))
        for name in PACKAGES:
            suffixes: tuple[str, ...] = COMPILED_SUFFIXES
            if name in READS_ITS_SOURCES:
                suffixes = (*suffixes, ".py")
            yield from files_below(os.path.join(place, name), suffixes)


def files_below(root: str, suffixes: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Yield size and path of shared libraries and of files that end so, below a folder."""
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in NOT_IMPORTED]
        for name in names:
            if name.endswith(suffixes) or ".so." in name:
                path = os.path.join(folder, name)
                with contextlib.suppress(OSError):
                    yield os.stat(path).st_size, path


def mapped_files() -> Iterator[tuple[int, str]]:
    """Yield size and path of the files that this interpreter itself has mapped."""
    for name in SYSTEM_MODULES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    with contextlib.suppress(OSError):
        ctypes.CDLL(SYSTEM_LIBRARY)
    with contextlib.suppress(OSError), open("/proc/self/maps") as lines:
        for path in {line.split()[-1] for line in lines}:
            if path.startswith("/") and os.path.isfile(path):
                yield os.stat(path).st_size, path


def fill() -> int:
    """Have the kernel read these files, the smallest first; returns the bytes asked for.

    0 where the system takes no such advice.
    """
    if not hasattr(os, "posix_fadvise"):
        return 0
    asked = 0
    for size, path in sorted({*libraries(), *mapped_files()}):
        if asked + size > MOST_BYTES:
            break
        with contextlib.suppress(OSError):
            ask_for(path, size)
            asked += size
    return asked


def ask_for(path: str, size: int) -> None:
    """Have the kernel read one file. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        for start in range(0, size, STEP_BYTES):
            os.posix_fadvise(descriptor, start, STEP_BYTES, os.POSIX_FADV_WILLNEED)
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    fill()
