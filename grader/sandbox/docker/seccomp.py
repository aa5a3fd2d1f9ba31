"""Which system calls a container box may make: a list of what is allowed, everything else is
refused.

The list (seccomp_allowed.json) holds what Python, NumPy and the frameworks use. Left out, beside
what needs a capability anyway: other processes' memory (ptrace, process_vm_*, kcmp, pidfd_*), keys
shared by user id across boxes, io_uring, userfaultfd, bpf and perf, namespaces and mounts. Sockets
are Unix sockets only; new user namespaces are refused; clone3, whose flags a filter cannot see,
answers "no such call", so that the C library falls back to clone.
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
NO_SUCH_CALL = 38  # ENOSYS
NOT_PERMITTED = 1  # EPERM


@cache
def profile() -> str:
    """Return the profile as the JSON text that the engine takes."""
    rules: list[dict[str, Any]] = [
        {"names": json.loads(ALLOWED.read_text("utf-8")), "action": "SCMP_ACT_ALLOW"},
        {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": NO_SUCH_CALL},
        {
            "names": ["clone"],
            "action": "SCMP_ACT_ALLOW",
            "args": [
                {
                    "index": 0,
                    "value": CLONE_NEW_NAMESPACES,
                    "valueTwo": 0,
                    "op": "SCMP_CMP_MASKED_EQ",
                }
            ],
        },
        {
            "names": ["socket", "socketpair"],
            "action": "SCMP_ACT_ALLOW",
            "args": [{"index": 0, "value": AF_UNIX, "op": "SCMP_CMP_EQ"}],
        },
    ]
    return json.dumps(
        {
            "defaultAction": "SCMP_ACT_ERRNO",
            "defaultErrnoRet": NOT_PERMITTED,
            "architectures": ARCHITECTURES,
            "syscalls": rules,
        }
    )
