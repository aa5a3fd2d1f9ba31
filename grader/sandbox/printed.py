"""What a submission prints: read as it comes, kept within bounds, cleaned for people.

The first and the last part are kept, the middle is counted and dropped, so that a submission that prints
gigabytes costs the grader nothing. After `close` everything is read and thrown away. A flood is read slowly: what
prints it waits for its reader then, and neither the engine nor the core that measures is kept busy by it.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import IO

from grader.sandbox.wire import clean

HEAD_BYTES = 16 << 10
TAIL_BYTES = 16 << 10
READ_BYTES = 64 << 10
JOIN_SECONDS = 1.0
FREE_BYTES = 4 << 20  # as fast as it comes; far more than any training prints
BYTES_A_SECOND = 16 << 20  # of what comes after that


class Printed:
    """A reader of one stream that keeps its beginning and its end."""

    def __init__(self) -> None:
        self._head = b""
        self._tail: deque[bytes] = deque()
        self._tail_bytes = 0
        self._dropped = 0
        self._seen = 0
        self._open = True
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def follow(self, stream: IO[bytes]) -> None:
        """Read the stream to its end in a thread of its own."""
        self._thread = threading.Thread(target=self._read, args=(stream,), name="box-log", daemon=True)
        self._thread.start()

    def follow_pieces(self, pieces: Iterator[bytes]) -> None:
        """Take what an iterator gives, until it ends or breaks, in a thread of its own."""
        self._thread = threading.Thread(target=self._take, args=(pieces,), name="box-log", daemon=True)
        self._thread.start()

    def _take(self, pieces: Iterator[bytes]) -> None:
        with contextlib.suppress(Exception):  # it breaks when the box is killed; there is nothing to tell
            for piece in pieces:
                self.add(piece)

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            while piece := os.read(stream.fileno(), READ_BYTES):
                self.add(piece)

    def add(self, piece: bytes) -> None:
        """Take one piece of output, and the longer for it the more there was."""
        self._seen += len(piece)
        if self._seen > FREE_BYTES:
            time.sleep(len(piece) / BYTES_A_SECOND)
        with self._lock:
            if not self._open:
                return
            room = HEAD_BYTES - len(self._head)
            self._head += piece[:room]
            piece = piece[room:] if room > 0 else piece
            if not piece:
                return
            self._dropped += max(0, len(piece) - TAIL_BYTES)
            piece = piece[-TAIL_BYTES:]
            self._tail.append(piece)
            self._tail_bytes += len(piece)
            while self._tail_bytes - len(self._tail[0]) >= TAIL_BYTES:
                gone = len(self._tail.popleft())
                self._tail_bytes -= gone
                self._dropped += gone

    def close(self) -> None:
        """Keep nothing of what comes from now on."""
        with self._lock:
            self._open = False

    def stop(self) -> None:
        """Wait shortly for the stream's end, after its writers were killed."""
        if self._thread is not None:
            self._thread.join(JOIN_SECONDS)

    def text(self) -> str:
        """Return what was kept, cleaned of anything that could steer a terminal."""
        with self._lock:
            tail = b"".join(self._tail)
            middle = f"\n[... {self._dropped} bytes not kept ...]\n" if self._dropped else ""
            head = self._head
        return clean(head.decode("utf-8", "replace") + middle + tail.decode("utf-8", "replace"))

    def last_line(self) -> str:
        """Return the last line that is not empty, for a progress display."""
        lines = [line.strip() for line in self.text()[-2000:].splitlines()]
        return next((line for line in reversed(lines) if line), "")
