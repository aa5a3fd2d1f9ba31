"""The worker of a batch: a process with one submission open at a time, and the host's end of it.

A worker opens a submission, says what it is, and grades it (grader/grading/bench.py). Whatever is
our own trouble is an answer as well: a worker ends only when it is told to, or with the batch that
started it. Both ends speak JSON, so nothing is unpickled that could have passed through a
submission; a result comes as the bytes of its files (grader/results/packed.py).

Where somebody watches a run, the worker also tells how far it is: messages with `step` or `note`,
as many as it likes, before each answer.
"""

from __future__ import annotations

import contextlib
import json
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from grader.errors import GraderError
from grader.grading.bench import Bench
from grader.grading.settings import Settings
from grader.intake.hand_ins import HandIn
from grader.logs import show_everything

END_SECONDS = 20.0  # for a worker to close its boxes
PARENT_DEATH_SIGNAL = 1  # prctl's name for it
NOTE_SECONDS = 0.2  # notes that come faster than people read are left out
NOTE_CHARACTERS = 400
STEP = "step"
NOTE = "note"

Watch = Callable[[str, str], None]  # takes STEP or NOTE, and its text


class Worker:
    """The host's end of one worker process."""

    def __init__(self, settings: Settings, watch: Watch | None = None) -> None:
        """watch: called with each step and note of a run, in the thread that asked for the run."""
        self._watch = watch
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=work,
            args=(theirs, settings, watch is not None),
            name="grader-worker",
            daemon=True,
        )
        # Ctrl-C goes to every process of the terminal. A worker ends when it is told to, not before
        # it has cleaned up.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self._process.start()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()

    def open(self, hand_in: HandIn) -> dict[str, Any]:
        """Have it open a submission, and return what `Bench.open` says; EOFError if it has ended.

        {"failed": why} where that ends in trouble of our own.
        """
        return self._ask(open=hand_in.model_dump(mode="json"))

    def grade(self) -> bytes:
        """Have it grade what is open, and return the packed result.

        Raises GraderError where that ends in trouble of our own, EOFError if the worker has ended.
        """
        answer = self._ask(grade="")
        if "failed" in answer:
            raise GraderError(answer["failed"])
        try:
            return self._pipe.recv_bytes()
        except OSError:
            raise EOFError from None

    def _ask(self, **request: Any) -> dict[str, Any]:
        try:
            send_message(self._pipe, request)
            return self._answer()
        except OSError:
            raise EOFError from None

    def _answer(self) -> dict[str, Any]:
        """Return the answer, and pass on what comes before it."""
        while True:
            message = read_message(self._pipe)
            told = [kind for kind in (STEP, NOTE) if kind in message]
            if not told:
                return message
            if self._watch is not None:
                self._watch(told[0], str(message[told[0]]))

    def how_it_ended(self) -> str:
        """Say how the process ended, once it has."""
        self._process.join(END_SECONDS)
        code = self._process.exitcode
        if code is None:
            how = "ended"
        elif code < 0:
            how = f"was killed by signal {-code}"
        else:
            how = f"exited with code {code}"
        return (
            f"the process that graded it {how}; "
            "signal 9 usually means that the machine ran out of memory"
        )

    def interrupt(self) -> None:
        """Let it close its boxes and end."""
        self._process.terminate()

    def close(self) -> None:
        self._pipe.close()
        self._process.join(END_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def send_message(pipe: Connection, message: dict[str, Any]) -> None:
    pipe.send_bytes(json.dumps(message).encode())


def read_message(pipe: Connection) -> dict[str, Any]:
    """Return the next message; EOFError if the other side is gone."""
    return dict(json.loads(pipe.recv_bytes()))


class Told:
    """Progress of a run that goes to the host's end of the pipe, before the answer."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self._noted = 0.0

    def step(self, what: str, seconds: float | None = None) -> None:
        self._send(STEP, what)

    def note(self, text: str) -> None:
        now = time.monotonic()
        if now - self._noted >= NOTE_SECONDS:
            self._noted = now
            self._send(NOTE, text[:NOTE_CHARACTERS])

    def _send(self, kind: str, text: str) -> None:
        # Nobody listens any more: the next answer finds that out.
        with self._lock, contextlib.suppress(OSError):
            send_message(self._pipe, {kind: text})


def work(pipe: Connection, settings: Settings, is_watched: bool = False) -> None:
    """Answer {"open": a hand-in} and {"grade": ""} until the pipe is closed.

    It is the whole process. is_watched: tell how far each run is.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    end_with(settings.batch_pid)
    set_up_log(settings)
    bench = Bench(settings, Told(pipe) if is_watched else None)
    with contextlib.closing(bench), contextlib.suppress(EOFError, OSError):
        while True:
            answer(pipe, bench, read_message(pipe))


def answer(pipe: Connection, bench: Bench, request: dict[str, Any]) -> None:
    """Do what is asked for; {"failed": why} where that ends in trouble of our own."""
    try:
        if "open" in request:
            said = bench.open(HandIn.model_validate(request["open"]))
            package = None
        else:
            package = bench.grade()
            said = {"bytes": len(package)}
    except GraderError as error:
        return send_message(pipe, {"failed": str(error)})
    except Exception as error:
        return send_message(pipe, {"failed": f"{type(error).__name__}: {error}"})
    send_message(pipe, said)
    if package is not None:
        pipe.send_bytes(package)


def set_up_log(settings: Settings) -> None:
    """Log as the batch does, but leave warnings about tasks to it: it has read the same tasks."""
    if settings.verbose:
        show_everything()
    else:
        logging.getLogger("grader").setLevel(logging.ERROR)


def end_with(batch: int) -> None:
    """End this process when the batch's ends, however that ends.

    Where the kernel offers no such signal, which is everywhere but on Linux, it ends after the run
    at hand, because the pipe is closed.
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM, 0, 0, 0)
        # It may have ended before the kernel was asked.
        if os.getppid() != batch:
            sys.exit(1)
