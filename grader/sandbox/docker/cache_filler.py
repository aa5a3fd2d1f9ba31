"""Fills the page cache for boxes in containers: pagecache.py runs in the container made here."""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from pathlib import Path
from typing import Any

from docker.errors import DockerException
from docker.types import LogConfig

from grader.host.machine import CPU
from grader.sandbox.docker import pagecache
from grader.sandbox.docker.engine import labels, remove_container
from grader.sandbox.docker.hardening import NO_HEALTHCHECK, PYTHON, own_environment
from grader.sandbox.docker.seccomp import profile

FILL_SECONDS = 60
STOP_SECONDS = 10.0  # for the engine to end what it just began
LOOK_SECONDS = 0.1


class CacheFiller(threading.Thread):
    """A container of the image that reads its libraries; nobody's code is in it.

    Where it fails nothing is said: the boxes will say why.
    """

    def __init__(self, client: Any, image: str) -> None:
        super().__init__(name="page-cache", daemon=True)
        self._client = client
        self._image = image
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
                healthcheck=NO_HEALTHCHECK,
                environment=own_environment(CPU),
            )
            try:
                made.start()
                made.wait(timeout=FILL_SECONDS)
            finally:
                made.remove(force=True)

    def stop(self) -> None:
        """End it early and leave nothing of it; gives up on an engine that does not answer."""
        until = time.monotonic() + STOP_SECONDS
        with contextlib.suppress(DockerException, OSError):
            while self.is_alive() and time.monotonic() < until:
                remove_container(self._client, self._container)
                self.join(LOOK_SECONDS)
