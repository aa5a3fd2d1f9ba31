"""What a submission prints: read as it comes, kept within bounds, cleaned for people.

The first and the last part are kept, the middle is counted and dropped, so that a submission that
prints gigabytes costs the grader nothing. After `close` everything is read and thrown away; what
was printed before a reply that the grader has is still kept, although it travels beside the reply.
A flood is read slowly: what prints it waits for its reader then, and neither the engine nor the
core that measures is kept busy by it.
"""

from __future__ import annotations

import contextlib
import os
import select
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
PIPE_BYTES = 1 << 20  # the most a pipe holds
QUIET_SECONDS, LATE_SECONDS = (
    0.03,
    0.3,
)  # by an engine: over when nothing came for so long, or after so long at most


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
        self._stream: IO[bytes] | None = None
        self._reading = threading.Lock()  # held from reading a piece until it is added
        self._thread: threading.Thread | None = None

    def follow(self, stream: IO[bytes]) -> None:
        """Read the stream to its end in a thread of its own."""
        os.set_blocking(stream.fileno(), False)
        self._stream = stream
        self._thread = threading.Thread(
            target=self._read, args=(stream,), name="box-log", daemon=True
        )
        self._thread.start()

    def follow_pieces(self, pieces: Iterator[bytes]) -> None:
        """Take what an iterator gives, until it ends or breaks, in a thread of its own."""
        self._thread = threading.Thread(
            target=self._take, args=(pieces,), name="box-log", daemon=True
        )
        self._thread.start()

    def _take(self, pieces: Iterator[bytes]) -> None:
        with contextlib.suppress(
            Exception
        ):  # it breaks when the box is killed; there is nothing to tell
            for piece in pieces:
                self.add(piece)

    def _read(self, stream: IO[bytes]) -> None:
        waiting = select.poll()
        waiting.register(stream, select.POLLIN)
        while self._take_piece(stream) != 0:
            waiting.poll()
        with self._reading:
            stream.close()

    def _take_piece(self, stream: IO[bytes]) -> int | None:
        """Add what can be read at once, and return how many bytes; 0 at the end, None if there is
        nothing yet.
        """
        with self._reading:
            if stream.closed:
                return 0
            try:
                piece = os.read(stream.fileno(), READ_BYTES)
            except BlockingIOError:
                return None
            self.add(piece)
            return len(piece)

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
        """Keep nothing of what is printed from now on."""
        self._catch_up()
        with self._lock:
            self._open = False

    def _catch_up(self) -> None:
        """Take what was printed already and is on its way; what goes on printing is not
        waited for.
        """
        if not self._open:
            return
        if self._stream is not None:
            taken = 0
            while taken < PIPE_BYTES and (size := self._take_piece(self._stream)):
                taken += size
            return
        began, seen = time.monotonic(), -1
        while seen != self._seen and time.monotonic() < began + LATE_SECONDS:
            seen = self._seen
            time.sleep(QUIET_SECONDS)

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
