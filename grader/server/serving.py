"""Starts the page: the HTTP process here, and the grading process as a child beside it.

The two share the folder of the class and nothing else. A child that ends is started again, unless
it ended at once again and again; one whose parent is gone ends by itself.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import uvicorn
from filelock import FileLock, Timeout

from grader.errors import UsageError
from grader.server.app import make_app
from grader.server.desk import Desk
from grader.server.settings import SECRET_VARIABLE, Settings

log = logging.getLogger(__name__)
PARENT_DEATH_SIGNAL = 1  # prctl's name for it
SHORTEST_LIFE = 5.0  # seconds; a child that lives shorter is started again after a pause
LONGEST_PAUSE = 30.0
END_SECONDS = 30.0
KEEP_ALIVE_SECONDS = 5
GRADING_LOCK = "grading.lock"
PAGES_LOCK = "pages.lock"
CLOSING_SECONDS = 4.0  # for a page that is being stopped
PARENT = "GRADER_SERVE_PARENT"  # the variable that tells a child whose child it is


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Hold the port that browsers ask; a UsageError comes before any link is told."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        door = socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(
            f"cannot listen on {host}, port {port}: {why}. Choose another --port, or a --host that "
            "this machine has"
        ) from None
    with door:
        yield door


def serve(desk: Desk, door: socket.socket, certificate: Path | None, key: Path | None) -> None:
    """Answer requests until told to stop."""
    config = uvicorn.Config(
        make_app(desk),
        # An address may hold a code that was not used yet: nothing of it goes into a log.
        access_log=False,
        log_level="warning",
        server_header=False,
        ws="none",
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=16 << 10,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    uvicorn.Server(config).run(sockets=[door])


@contextlib.contextmanager
def grading_beside(command: Sequence[str]) -> Iterator[None]:
    """Keep the grading process running, and end it at the end. command: starts it."""
    stop = threading.Event()
    keeper = threading.Thread(target=keep_running, args=(command, stop), name="grading")
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def keep_running(command: Sequence[str], stop: threading.Event) -> None:
    """Start a process whenever it has ended, until told to stop."""
    pause = 1.0
    while not stop.is_set():
        began = time.monotonic()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=about_child())
        while child.poll() is None and not stop.wait(0.2):
            pass
        if stop.is_set():
            return end(child)
        lived = time.monotonic() - began
        pause = 1.0 if lived > SHORTEST_LIFE else min(2 * pause, LONGEST_PAUSE)
        log.error("the grading process ended with %s; it is started again", child.returncode)
        stop.wait(pause)


def about_child() -> dict[str, str]:
    """Return the environment of the grading process, which has no use for the page's secret."""
    about = {**os.environ, PARENT: str(os.getpid())}
    about.pop(SECRET_VARIABLE, None)
    return about


def end(child: subprocess.Popen[bytes]) -> None:
    """End the grading process; it closes its boxes first."""
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def end_with_parent() -> None:
    """End this process when the page that started it ends, however that ends.

    Linux alone can do that. A process that somebody started by hand goes on by itself.
    """
    parent = os.environ.get(PARENT, "")
    if sys.platform != "linux" or not parent:
        return
    import ctypes

    ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM, 0, 0, 0)
    # It may have ended before the kernel was asked.
    if str(os.getppid()) != parent:
        sys.exit(1)


@contextlib.contextmanager
def grading_alone(settings: Settings, seconds: float = END_SECONDS) -> Iterator[None]:
    """Hold the lock of the queue: two grading processes would grade everything twice."""
    with alone(settings, GRADING_LOCK, "grading process works", seconds):
        yield


@contextlib.contextmanager
def pages_alone(settings: Settings, seconds: float = CLOSING_SECONDS) -> Iterator[None]:
    """Hold the lock of the page: a second one would remove what the first one is still receiving,
    and make its link for instructors void.
    """
    with alone(settings, PAGES_LOCK, "hand-in page answers", seconds):
        yield


@contextlib.contextmanager
def alone(settings: Settings, name: str, does: str, seconds: float) -> Iterator[None]:
    """Hold a lock in the folder of the page. seconds: how long one that ends may take for that.

    Raises UsageError if another process keeps it. The system releases it when a process is killed.
    """
    settings.folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.folder / name)
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        raise UsageError(f"another {does} for {settings.course}; end that one first") from None
    try:
        yield
    finally:
        lock.release()
