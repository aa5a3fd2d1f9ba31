"""The variables that every box gets, whatever its tier: none holds anything about host or exam."""

from __future__ import annotations

# glibc adapts these thresholds to what a process did before: the same network answered batches at
# half the speed after it had been trained on 512 images instead of 10,000. Fixed, copies of one
# network are alike to 1.5 % (docs/measure/measuring.md).
MALLOC_MMAP_BYTES = 32 << 20
MALLOC_TRIM_BYTES = 1 << 40

# A thread of a pool that waits for the others either looks for them again and again, or sleeps.
# Where programs outnumber cores the former costs a turn of the core each time (`python -m
# benchmarks threads`, docs/measure/measuring.md). In order: OpenMP in general, that of GNU, that of
# Intel and LLVM, and OpenBLAS, whose threads look for work for 2 to the power of this many cycles.
WAIT_PASSIVELY = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "GOMP_SPINCOUNT": "0",
    "KMP_BLOCKTIME": "0",
    "OPENBLAS_THREAD_TIMEOUT": "4",
}


def variables(cores: int) -> dict[str, str]:
    """Return the variables of a box that was given so many cores."""
    threads = str(cores)
    return {
        "MALLOC_MMAP_THRESHOLD_": str(MALLOC_MMAP_BYTES),
        "MALLOC_TRIM_THRESHOLD_": str(MALLOC_TRIM_BYTES),
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "MPLBACKEND": "Agg",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "TF_NUM_INTRAOP_THREADS": threads,
        "TF_NUM_INTEROP_THREADS": threads,
        # XLA sizes its pool of threads by this one, and otherwise takes every core.
        "PJRT_NPROC": threads,
        **WAIT_PASSIVELY,
    }
