"""Tiers `container` and `gvisor`: one hardened Docker container a box.

Theory of operation.

    grader --- engine's API ------- engine --- volume: the submission, read-only
    grader --- attached stdin ----- engine --- process 1: timeout, cat        (user 64001)
    grader --- socket in a private folder ---- runner, then the submission    (its own)
    grader <-- exec's output ------ engine --- stdout and stderr: the log
    grader <-- control group ------ kernel --- everything in the container

- **Files go in through a volume** that a second container fills, which never starts. Nothing is
  ever copied out: no link, device or archive from a box is followed.
- **Process 1 sleeps** under one user id; the runner is an exec under another, which no other box
  has, and cannot touch it.
  So the container and its control group outlive a crash of the runner, and what it used can still
  be read.
- **The leash.** Process 1 reads from the grader and hears nothing. When the grader dies, however it
  dies, the engine closes that stream, process 1 ends and takes the box with it. A box that is
  frozen just then stays, with its grader's mark, and is removed at the next start.
- **Two ways across the wall**: the wire, which is a Unix socket in a mounted folder, accepted once,
  or the exec's standard streams (../transport.py); and the exec's output, kept within bounds.
- A box is made in a thread of its own, so that several are made at the same time: 0.4 to 0.7 s
  more than a plain process takes (`python -m benchmarks boxes`).

    container.py          the box and the sandbox: making, asking the engine, ending
    hardening.py          every argument of a container; seccomp.py: its system calls
    runner_user.py        the user that a box has for itself
    engine.py             finding the engine, its refusals in words, labels, leftovers
    engine_counters.py    counters of an engine on another computer
    pagecache.py          why no box is charged for being first; cache_filler.py reads first
    gvisor.py             what changes under gVisor
"""
