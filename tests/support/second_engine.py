"""A Docker engine of the tests' own, which may be stopped, hung and emptied without disturbing
anybody's.

Its data, its control socket and its containerd are its own; it needs root and `dockerd`. Its images
are made of the one that the usual engine has for function tasks, without what no box reads: loading
the whole would take a minute.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import psutil
from docker.errors import DockerException

from grader.sandbox.choose import (
    FUNCTIONS_EXAM,
    FUNCTIONS_VARIANT,
    REPOSITORY,
    RUNNER_LABEL,
    VARIANT_LABEL,
    choose_sandbox,
    runner_hash,
)
from grader.sandbox.docker.engine import LABEL
from grader.sandbox.docker.hardening import SLEEPER

START_SECONDS = 60
FRAMEWORK = "framework"  # a variant that classifiers are given; NumPy is all that is in it
PACKED = ("bin", "etc", "lib", "lib64", "opt", "sbin", "usr", "box", "submission")
LEFT_OUT = ("usr/share", "opt/venv/lib/*/site-packages/pip", "*/__pycache__")
CONTAINERD = """
version = 2
root = "{folder}/containerd-root"
state = "{folder}/containerd-state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "{folder}/containerd"
"""
EMPTY = ("tmp", "run/grader", "proc", "sys", "dev")


class SecondEngine:
    """One `dockerd` and what belongs to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = f"unix://{folder}/socket"
        self._containerd = f"{folder}/containerd"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def client(self) -> docker.DockerClient:
        return docker.DockerClient(base_url=self.host, timeout=START_SECONDS)

    def start(self) -> None:
        """Start the engine where it does not run, and wait until it answers."""
        if (
            self._process is None
        ):  # dockerd waits 15 seconds for one of its own, which is too short for a busy machine
            (self.folder / "containerd.toml").write_text(CONTAINERD.format(folder=self.folder))
            self._spawn("containerd", "--config", str(self.folder / "containerd.toml"))
        if self._process is None or self._process.poll() is not None:
            self._process = self._spawn(
                *(
                    "unshare",
                    "--net",
                ),  # an engine without a bridge removes `docker0`, the usual engine's
                *("dockerd", "--host", self.host, "--containerd", self._containerd),
                *(
                    "--data-root",
                    str(self.folder / "data"),
                    "--exec-root",
                    str(self.folder / "exec"),
                ),
                *(
                    "--pidfile",
                    str(self.folder / "pid"),
                    "--bridge",
                    "none",
                    "--iptables=false",
                    "--ip-masq=false",
                ),
            )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            with contextlib.suppress(DockerException, OSError):
                self.client().ping()
                return
            time.sleep(0.1)
        raise AssertionError(
            f"the second engine did not start:\n{(self.folder / 'log').read_text()[-2000:]}"
        )

    def _spawn(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=self.folder,
            )

    def kill(self) -> None:
        """End the engine at once, as a crash would; the containers it made go on for the time
        being.
        """
        self.signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()
        (self.folder / "pid").unlink(missing_ok=True)

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def close(self) -> None:
        """End everything that belongs to this engine and remove its files."""
        if self._process is not None:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(30)
        mine = str(self.folder).encode()
        for process in psutil.process_iter():  # a shim, or a containerd that outlived its engine
            with contextlib.suppress(psutil.Error):
                if (
                    any(mine in word.encode() for word in process.cmdline()[1:])
                    and process.pid != os.getpid()
                ):
                    process.kill()
        mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for place in reversed([each for each in mounted if each.startswith(str(self.folder))]):
            subprocess.run(["umount", "--lazy", place], check=False, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def load_images(self) -> None:
        """Bring an image for function tasks, and the same once more as one for classifiers."""
        source = choose_sandbox("container", FUNCTIONS_EXAM).image
        left_out = [f"--exclude=./{path}" for path in LEFT_OUT]
        pack = ["/bin/tar", "-C", "/", "-c", *left_out, *(f"./{path}" for path in PACKED)]
        labels = {LABEL: "image", RUNNER_LABEL: runner_hash(), VARIANT_LABEL: FUNCTIONS_VARIANT}
        changes = [f"LABEL {key}={value}" for key, value in labels.items()]
        run = [
            "docker",
            "run",
            "--rm",
            "--network=none",
            "--user=0",
            f"--entrypoint={pack[0]}",
            source,
            *pack[1:],
        ]
        bring = [
            "docker",
            "--host",
            self.host,
            "import",
            *(f"--change={line}" for line in changes),
            "-",
            "bare",
        ]
        with subprocess.Popen(run, stdout=subprocess.PIPE) as packing:
            subprocess.run(bring, stdin=packing.stdout, check=True, capture_output=True)
        assert packing.returncode == 0
        self.make_images()

    def make_images(self) -> None:
        """Make the grader's images of what was brought."""
        client = self.client()
        folders = "".join(f"WORKDIR /{path}\n" for path in EMPTY)
        for variant in (FUNCTIONS_VARIANT, FRAMEWORK):
            with tempfile.TemporaryDirectory() as context:
                lines = f"FROM bare\n{folders}USER {SLEEPER}\nLABEL {VARIANT_LABEL}={variant}\n"
                (Path(context) / "Dockerfile").write_text(lines)
                client.images.build(path=context, tag=f"{REPOSITORY}:{variant}-faults", rm=True)

    def remove_images(self) -> None:
        """Take the grader's images away; what they were made of stays."""
        api = self.client().api
        for variant in (FUNCTIONS_VARIANT, FRAMEWORK):
            api.remove_image(f"{REPOSITORY}:{variant}-faults", force=True)


@contextlib.contextmanager
def second_engine() -> Iterator[SecondEngine]:
    """Give a running engine with its images; its folder has a short name, for the sake of its
    sockets.
    """
    parent = Path(os.environ.get("GRADER_ENGINE_FOLDER", "/var/tmp"))
    parent.mkdir(parents=True, exist_ok=True)
    engine = SecondEngine(Path(tempfile.mkdtemp(prefix="faults-", dir=parent)))
    try:
        engine.start()
        engine.load_images()
        yield engine
    finally:
        engine.close()
