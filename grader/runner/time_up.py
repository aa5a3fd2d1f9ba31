"""The end of a training's time: it is stopped at its next step, the model is taken as it stands.

Most programs keep their model whole between two steps, so a stop there costs nothing but what was
still to be learned. When the time is over, whatever comes first ends the training:

    a step of an optimizer of PyTorch        raises here, out of `step()`
    a batch of Keras' `fit`                  ends `fit` as `model.stop_training` does
    a line of the submission's own code      for loops without either

The exception is a kind of KeyboardInterrupt: what a program does for Ctrl-C is right here, too, and
scikit-learn's networks keep what they have learned. Code that swallows it is stopped again, until
the host's own deadline ends the box: nobody trains for longer by not stopping.

A thread wakes the main one between two of Python's instructions; a container allows no timers of
the kernel's. A training that is one call of compiled code, such as a whole loop inside
`jax.lax.scan`, can't be stopped so; the host's deadline ends it.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

AGAIN_SECONDS = 1.0
LEAST_WAIT_SECONDS = 0.01
STARTED_SECONDS = 5.0  # for a training that began after its time, within a patience
PATIENT_TICKS = 8  # for so many, library code that was told to stop is left to do so
Tracer = Callable[[FrameType, str, Any], Any]


class TimeIsUp(KeyboardInterrupt):
    """The training's time is over."""


class Clock:
    """Tells a training that its time is over."""

    def __init__(self) -> None:
        self.is_over = False
        self.seconds = 0.0
        self.folder = ""
        self.is_in_library: Callable[[], bool] = lambda: False
        self._ticks = 0
        self._has_trained: Callable[[], bool] = lambda: True
        self._patience = 0.0
        self._is_late = False
        self._began = 0.0
        self._next = 0.0
        self._stop = threading.Event()
        self._waited = 0.0

    def begin(
        self,
        seconds: float,
        folder: str,
        is_in_library: Callable[[], bool],
        has_trained: Callable[[], bool] = lambda: True,
        patience: float = 0.0,
    ) -> None:
        """Let the time run. Only in the main thread, where signals arrive.

        folder: of the submission; its lines are where a loop is stopped. is_in_library: whether a
        library runs the training and was told by a callback. has_trained: whether anything was
        trained so far; before that, `patience` more seconds are given to what only prepares.
        """
        self.seconds = seconds
        self._has_trained = has_trained
        self._patience = patience
        self._began = time.monotonic()
        self._waited = waited()
        self._is_late = False
        self.folder = folder.rstrip(os.sep) + os.sep
        self.is_in_library = is_in_library
        self.is_over = False
        self._ticks = 0
        signal.signal(signal.SIGALRM, self._tick)
        self._stop.set()
        self._stop = threading.Event()
        self._next = time.monotonic() + seconds
        threading.Thread(target=self._watch, args=(self._stop,), daemon=True).start()

    def end(self) -> None:
        """Stop nothing any more."""
        self._stop.set()
        sys.settrace(None)

    def _watch(self, stop: threading.Event) -> None:
        """Wake the main thread when its time is over, and again and again from then on."""
        while not stop.wait(max(LEAST_WAIT_SECONDS, self._next - time.monotonic())):
            if time.monotonic() >= self._next:
                self._next = time.monotonic() + AGAIN_SECONDS
                _thread.interrupt_main(signal.SIGALRM)

    def check(self) -> None:
        """Raise TimeIsUp where the time is over: called by hooks after each step."""
        if self.is_over:
            raise TimeIsUp

    def _tick(self, number: int, frame: FrameType | None) -> None:
        if self._stop.is_set():  # on its way when the training ended
            return
        if self._patience > 0 and not self._has_trained():
            self._patience -= AGAIN_SECONDS
            self._is_late = True
            return
        if self._is_late and self._patience > 0:
            self._patience = 0.0
            self._next = time.monotonic() + STARTED_SECONDS
            return
        missing = self.seconds - (time.monotonic() - self._began - (waited() - self._waited))
        if missing > AGAIN_SECONDS and not self.is_over:
            self._next = time.monotonic() + missing
            return
        self.is_over = True
        self._ticks += 1
        if self._ticks <= PATIENT_TICKS and self.is_in_library():
            return
        if self._ticks > PATIENT_TICKS:
            raise TimeIsUp
        self._stop_at_next_line(frame)

    def _stop_at_next_line(self, frame: FrameType | None) -> None:
        """Let the next line of the submission raise, in whichever of its functions that is."""

        def trace(frame: FrameType, event: str, argument: Any) -> Tracer | None:
            if not frame.f_code.co_filename.startswith(self.folder):
                return None
            if event == "line":
                raise TimeIsUp
            return trace

        while frame is not None:
            if frame.f_code.co_filename.startswith(self.folder):
                frame.f_trace = trace
            frame = frame.f_back
        sys.settrace(trace)


def waited() -> float:
    """Return the seconds that the main thread was ready to run and had no core; 0 if not known.

    A budget is one of the box's own cores: what other programs took of them is not charged, here
    as on the host, whose clock decides. The kernel counts it.
    """
    try:
        with open("/proc/self/schedstat", "rb") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


CLOCK = Clock()
