"""What a submission prints: read as it comes, kept within bounds, cleaned for people.

The first and the last 16 KiB are kept, the middle is counted and dropped, so that a submission that
prints gigabytes costs the grader nothing. A flood is read slowly, at 16 MiB a second after the
first 4 MiB: its writer then has to wait for us, and keeps neither the engine nor the core that
measures busy.

So is one of single bytes. What costs the engine is how often it is woken, not what it carries: a
program that wrote byte by byte kept it at 22 % of two cores, which looked like other programs on a
busy machine. After the first 10,000 pieces, we take one every 2 ms. What is written meanwhile
gathers in the pipe, and comes as one larger piece: no line of an honest training waits for us.

The log ends before the first hidden input (`close`), or a submission could print the inputs to read
them in its log. What it printed before its last reply is still kept, although output and reply
travel apart and the output may be the later one. From then on everything is read and thrown away:
a pipe that nobody reads would stop the submission when it is full.
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

from grader.text import terminal_lines

HEAD_BYTES = 16 << 10
TAIL_BYTES = 16 << 10
READ_BYTES = 64 << 10
JOIN_SECONDS = 1.0
FREE_BYTES = 4 << 20  # read as fast as they come; far more than any training prints
BYTES_A_SECOND = 16 << 20  # of what comes after that
FREE_PIECES = 10_000
SECONDS_A_PIECE = 0.002  # of those that come after these
PIPE_BYTES = 1 << 20  # the most a pipe holds
# An engine brings output a little late. It is complete when nothing came for QUIET_SECONDS, and
# nobody waits for longer than LATE_SECONDS.
QUIET_SECONDS = 0.03
LATE_SECONDS = 0.3
LAST_LINE_CHARACTERS = 2000


class OutputLog:
    """The beginning and the end of what one box prints.

    Fed by `follow` (a pipe), `follow_pieces` (an engine) or `add` (a relay), each from a thread of
    its own; everything else may be called from any thread.
    """

    def __init__(self) -> None:
        self._head = b""
        self._tail: deque[bytes] = deque()
        self._tail_bytes = 0
        self._dropped = 0
        self._seen = 0
        self._pieces = 0
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
        # Whatever the engine's client raises when the box is killed: the output just ends there.
        with contextlib.suppress(Exception):
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
        """Add what can be read at once; returns its bytes, 0 at the end, None for nothing yet."""
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
        """Take one piece of output; a flood is held up here."""
        self._hold_up(len(piece))
        with self._lock:
            if not self._open:
                return
            room = HEAD_BYTES - len(self._head)
            self._head += piece[:room]
            if piece[room:]:
                self._add_to_tail(piece[room:])

    def _hold_up(self, size: int) -> None:
        """Make the writer of a flood wait: for its bytes, or for its number of pieces."""
        self._seen += size
        self._pieces += 1
        wanted = 0.0
        if self._seen > FREE_BYTES:
            wanted = size / BYTES_A_SECOND
        if self._pieces > FREE_PIECES:
            wanted = max(wanted, SECONDS_A_PIECE)
        if wanted:
            time.sleep(wanted)

    def _add_to_tail(self, piece: bytes) -> None:
        """Keep the last TAIL_BYTES, in whole pieces, and count what goes."""
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
        """Take what was printed already and is on its way, but wait for nothing new."""
        if not self._open:
            return
        until = time.monotonic() + LATE_SECONDS
        if self._stream is not None:
            taken = 0
            # Whoever goes on printing byte by byte, each held up, would have it last for ever.
            while taken < PIPE_BYTES and time.monotonic() < until:
                size = self._take_piece(self._stream)
                if not size:
                    return
                taken += size
            return
        seen = -1
        while seen != self._seen and time.monotonic() < until:
            seen = self._seen
            time.sleep(QUIET_SECONDS)

    def stop(self) -> None:
        """Wait a moment for the stream's end, after its writers were killed."""
        if self._thread is not None:
            self._thread.join(JOIN_SECONDS)

    def text(self) -> str:
        """Return what was kept, cleaned of anything that could steer a terminal."""
        with self._lock:
            head = self._head.decode("utf-8", "replace")
            tail = b"".join(self._tail).decode("utf-8", "replace")
            dropped = self._dropped
        middle = f"\n[... {dropped} bytes not kept ...]\n" if dropped else ""
        return terminal_lines(head + middle + tail)

    def last_line(self) -> str:
        """Return the last line that is not empty, for a progress display."""
        for line in reversed(self.text()[-LAST_LINE_CHARACTERS:].splitlines()):
            if line.strip():
                return line.strip()
        return ""
