"""The keyboard of a terminal, key by key, for commands that stay on one screen."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

LOOK_SECONDS = 0.1


class Keys:
    """Single keys of the terminal, each given to a function by a thread.

    A command in the foreground may borrow the terminal.
    """

    def __init__(self, pressed: Callable[[str], None]) -> None:
        self._pressed = pressed
        self._listening = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._listen, name="keys", daemon=True)

    def start(self) -> None:
        self._listening.set()
        self._thread.start()

    def stop(self) -> None:
        self._stopped = True
        self._listening.set()

    @contextlib.contextmanager
    def lent(self) -> Iterator[None]:
        """Give the terminal to a command; afterwards one key goes back to the screen."""
        self._listening.clear()
        time.sleep(2 * LOOK_SECONDS)  # the thread is at most one look away from seeing it
        with cooked():
            print()
            with contextlib.suppress(KeyboardInterrupt):
                yield
            with contextlib.suppress(KeyboardInterrupt, EOFError):
                input("\n(Enter goes back) ")
        self._listening.set()

    def _listen(self) -> None:
        while not self._stopped:
            self._listening.wait()
            key = key_pressed(LOOK_SECONDS)
            if key is not None:
                self._pressed(key.lower())


@contextlib.contextmanager
def keyboard(pressed: Callable[[str], None]) -> Iterator[Keys]:
    """Give single keys to `pressed` while this is open; afterwards the terminal is as it was."""
    keys = Keys(pressed)
    with raw():
        keys.start()
        try:
            yield keys
        finally:
            keys.stop()


if sys.platform == "win32":
    import msvcrt

    def key_pressed(seconds: float) -> str | None:
        """Return a key, or None where none was pressed in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if msvcrt.kbhit():
                return msvcrt.getwch()
            time.sleep(seconds / 4)
        return None

    raw = cooked = contextlib.nullcontext
else:
    import os
    import select
    import termios
    import tty

    def key_pressed(seconds: float) -> str | None:
        """Return a key, or None where none was pressed in time; "q" once the terminal is gone."""
        ready, _, _ = select.select([sys.stdin], [], [], seconds)
        if not ready:
            return None
        return os.read(sys.stdin.fileno(), 1).decode("ascii", "replace") or "q"

    @contextlib.contextmanager
    def changed(change: Callable[[int], Any]) -> Iterator[None]:
        before = termios.tcgetattr(sys.stdin)
        change(sys.stdin.fileno())
        try:
            yield
        finally:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)

    def raw() -> contextlib.AbstractContextManager[None]:
        """Give keys as they are pressed; Ctrl-C still interrupts."""
        return changed(tty.setcbreak)

    def cooked() -> contextlib.AbstractContextManager[None]:
        """Give lines again, for a while."""

        def change(terminal: int) -> None:
            settings = termios.tcgetattr(terminal)
            settings[3] |= termios.ICANON | termios.ECHO
            termios.tcsetattr(terminal, termios.TCSADRAIN, settings)

        return changed(change)
