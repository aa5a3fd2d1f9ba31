"""Tiers `container` and `gvisor`: one hardened Docker container a box.

Theory of operation. Files go in through a volume that a never-started container fills; nothing is ever copied
out. Process 1 is a sleeper under one user id; the runner is an exec under another, so that it cannot touch
process 1, and the control group with its counters outlives a crash of the runner. The only ways across the wall
are a Unix socket in a mounted folder, accepted once, and the exec's output, which is kept within bounds as
a log. There is no network, no capability, no writable root, no log kept by the engine. Everything made carries
the grader's label and its process id, so that what a killed grader left is found and removed at the next start.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import secrets
import socket
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import docker
import psutil
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.types import LogConfig, Mount, Ulimit

from grader.errors import SandboxError
from grader.records import Measured, Tier
from grader.sandbox import counters
from grader.sandbox.box import MIB, Box, Ending, Limits, Sandbox
from grader.sandbox.printed import Printed
from grader.sandbox.seccomp import profile
from grader.sandbox.wire import Wire

LABEL = "dl-grader"
OWNER_LABEL = "dl-grader.owner"
SLEEPER, RUNNER_USER = "64001:64001", "64002:64002"
RUNNER = "/opt/grader/runner/__main__.py"
PYTHON = "/opt/venv/bin/python"
SUBMISSION = "/submission"
SOCKET_FOLDER = "/run/grader"
WORK = "/box"
SHM_BYTES = 1024 * MIB
SCRATCH_BYTES = 1024 * MIB
CONNECT_SECONDS = 60.0
API_SECONDS = 60
HOW_TO_GET = "install and start Docker (docs/for-instructors.md), or use --sandbox process for your own code"


class DockerSandbox(Sandbox):
    """Makes boxes that are containers of one image."""

    def __init__(self, image: str, *, runtime: str | None = None) -> None:
        self.tier = Tier.GVISOR if runtime == "runsc" else Tier.CONTAINER
        self._client = connect()
        self._runtime = runtime
        try:
            self.image = str(self._client.images.get(image).id)
        except ImageNotFound:
            raise SandboxError(f"there is no image {image!r}; make it with `grader image build`") from None
        remove_leftovers(self._client)

    def open(self, folder: Path, limits: Limits, *, device: str = "cpu") -> Box:
        return DockerBox(self._client, self.image, self._runtime, self.tier, folder, limits, device)


def connect() -> docker.DockerClient:
    """Return a client of the engine; SandboxError says how to get one."""
    try:
        client = docker.from_env(timeout=API_SECONDS)
        client.ping()
    except DockerException as error:
        raise SandboxError(f"no Docker engine answers ({str(error)[:200]}); {HOW_TO_GET}") from None
    return client


def remove_leftovers(client: docker.DockerClient) -> int:
    """Remove containers and volumes whose grader is dead; returns how many."""
    removed = 0
    for container in client.containers.list(all=True, filters={"label": LABEL}):
        if not owner_lives(container.labels):
            with contextlib.suppress(APIError):
                container.remove(force=True, v=True)
                removed += 1
    for volume in client.volumes.list(filters={"label": LABEL}):
        if not owner_lives(volume.attrs.get("Labels") or {}):
            with contextlib.suppress(APIError):
                volume.remove(force=True)
                removed += 1
    return removed


def owner() -> str:
    """Return what identifies this grader: its process and when that began."""
    return f"{os.getpid()}-{int(psutil.Process().create_time())}"


def owner_lives(labels: dict[str, str]) -> bool:
    pid, _, began = labels.get(OWNER_LABEL, "").partition("-")
    try:
        return int(psutil.Process(int(pid)).create_time()) == int(began)
    except (psutil.Error, ValueError):
        return False


@contextlib.contextmanager
def engine_trouble(doing: str) -> Iterator[None]:
    """Whatever the engine refuses is our trouble, never the learner's."""
    try:
        yield
    except (DockerException, OSError) as error:
        raise SandboxError(f"the Docker engine failed while {doing}: {str(error)[:300]}") from None


