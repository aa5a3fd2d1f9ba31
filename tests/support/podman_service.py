"""Podman's Docker-compatible service with a store of its own, and the image for function tasks."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.sandbox.choose import FUNCTIONS_EXAM, choose_sandbox

START_SECONDS = 30
# Which runtime it uses is the machine's matter: crun refuses some mixtures of cgroup v1 and v2.
SETTINGS = """
[containers]
default_ulimits = ["nofile=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "{runtime}"
"""


@contextmanager
def podman_service() -> Iterator[str]:
    """Give the address of a service that runs until the end; needs root, podman and catatonit."""
    image = str(choose_sandbox("container", FUNCTIONS_EXAM).image)  # type: ignore[attr-defined]
    folder = Path(tempfile.mkdtemp(prefix="podman-", dir="/var/tmp"))
    settings = folder / "containers.conf"
    settings.write_text(SETTINGS.format(runtime="runc" if shutil.which("runc") else "crun"))
    environment = os.environ | {"CONTAINERS_CONF": str(settings)}
    command = ["podman", "--root", str(folder / "root"), "--runroot", str(folder / "run")]
    address = f"unix://{folder}/socket"
    try:
        bring_image(image, command, environment)
        with (folder / "log").open("wb") as log:
            service = subprocess.Popen(
                [*command, "system", "service", "--time=0", address],
                env=environment,
                stdout=log,
                stderr=log,
            )
        try:
            wait_for_socket(folder / "socket", service)
            yield address
        finally:
            service.terminate()
            service.wait(START_SECONDS)
    finally:
        remove = ["podman", "unshare", "rm", "-rf"] if os.geteuid() else ["rm", "-rf"]
        subprocess.run([*command, "rm", "--all", "--force"], env=environment, check=False)
        subprocess.run(["umount", folder / "root" / "overlay"], check=False, capture_output=True)
        subprocess.run([*remove, folder], check=False)


def bring_image(image: str, command: list[str], environment: dict[str, str]) -> None:
    """Load the usual engine's image, under a name that the grader looks for."""
    saving = subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE)
    subprocess.run(
        [*command, "load"], stdin=saving.stdout, env=environment, check=True, capture_output=True
    )
    assert saving.wait() == 0
    tag = [*command, "tag", image.removeprefix("sha256:"), "docker.io/library/dl-grader:functions"]
    subprocess.run(tag, env=environment, check=True)


def wait_for_socket(socket: Path, service: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while not socket.exists():
        assert service.poll() is None, (socket.parent / "log").read_text()
        assert time.monotonic() < until
        time.sleep(0.1)
