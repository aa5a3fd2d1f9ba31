"""What makes a container a box: every argument the engine is given. docs/measure/security.md has the reason
for each.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from pathlib import Path
from typing import Any

from docker.errors import DockerException
from docker.types import LogConfig, Mount, Ulimit

from grader.host.machine import CPU, usable_cores
from grader.sandbox.box import MIB, Limits
from grader.sandbox.docker import pagecache
from grader.sandbox.docker.engine import LIFE_SECONDS, labels, remove_container, whole_gpu
from grader.sandbox.docker.seccomp import profile

SLEEPER, RUNNER_USER = "64001:64001", "64002:64002"
PYTHON = "/opt/venv/bin/python"
SUBMISSION = "/submission"
SOCKET_FOLDER = "/run/grader"
WORK = "/box"
FILL_SECONDS = 60  # for the page cache
STOP_SECONDS = 10.0  # for the engine to end what it just began
LOOK_SECONDS = 0.1
SHM_BYTES = 1024 * MIB
SCRATCH_BYTES = 1024 * MIB
HIDDEN_GPUS = {
    "NVIDIA_VISIBLE_DEVICES": "void",
    "CUDA_VISIBLE_DEVICES": "",
}  # where NVIDIA's runtime is the default


def container_arguments(
    image: str,
    volume: str,
    sockets: Path | None,
    limits: Limits,
    device: str,
    environment: dict[str, str],
) -> dict[str, Any]:
    """Return what docker-py's `create` is given, but for name and labels.

    volume: the one that holds the submission. sockets: the folder with the wire's socket; None
    where it goes another way. device: "cpu" or the UUID of one GPU. environment: what every box
    gets.
    """
    scratch = f"rw,nosuid,nodev,exec,size={SCRATCH_BYTES},nr_inodes=100k"
    mounts = [Mount(type="volume", source=volume, target=SUBMISSION, read_only=True, no_copy=True)]
    if sockets is not None:
        mounts.append(Mount(type="bind", source=str(sockets), target=SOCKET_FOLDER, read_only=True))
    return {
        "image": image,
        "entrypoint": ["/usr/bin/timeout"],
        "command": ["-s", "KILL", str(LIFE_SECONDS), "/bin/cat"],
        "hostname": "box",
        "user": SLEEPER,
        "working_dir": WORK,
        "init": True,
        "tty": False,
        "stdin_open": True,  # closed by the engine as soon as we are gone
        "use_config_proxy": False,
        "network_mode": "none",
        "dns": [
            "127.0.0.1"
        ],  # else the engine writes the host's own name servers and domain into the box
        "dns_search": ["."],
        "read_only": True,
        "tmpfs": {"/tmp": f"{scratch},mode=1777", WORK: f"{scratch},uid=64002,gid=64002,mode=0700"},
        "shm_size": SHM_BYTES,
        "ipc_mode": "private",
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true", f"seccomp={profile()}"],
        "pids_limit": limits.processes,
        "mem_limit": limits.memory_bytes,
        "memswap_limit": limits.memory_bytes,
        "oom_score_adj": 500,
        "ulimits": [
            Ulimit(name="core", soft=0, hard=0),
            Ulimit(name="nofile", soft=limits.open_files, hard=limits.open_files),
            Ulimit(name="fsize", soft=limits.file_bytes, hard=limits.file_bytes),
        ],
        "log_config": LogConfig(type="none"),
        "healthcheck": {"test": ["NONE"]},
        "mounts": mounts,
        "environment": environment | own_environment(device),
        **({"cpuset_cpus": own_cores()} if sockets is not None and own_cores() else {}),
        **({"device_requests": [whole_gpu(device)]} if device != CPU else {}),
    }


class Filling(threading.Thread):
    """Has a container of the image read its libraries; nobody's code is in it. Where that fails,
    the boxes say why.
    """

    def __init__(self, client: Any, image: str) -> None:
        super().__init__(name="page-cache", daemon=True)
        self._client, self._image = client, image
        self._container = f"grader-{secrets.token_hex(6)}-cache"

    def run(self) -> None:
        with contextlib.suppress(DockerException, OSError):
            made = self._client.containers.create(
                image=self._image,
                entrypoint=[PYTHON],
                command=["-I", "-B", "-c", Path(pagecache.__file__).read_text("utf-8")],
                name=self._container,
                labels=labels(),
                use_config_proxy=False,
                network_mode="none",
                read_only=True,
                cap_drop=["ALL"],
                security_opt=["no-new-privileges:true", f"seccomp={profile()}"],
                log_config=LogConfig(type="none"),
                healthcheck={"test": ["NONE"]},
                environment=own_environment(CPU),
            )
            try:
                made.start()
                made.wait(timeout=FILL_SECONDS)
            finally:
                made.remove(force=True)

    def stop(self) -> None:
        """End it before its time, and leave nothing of it; gives up on an engine that does not
        answer.
        """
        until = time.monotonic() + STOP_SECONDS
        with contextlib.suppress(DockerException, OSError):
            while self.is_alive() and time.monotonic() < until:
                remove_container(self._client, self._container)
                self.join(LOOK_SECONDS)


def own_environment(device: str) -> dict[str, str]:
    """Return what a container's environment has beside: no path, name or secret of the host is in
    it.
    """
    return {
        "PATH": "/opt/venv/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": WORK,
        "USER": "learner",
        "LOGNAME": "learner",
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",
        "XDG_CACHE_HOME": "/tmp/cache",
        **(HIDDEN_GPUS if device == CPU else {}),
    }


def own_cores() -> str:
    """Return the cores this grader was confined to, as the engine writes them; empty where it may
    use all.

    A box is a child of the engine and not of the grader, so it would not be confined by itself.
    """
    cores = usable_cores()
    return ",".join(str(core) for core in cores) if len(cores) < (os.cpu_count() or 1) else ""