class DockerBox(Box):
    """One container with one runner in it."""

    def __init__(
        self,
        client: docker.DockerClient,
        image: str,
        runtime: str | None,
        tier: Tier,
        folder: Path,
        limits: Limits,
        device: str,
    ) -> None:
        super().__init__(limits)
        self.tier = tier
        self._client, self._image, self._runtime = client, image, runtime
        self._submission, self._device = folder, device
        self._name = f"grader-{secrets.token_hex(6)}"
        self._labels = {LABEL: "1", OWNER_LABEL: owner()}
        self._sockets = Path(tempfile.mkdtemp(prefix="grader-box-"))
        self._container: Any = None
        self._volume: Any = None
        self._exec: str | None = None
        self._group: counters.Group | None = None
        self._printed = Printed()
        self._ending: Ending | None = None
        self._closed = False

    def start(self) -> Wire:
        with engine_trouble("making a box"):
            self._volume = self._client.volumes.create(name=f"{self._name}-files", labels=self._labels)
            self._fill_volume()
            listener = self._listen()
            self._container = self._client.containers.create(**self._arguments())
            self._container.start()
            self._group = self._find_group()
            self._run()
        return Wire(self._accept(listener))

    def _fill_volume(self) -> None:
        """Copy the submission into the volume through a container that never starts."""
        mount = Mount(type="volume", source=self._volume.name, target=SUBMISSION, no_copy=True)
        loader = self._client.containers.create(
            self._image, ["true"], mounts=[mount], network_mode="none", labels=self._labels, name=f"{self._name}-loader"
        )
        try:
            loader.put_archive(SUBMISSION, archive(self._submission))
        finally:
            loader.remove(force=True)

    def _listen(self) -> socket.socket:
        """Return a listener in a folder that only the box is given; other users of this host cannot enter it."""
        inner = self._sockets / "inner"
        inner.mkdir(mode=0o711)
        inner.chmod(0o711)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path = str(inner / "socket")
        listener.bind(path)
        os.chmod(path, 0o666)
        listener.listen(1)
        listener.settimeout(0.1)
        return listener

    def _arguments(self) -> dict[str, Any]:
        """Return everything that makes the container a box. docs/security.md has the reason for each."""
        memory = self.limits.memory_bytes
        scratch = f"rw,nosuid,nodev,exec,size={SCRATCH_BYTES},nr_inodes=100k"
        return {
            "image": self._image,
            "entrypoint": ["/bin/sleep"],
            "command": ["infinity"],
            "name": self._name,
            "labels": self._labels,
            "hostname": "box",
            "user": SLEEPER,
            "working_dir": WORK,
            "init": True,
            "tty": False,
            "stdin_open": False,
            "use_config_proxy": False,
            "network_mode": "none",
            "read_only": True,
            "tmpfs": {"/tmp": f"{scratch},mode=1777", WORK: f"{scratch},uid=64002,gid=64002,mode=0700"},
            "shm_size": SHM_BYTES,
            "ipc_mode": "private",
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges:true", f"seccomp={profile()}"],
            "pids_limit": self.limits.processes,
            "mem_limit": memory,
            "memswap_limit": memory,
            "oom_score_adj": 500,
            "ulimits": [
                Ulimit(name="core", soft=0, hard=0),
                Ulimit(name="nofile", soft=self.limits.open_files, hard=self.limits.open_files),
                Ulimit(name="fsize", soft=self.limits.file_bytes, hard=self.limits.file_bytes),
            ],
            "log_config": LogConfig(type="none"),
            "healthcheck": {"test": ["NONE"]},
            "mounts": [
                Mount(type="volume", source=self._volume.name, target=SUBMISSION, read_only=True, no_copy=True),
                Mount(type="bind", source=str(self._sockets / "inner"), target=SOCKET_FOLDER, read_only=True),
            ],
            "environment": self._environment(),
            **({"runtime": self._runtime} if self._runtime else {}),
        }

    def _environment(self) -> dict[str, str]:
        """Return the box's environment: no path, name or secret of the host is in it."""
        return self.environment() | {
            "PATH": "/opt/venv/bin:/usr/local/bin:/usr/bin:/bin",
            "HOME": WORK,
            "USER": "learner",
            "LOGNAME": "learner",
            "LANG": "C.UTF-8",
            "TMPDIR": "/tmp",
            "XDG_CACHE_HOME": "/tmp/cache",
            "NVIDIA_VISIBLE_DEVICES": "void",
            "CUDA_VISIBLE_DEVICES": "",
        }

    def _run(self) -> None:
        """Start the runner beside the sleeper, under another user, and follow what it prints."""
        start = json.dumps({"socket": f"{SOCKET_FOLDER}/socket", "copy": {"from": SUBMISSION, "to": f"{WORK}/work"}})
        api = self._client.api
        self._exec = api.exec_create(
            self._container.id,
            [PYTHON, "-s", "-P", "-B", RUNNER, start],
            user=RUNNER_USER,
            workdir=WORK,
            stdout=True,
            stderr=True,
        )["Id"]
        stream = api.exec_start(self._exec, stream=True)
        threading.Thread(target=self._follow, args=(stream,), name="box-log", daemon=True).start()

    def _follow(self, stream: Iterator[bytes]) -> None:
        with contextlib.suppress(Exception):  # the stream breaks when the box is killed; there is nothing to tell
            for piece in stream:
                self._printed.add(piece)

    def _accept(self, listener: socket.socket) -> socket.socket:
        """Take the one connection there will ever be; the runner has a minute to make it."""
        until = time.monotonic() + CONNECT_SECONDS
        try:
            while time.monotonic() < until:
                try:
                    return listener.accept()[0]
                except TimeoutError:
                    if self._exec_state().get("Running") is False:
                        break
        finally:
            listener.close()
            (self._sockets / "inner" / "socket").unlink(missing_ok=True)
        raise SandboxError(f"the runner did not start in its container: {self.log()[-500:] or 'it printed nothing'}")

    def _exec_state(self) -> dict[str, Any]:
        with engine_trouble("looking at a box"):
            return dict(self._client.api.exec_inspect(self._exec))

    def _find_group(self) -> counters.Group | None:
        """Return the container's own control group, where this host's files show it."""
        self._container.reload()
        return counters.group_of(int(self._container.attrs["State"]["Pid"]))

    def inside(self, folder: Path) -> str:
        return f"{WORK}/work"

    def ending(self) -> Ending:
        if self._ending is None:
            out_of_memory = self._group is not None and self._group.oom_kills() > 0
            code: int | None = None
            until = time.monotonic() + 1.0
            state = self._exec_state()
            while state.get("Running") and time.monotonic() < until:
                time.sleep(0.05)
                state = self._exec_state()
            if not state.get("Running"):
                code = state.get("ExitCode")
                code = -(code - 128) if code is not None and code > 128 else code
            self._ending = Ending(code, out_of_memory)
            self._kill()
        return self._ending

    def _kill(self) -> None:
        if self._container is not None:
            with contextlib.suppress(DockerException):
                self._container.kill()

    def peak_memory(self) -> Measured | None:
        peak = self._group.peak_bytes() if self._group is not None else None
        if peak is None or self._group is None:
            return None
        return Measured(value=peak, unit="bytes", source=self._group.source)

    def cpu_seconds(self) -> float:
        return (self._group.cpu_seconds() if self._group is not None else None) or 0.0

    def log(self) -> str:
        return self._printed.text()

    def last_line(self) -> str:
        return self._printed.last_line()

    def close_log(self) -> None:
        self._printed.close()

    def freeze(self) -> None:
        if self._group is None or not self._group.freeze(True):
            with engine_trouble("freezing a box"):
                self._container.pause()

    def thaw(self) -> None:
        if self._container is None or self._closed:
            return
        if self._group is None or not self._group.freeze(False):
            with contextlib.suppress(APIError), engine_trouble("thawing a box"):
                self._container.unpause()

    def pin(self, cores: Sequence[int]) -> None:
        with engine_trouble("pinning a box"):
            self._container.update(cpuset_cpus=",".join(str(core) for core in cores))

    def close(self) -> None:
        if self._closed:
            return
        self.thaw()
        self._closed = True
        if self._wire is not None:
            self._wire.close()
        self._kill()
        for thing in (self._container, self._volume):
            if thing is not None:
                with contextlib.suppress(NotFound, DockerException):
                    thing.remove(force=True)
        for path in (self._sockets / "inner" / "socket", self._sockets / "inner", self._sockets):
            with contextlib.suppress(OSError):
                path.unlink() if path.name == "socket" else path.rmdir()


def archive(folder: Path) -> bytes:
    """Return the folder's regular files as a tar: read-only, owned by the runner's user."""
    buffer = io.BytesIO()
    user = int(RUNNER_USER.split(":")[0])
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                continue
            entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
            entry.uid = entry.gid = user
            if path.is_dir():
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(entry)
                continue
            content = path.read_bytes()
            entry.size, entry.mode = len(content), 0o444
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
