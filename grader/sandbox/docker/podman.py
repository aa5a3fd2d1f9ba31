"""Boxes through Podman's Docker-compatible socket: what is asked otherwise, and what was ignored.

Podman answers Docker's requests, but not to the letter. Found with 4.3.1, the one in Debian 12:

- The list of system calls must be a path on its disk; Docker takes the list itself.
- Its process 1 (catatonit) ends at once without `signalfd4`, which only reads what was sent to it.
- Limits for which nothing is asked are set to the kernel's maximum, and a service without
  CAP_SYS_RESOURCE may not raise its own, so no container starts until each of them is asked for.
- Memory file systems take neither an owner nor a number of files, their mode is the image's, and
  what the image has below is copied in unless told otherwise. `/var/tmp` is one more of them,
  without a bound, unless it is asked for; here nobody may write to it.
- The name servers that a container is to be given are ignored where it has no network, so the
  host's stand in its /etc/resolv.conf. Nothing can be sent to them.

An unknown word in a request is no error for Podman, so its agreement says little. `not_as_asked`
looks at the container that was made, where possible with the kernel's eyes, before any code of a
learner's is in it, and what is missing refuses the box. docs/measure/security.md says what is
weaker.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docker.types import Ulimit

from grader.errors import SandboxError
from grader.sandbox.box import MIB
from grader.sandbox.counters import read_number
from grader.sandbox.docker.engine import group_in_engine
from grader.sandbox.docker.hardening import WORK
from grader.sandbox.docker.seccomp import profile

COMPONENT = "Podman Engine"  # as it calls itself among the parts of its version
INIT_CALLS = ("signalfd4",)
# Counted for one user on the whole computer. Process 1 has the same user in every box; what a box
# may start is bounded by its control group.
USER_PROCESSES = 4096
TMPFS = "rw,nosuid,nodev,{exec},size={bytes},mode=1777,notmpcopyup"
READ_ONLY = f"ro,nosuid,nodev,noexec,size={MIB},notmpcopyup"  # in the place of a writable one
FILTERED = "2"  # how the kernel calls a process with a list of system calls
PROC = Path("/proc")


def is_podman(client: Any) -> bool:
    """Whether the engine behind Docker's interface is Podman."""
    parts = client.api.version().get("Components") or []
    return any(part.get("Name") == COMPONENT for part in parts)


def adapted(asked: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return what asks Podman for the box that these arguments ask Docker for.

    folder: private, and there until the box is closed; Podman must see it too.
    """
    path = folder / "seccomp.json"
    path.write_text(profile(INIT_CALLS))
    scratch = {place: memory_file_system(options) for place, options in asked["tmpfs"].items()}
    processes = Ulimit(name="nproc", soft=USER_PROCESSES, hard=USER_PROCESSES)
    return asked | {
        "security_opt": ["no-new-privileges:true", f"seccomp={path}"],
        "tmpfs": scratch | {"/var/tmp": READ_ONLY},
        "ulimits": [*asked["ulimits"], processes],
    }


def memory_file_system(options: str) -> str:
    """Return the options of a memory file system as Podman takes them: the size stays."""
    size = next(word for word in options.split(",") if word.startswith("size="))
    return TMPFS.format(exec="exec", bytes=size.removeprefix("size="))


def prepare(container: Any, asked: dict[str, Any], found: dict[str, Any]) -> None:
    """Refuse a container that was made otherwise than asked, and open /box to the runner.

    The mode of /box is the image's, and its owner is root; no code of a learner's is there yet.
    Raises SandboxError.
    """
    missing = not_as_asked(asked, found)
    if missing:
        raise SandboxError(
            f"Podman made a container without {', without '.join(missing)}, so nothing was run in "
            "it. docs/teach/clusters.md says what Podman needs"
        )
    opened = container.exec_run(["/bin/chmod", "1777", WORK], user="0:0")
    if opened.exit_code != 0:
        raise SandboxError(f"{WORK} could not be opened to the runner: {opened.output!r:.200}")


def not_as_asked(asked: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Return what of a box's walls is not there, in words; empty if all of it is.

    asked: what the engine was given. found: what it says of the container, which has started.
    """
    walls = [*walls_by_engine(asked, found), *walls_by_kernel(asked, found)]
    return [name for name, stands in walls if not stands]


def walls_by_engine(asked: dict[str, Any], found: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Give each wall that only the engine can tell of, and whether it says that it stands."""
    host = found["HostConfig"]
    limits = {limit["Name"].removeprefix("RLIMIT_").lower(): limit for limit in host["Ulimits"]}
    yield "no network", host["NetworkMode"] == "none"
    yield "a root that is only read", host["ReadonlyRootfs"] is True
    yield "no privileges", host["Privileged"] is False
    yield "no other mounts, and those only read", are_mounts_as_asked(asked, found["Mounts"] or [])
    yield "no devices", not host["Devices"] or bool(asked.get("device_requests"))
    yield "no log of the engine's", host["LogConfig"]["Type"] == "none"
    yield "a user of its own", found["Config"]["User"] == asked["user"]
    yield "the size of shared memory", host["ShmSize"] == asked["shm_size"]
    yield "a process 1 that clears up", host["Init"] is True
    yield "the limit on processes", host["PidsLimit"] == asked["pids_limit"]
    for place, options in asked["tmpfs"].items():
        size = next(word for word in options.split(",") if word.startswith("size="))
        yield f"the size of {place}", size in host["Tmpfs"].get(place, "").split(",")
    for limit in asked["ulimits"]:
        there = limits.get(limit.name, {})
        yield f"the limit {limit.name}", there.get("Hard") == limit.hard


def are_mounts_as_asked(asked: dict[str, Any], mounts: list[dict[str, Any]]) -> bool:
    """Whether nothing of the host's is in the box but what was asked for, and nothing to write."""
    wanted = {mount["Target"] for mount in asked["mounts"]}
    there = {mount["Destination"] for mount in mounts if mount["Type"] != "tmpfs"}
    return there == wanted and not any(mount["RW"] for mount in mounts if mount["Type"] != "tmpfs")


def walls_by_kernel(asked: dict[str, Any], found: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Give each wall that the kernel tells of, and whether it stands.

    Where the container is on another kernel nobody can be asked, and none counts as standing.
    """
    group = group_in_engine(found)
    status = status_of(int(found["State"]["Pid"])) if group else {}
    yield "no capabilities", status.get("CapBnd", "?").strip("0") == ""
    yield "no new privileges", status.get("NoNewPrivs") == "1"
    yield "the list of system calls", status.get("Seccomp") == FILTERED
    yield "the limit on memory", group is not None and asked["mem_limit"] == memory_limit(group)


def status_of(pid: int) -> dict[str, str]:
    """Return what the kernel says of a process, by name; empty if it is gone."""
    try:
        lines = (PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def memory_limit(group: Any) -> int | None:
    """Return how many bytes a control group may hold; None where it has no limit."""
    newer = read_number(group.memory / "memory.max")
    return newer if newer is not None else read_number(group.memory / "memory.limit_in_bytes")
