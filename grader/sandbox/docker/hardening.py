"""What makes a container a box: every argument that the engine is given.

docs/measure/security.md has the table for people. In short: nothing comes in or goes out but the
wire (no network, no name server, no log of the engine's), nothing is left (read-only root, all that
can be written is memory and counted as such), nothing can be gained (no capability, no new
privileges, a list of system calls), and nothing can be taken from the machine (memory without swap,
processes, open files, sizes). Some 170 planted submissions try each of these in the test suite.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from docker.types import LogConfig, Mount, Ulimit

from grader.host.machine import CPU, usable_cores
from grader.sandbox.box import MIB, Limits
from grader.sandbox.docker.engine import LIFE_SECONDS, whole_gpu
from grader.sandbox.docker.seccomp import profile

# Process 1 and the runner have users of their own, so that neither can touch the other's processes.
# The image's Dockerfile makes them and the group; neither is root.
SLEEPER = "64001:64001"
RUNNER_GROUP = 64002
PYTHON = "/opt/venv/bin/python"
SUBMISSION = "/submission"
SOCKET_FOLDER = "/run/grader"
WORK = "/box"
SHM_BYTES = 1024 * MIB
SCRATCH_BYTES = 1024 * MIB
OOM_SCORE = 500  # where the whole machine runs out of memory, a box goes before anything else
NO_HEALTHCHECK = {"test": ["NONE"]}
# Where NVIDIA's runtime is the engine's default, every container would get every GPU.
HIDDEN_GPUS = {"NVIDIA_VISIBLE_DEVICES": "void", "CUDA_VISIBLE_DEVICES": ""}


def container_arguments(
    image: str,
    volume: str,
    sockets: Path | None,
    limits: Limits,
    device: str,
    environment: dict[str, str],
    runner: int,
) -> dict[str, Any]:
    """Return what docker-py's `create` is given, but for name and labels.

    volume: the one that holds the submission. sockets: the folder with the wire's socket; None
    where it goes another way. device: "cpu" or the UUID of one GPU. environment: what every box
    gets. runner: the number of its user.
    """
    arguments: dict[str, Any] = {"image": image, "hostname": "box", "healthcheck": NO_HEALTHCHECK}
    arguments |= sleeper()
    arguments |= isolation(runner)
    arguments |= bounds(limits)
    arguments["mounts"] = mounts(volume, sockets)
    arguments["environment"] = environment | own_environment(device)
    if sockets is not None and own_cores():
        arguments["cpuset_cpus"] = own_cores()
    if device != CPU:
        arguments["device_requests"] = [whole_gpu(device)]
    return arguments


def sleeper() -> dict[str, Any]:
    """Return process 1: it reads from the grader, hears nothing, and ends when the grader is gone.

    The engine closes its standard input as soon as the grader's connection breaks, however the
    grader died; `cat` then ends and takes the container with it. `timeout` ends one that was
    forgotten even so.
    """
    return {
        "entrypoint": ["/usr/bin/timeout"],
        "command": ["-s", "KILL", str(LIFE_SECONDS), "/bin/cat"],
        "user": SLEEPER,
        "working_dir": WORK,
        "init": True,
        "tty": False,
        "stdin_open": True,
    }


def isolation(runner: int) -> dict[str, Any]:
    """Return what keeps the box from the network, the host and its own root."""
    scratch = f"rw,nosuid,nodev,exec,size={SCRATCH_BYTES},nr_inodes=100k"
    own = f"uid={runner},gid={RUNNER_GROUP},mode=0700"
    return {
        "use_config_proxy": False,
        "network_mode": "none",
        # Otherwise the engine writes the host's own name servers and domain into the box.
        "dns": ["127.0.0.1"],
        "dns_search": ["."],
        "read_only": True,
        "tmpfs": {"/tmp": f"{scratch},mode=1777", WORK: f"{scratch},{own}"},
        "shm_size": SHM_BYTES,
        "ipc_mode": "private",
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true", f"seccomp={profile()}"],
        "log_config": LogConfig(type="none"),
    }


def bounds(limits: Limits) -> dict[str, Any]:
    """Return the limits on what the box may take. It gets no swap."""
    return {
        "pids_limit": limits.processes,
        "mem_limit": limits.memory_bytes,
        "memswap_limit": limits.memory_bytes,
        "oom_score_adj": OOM_SCORE,
        "ulimits": [
            Ulimit(name="core", soft=0, hard=0),
            Ulimit(name="nofile", soft=limits.open_files, hard=limits.open_files),
            Ulimit(name="fsize", soft=limits.file_bytes, hard=limits.file_bytes),
        ],
    }


def mounts(volume: str, sockets: Path | None) -> list[Mount]:
    """Return what is mounted, both read-only: the submission, and the folder with the socket."""
    found = [Mount(type="volume", source=volume, target=SUBMISSION, read_only=True, no_copy=True)]
    if sockets is not None:
        found.append(Mount(type="bind", source=str(sockets), target=SOCKET_FOLDER, read_only=True))
    return found


def own_environment(device: str) -> dict[str, str]:
    """Return the variables of containers alone: none holds a path, name or secret of the host."""
    environment = {
        "PATH": "/opt/venv/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": WORK,
        "USER": "learner",
        "LOGNAME": "learner",
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",
        "XDG_CACHE_HOME": "/tmp/cache",
    }
    if device == CPU:
        environment |= HIDDEN_GPUS
    return environment


def own_cores() -> str:
    """Return the cores to which this grader is confined, as the engine writes them.

    Empty where it may use all. A box is a child of the engine, so it would not be confined with its
    grader by itself.
    """
    cores = usable_cores()
    if len(cores) == (os.cpu_count() or 1):
        return ""
    return ",".join(map(str, cores))
