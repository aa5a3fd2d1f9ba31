"""Which system calls a container box may make: those on a list; everything else is refused.

The list (seccomp_allowed.json) holds what Python, NumPy and the frameworks use. A list of what is
allowed, because each new kernel brings calls that a list of what is forbidden does not know. Left
out, beside whatever needs a capability anyway:

- other processes' memory (ptrace, process_vm_*, kcmp, pidfd_*),
- keys, which are shared by user id across boxes,
- io_uring, userfaultfd, bpf and perf, large parts of a kernel that learners have no use for,
- namespaces and mounts; new user namespaces are refused in `clone` as well.

Sockets are Unix sockets only. The flags of clone3 lie in memory, where a filter cannot see them, so
it answers "no such call" and the C library falls back to clone.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

ALLOWED = Path(__file__).with_name("seccomp_allowed.json")
ARCHITECTURES = ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"]
AF_UNIX = 1
CLONE_NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
ALLOW = "SCMP_ACT_ALLOW"
REFUSE = "SCMP_ACT_ERRNO"
NO_SUCH_CALL = 38  # ENOSYS
NOT_PERMITTED = 1  # EPERM


@cache
def profile() -> str:
    """Return the profile as the JSON text that the engine takes."""
    rules: list[dict[str, Any]] = [
        {"names": json.loads(ALLOWED.read_text("utf-8")), "action": ALLOW},
        {"names": ["clone3"], "action": REFUSE, "errnoRet": NO_SUCH_CALL},
        allow_if(["clone"], masked_equal(CLONE_NEW_NAMESPACES, 0)),
        allow_if(["socket", "socketpair"], equal(AF_UNIX)),
    ]
    return json.dumps(
        {
            "defaultAction": REFUSE,
            "defaultErrnoRet": NOT_PERMITTED,
            "architectures": ARCHITECTURES,
            "syscalls": rules,
        }
    )


def allow_if(names: list[str], condition: dict[str, Any]) -> dict[str, Any]:
    """Return the rule that allows these calls where their first argument meets a condition."""
    return {"names": names, "action": ALLOW, "args": [{"index": 0, **condition}]}


def equal(value: int) -> dict[str, Any]:
    """Return the condition that an argument has this value."""
    return {"value": value, "op": "SCMP_CMP_EQ"}


def masked_equal(mask: int, value: int) -> dict[str, Any]:
    """Return the condition that those bits of an argument have this value."""
    return {"value": mask, "valueTwo": value, "op": "SCMP_CMP_MASKED_EQ"}
