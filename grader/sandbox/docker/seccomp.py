"""Which system calls a container box may make: those on a list; everything else is refused.

The list (seccomp_allowed.json, and CONDITIONAL below) holds what somebody needs: each group says
who, and what for. A list of what is allowed, because each new kernel brings calls that a list of
what is forbidden does not know. Left out, beside whatever needs a capability anyway:

- other processes' memory (ptrace, process_vm_*, kcmp, pidfd_*),
- keys, which are shared by user id across boxes,
- io_uring, userfaultfd, bpf and perf, large parts of a kernel that learners have no use for,
- namespaces and mounts; new user namespaces are refused in `clone` as well,
- whatever lets the kernel work while its box is frozen. 16,000 POSIX timers, armed by a box just
  before it was frozen, made its rival two to five times slower, because their interrupts came on
  the core that both share. So there are no timers but one `alarm` a process, in whole seconds, no
  asynchronous I/O, whose contexts are also few and shared by the whole machine, no `sync`, which
  writes back everybody's files, and no SysV or POSIX queues,
- memory that is filled in one call of any length (MAP_POPULATE, mlock, MADV_POPULATE_*), which the
  freezer cannot interrupt, and merging of equal pages, which the kernel does later by itself.

What remains is caught by its effect: par is asked once more when the box is gone
(exams/timing/presence.py).

Sockets are Unix sockets only. The flags of clone3 lie in memory, where a filter cannot see them, so
it answers "no such call" and the C library falls back to clone. Timers and asynchronous I/O are
answered in the same way: programs that can do without them, as `timeout` can, then do.

The filter stands before the host's kernel. Under gVisor programs make their calls to gVisor's own
kernel instead, where timers and queues are its own and stop with it when the box is frozen; a plain
process has no filter at all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ALLOWED = Path(__file__).with_name("seccomp_allowed.json")
ARCHITECTURES = ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"]
AF_UNIX = 1
CLONE_NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
MAP_FILLED_AT_ONCE = 0x8000 | 0x2000  # MAP_POPULATE, MAP_LOCKED
# NORMAL, RANDOM, SEQUENTIAL, WILLNEED, DONTNEED, FREE, REMOVE, DONTFORK, DOFORK, HUGEPAGE,
# NOHUGEPAGE, DONTDUMP, DODUMP, WIPEONFORK, KEEPONFORK, GUARD_INSTALL, GUARD_REMOVE
MADVICE = (0, 1, 2, 3, 4, 8, 9, 10, 11, 14, 15, 16, 17, 18, 19, 102, 103)
PR_SET_MEMORY_MERGE = 67
ALLOW = "SCMP_ACT_ALLOW"
REFUSE = "SCMP_ACT_ERRNO"
NO_SUCH_CALL = 38  # ENOSYS
NOT_PERMITTED = 1  # EPERM
# Calls that are answered as if the kernel didn't know them, so that programs fall back to others.
UNKNOWN = (
    "clone3",
    "getitimer",
    "io_cancel",
    "io_destroy",
    "io_getevents",
    "io_pgetevents",
    "io_setup",
    "io_submit",
    "setitimer",
    "timer_create",
    "timer_delete",
    "timer_getoverrun",
    "timer_gettime",
    "timer_settime",
    "timerfd_create",
    "timerfd_gettime",
    "timerfd_settime",
)


@dataclass(frozen=True)
class Group:
    """System calls with who needs them, and what for."""

    readers: tuple[str, ...]
    reason: str
    calls: tuple[str, ...]


@dataclass(frozen=True)
class Conditional(Group):
    """Calls that are allowed where one of their arguments meets one of some conditions."""

    argument: int
    conditions: tuple[dict[str, Any], ...]


def equal(value: int) -> dict[str, Any]:
    """Return the condition that an argument has this value."""
    return {"value": value, "op": "SCMP_CMP_EQ"}


def differs(value: int) -> dict[str, Any]:
    """Return the condition that an argument has another value than this one."""
    return {"value": value, "op": "SCMP_CMP_NE"}


def without_bits(mask: int) -> dict[str, Any]:
    """Return the condition that none of those bits of an argument is set."""
    return {"value": mask, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}


CONDITIONAL = (
    Conditional(
        readers=("the C library", "shells", "CPython's subprocess and multiprocessing"),
        reason="threads and child processes, without namespaces of their own",
        calls=("clone",),
        argument=0,
        conditions=(without_bits(CLONE_NEW_NAMESPACES),),
    ),
    Conditional(
        readers=("multiprocessing", "DataLoader workers", "the runner"),
        reason="Unix sockets, and no others",
        calls=("socket", "socketpair"),
        argument=0,
        conditions=(equal(AF_UNIX),),
    ),
    Conditional(
        readers=("every program",),
        reason="memory and mapped files, filled page by page as they are used",
        calls=("mmap",),
        argument=3,
        conditions=(without_bits(MAP_FILLED_AT_ONCE),),
    ),
    Conditional(
        readers=("the C library", "PyTorch, TensorFlow and JAX's allocators", "NumPy"),
        reason="advice on memory, but not to fill, to merge or to write it out",
        calls=("madvise",),
        argument=2,
        conditions=tuple(equal(advice) for advice in MADVICE),
    ),
    Conditional(
        readers=("the C library", "PyTorch and OpenMP's threads", "the runner"),
        reason="names of threads, and ending with one's parent; no merging of memory",
        calls=("prctl",),
        argument=0,
        conditions=(differs(PR_SET_MEMORY_MERGE),),
    ),
)


@cache
def unconditional() -> tuple[Group, ...]:
    """Return the groups of calls that are allowed whatever their arguments are."""
    entries = json.loads(ALLOWED.read_text("utf-8"))
    return tuple(
        Group(tuple(entry["readers"]), entry["reason"], tuple(entry["calls"])) for entry in entries
    )


@cache
def profile(also: tuple[str, ...] = ()) -> str:
    """Return the profile as the JSON text that the engine takes.

    also: calls that an engine's own process 1 needs beside those on the list.
    """
    allowed = [call for group in unconditional() for call in group.calls] + list(also)
    rules: list[dict[str, Any]] = [
        {"names": allowed, "action": ALLOW},
        {"names": list(UNKNOWN), "action": REFUSE, "errnoRet": NO_SUCH_CALL},
    ]
    for group in CONDITIONAL:
        for condition in group.conditions:
            arguments = [{"index": group.argument, **condition}]
            rules.append({"names": list(group.calls), "action": ALLOW, "args": arguments})
    return json.dumps(
        {
            "defaultAction": REFUSE,
            "defaultErrnoRet": NOT_PERMITTED,
            "architectures": ARCHITECTURES,
            "syscalls": rules,
        }
    )
