"""The host's end of the wire: send a request, take exactly one reply, trust nothing in it.

Theory of operation. The peer is whatever code ended up at the other end of a stream socket; the
format is the runner's (frames.py), the rules are ours:

- **Lockstep.** One request, one reply, and the next request leaves only after the last reply is
  complete. The socket must be empty before each request, so bytes that nobody asked for yet are a
  breach: nothing can be answered ahead, and no reply can be amended later.
- **A nonce.** Each request carries 16 fresh random bytes that the reply must repeat, together with
  its number. Code that writes to the socket without having read the request cannot know them, and a
  reply to an earlier request cannot pass for this one.
- **The box chooses no form.** Where an array is due, the host computes the one header that it may
  have beforehand and compares all 64 bytes; the numbers go straight into an array of ours.
  Elsewhere each field is checked against what this request allows before anything is allocated, and
  memory is taken only as bytes really arrive. The test suite sends 2,000 mutated replies in each
  run (a million with --slow): every one of them ends as a value, in less than 8 MiB.
- **One deadline for the whole reply.** A byte now and then does not extend it.

A reply is a value that says how the peer behaved; this module raises only for mistakes of ours.

What is timed runs from before the first byte sent to after the last byte received, by the host's
clock. The median for one MNIST image was 24 us on two cores, in a plain process and in a container
(`python -m benchmarks clock`, docs/measure/measuring.md).
"""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

import numpy as np
from numpy.typing import DTypeLike

from grader.runner import frames
from grader.runner.frames import FrameError, Header, Kind, Trouble
from grader.text import terminal_line, terminal_lines

MAX_VALUE_BYTES = 256 << 20  # all frames of one function's answer together
# All texts of one answer together: once decoded, a small text takes ten times its bytes.
MAX_TEXT_BYTES = 8 << 20
MAX_REPORT_BYTES = 64 << 10
MAX_REPORT_PAIRS = 32
MAX_REPORT_NAME = 40
MAX_REPORT_VALUE = 400
# The frame before a function's values is one empty text: two offsets.
MAX_RESULT_HEAD_BYTES = 16 + frames.MAX_ERROR_BYTES
TICK_SECONDS = 0.1
AWAKE_SHARE = 0.8
CHUNK_BYTES = 1 << 20
PARTS_AT_ONCE = 64  # of a request, in one system call


class Peer(Enum):
    """How the other end behaved."""

    ANSWERED = auto()
    TROUBLE = auto()  # it sent ERROR
    BROKE_PROTOCOL = auto()
    LATE = auto()
    GONE = auto()


@dataclass
class Reply:
    """What came back, and how long it took."""

    peer: Peer
    nanoseconds: int = 0  # of an answer; 0 for anything else
    value: np.ndarray | None = None  # the array that was due
    values: list[tuple[np.ndarray | list[str], bool]] = field(default_factory=list)  # for CALL
    reported: dict[str, str] = field(default_factory=dict)  # for DONE: shown, never scored
    # For TRAIN: float64 (TRACE_NUMBERS,), evidence for people and never scored (training_trace.py).
    trace: np.ndarray | None = None
    trouble: Trouble | None = None
    text: str = ""


class Broken(Exception):
    """The peer left the protocol; stays inside this module."""


class Late(Exception):
    """The deadline passed; stays inside this module."""


class Gone(Exception):
    """The peer closed its end; stays inside this module."""


class Wire:
    """A connected stream socket and the number of the last request sent over it.

    One thread at a time may use it. It owns the socket: `close` closes it.
    """

    def __init__(
        self, sock: socket.socket, *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """Take over a connected stream socket.

        clock: seconds that only grow; deadlines are read on it. What is timed never is.
        """
        sock.setblocking(False)
        self._sock = sock
        self._usual_clock = clock
        self._clock = clock  # of the request at hand
        self._seq = 0
        self._nonce = b""
        self._header = bytearray(frames.HEADER_BYTES)
        self._poll_in = select.poll()
        self._poll_in.register(sock, select.POLLIN)
        self._poll_out = select.poll()
        self._poll_out.register(sock, select.POLLOUT | select.POLLIN)
        self._began = 0
        self._deadline = 0.0
        self._last_seconds = 0.0  # what the last array took to come
        self._tick: Callable[[], None] | None = None
        # For how long to look again and again before sleeping: set in the timed phase, see `_spin`.
        self.spin_seconds = 0.0

    def close(self) -> None:
        """Close the socket; the runner sees the end of its input. May be called twice."""
        self._sock.close()

    def ask(
        self,
        kind: Kind,
        body: np.ndarray | list[str],
        values: Sequence[tuple[np.ndarray | list[str], int]] = (),
        *,
        deadline_seconds: float,
        shape: tuple[int, ...] | None = None,
        dtype: DTypeLike = np.float32,
        count: int | None = None,
        tick: Callable[[], None] | None = None,
        clock: Callable[[], float] | None = None,
    ) -> Reply:
        """Send one request and take its reply.

        values: further frames and their flags. shape, dtype: the array with which a PREDICT,
        SAMPLE or CONTINUE must be answered, to the byte. count: how many values a CALL must bring.
        With neither the reply is DONE. tick: called every 0.1 s while waiting. clock: the one that
        this deadline is read on, see budget_clock.py.
        """
        self._seq += 1
        self._nonce = os.urandom(frames.NONCE_BYTES)
        self._tick = tick
        parts = self._pack(kind, body, values)
        answer = None if shape is None else np.empty(shape, dtype=dtype)
        expected = b"" if answer is None else self._header_of(answer)
        self._began = time.perf_counter_ns()
        self._clock = clock or self._usual_clock
        self._deadline = self._clock() + deadline_seconds
        try:
            self._must_be_silent()
            self._send(parts)
            if answer is not None:
                return self._take_array(answer, expected)
            if count is not None:
                return self._take_values(count)
            return self._take_done(may_have_trace=kind == Kind.TRAIN)
        except Broken as broken:
            return Reply(Peer.BROKE_PROTOCOL, text=str(broken))
        except Late:
            return Reply(Peer.LATE)
        except (Gone, ConnectionError):
            return Reply(Peer.GONE)

    def _pack(
        self,
        kind: Kind,
        body: np.ndarray | list[str],
        values: Sequence[tuple[np.ndarray | list[str], int]],
    ) -> list[bytes | memoryview]:
        """Return headers and buffers of a whole request, in order; no array is copied."""
        seq = self._seq
        nonce = self._nonce
        parts: list[bytes | memoryview] = []
        parts += frames.frame_of(body, kind, flags=len(values), seq=seq, nonce=nonce)
        for value, flags in values:
            parts += frames.frame_of(value, Kind.VALUE, flags=flags, seq=seq, nonce=nonce)
        return parts

    def _header_of(self, answer: np.ndarray) -> bytes:
        """Return the only header that the array which is due may come with."""
        return frames.pack_header(
            Kind.RESULT,
            frames.CODES[answer.dtype],
            answer.shape,
            answer.nbytes,
            flags=0,
            seq=self._seq,
            nonce=self._nonce,
        )

    def _nanoseconds(self) -> int:
        """Return how long ago the request began."""
        return time.perf_counter_ns() - self._began

    # Bytes.

    def _must_be_silent(self) -> None:
        """Raise Broken if anything arrived before it was asked for, Gone if the peer left."""
        try:
            waiting = self._sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return
        if not waiting:
            raise Gone
        raise Broken("bytes arrived before they were asked for")

    def _send(self, parts: list[bytes | memoryview]) -> None:
        pending = [memoryview(part) for part in parts if len(part)]
        while pending:
            try:
                sent = self._sock.sendmsg(pending[:PARTS_AT_ONCE])
            except BlockingIOError:
                self._wait(self._poll_out)
                continue
            while pending and sent >= len(pending[0]):
                sent -= len(pending[0])
                pending.pop(0)
            if sent:
                pending[0] = pending[0][sent:]

    def _read(self, buffer: memoryview) -> None:
        """Fill a buffer. Raises Late and Gone."""
        while buffer:
            try:
                count = self._sock.recv_into(buffer)
            except BlockingIOError:
                self._wait(self._poll_in)
                continue
            if count == 0:
                raise Gone
            buffer = buffer[count:]
            # Looked at after every piece: a peer that drips would never let `_wait` find it late.
            if buffer and self._clock() > self._deadline:
                raise Late

    def _read_growing(self, nbytes: int) -> bytearray:
        """Return so many bytes, reserving at most one chunk more than has really arrived."""
        buffer = bytearray()
        while len(buffer) < nbytes:
            piece = bytearray(min(CHUNK_BYTES, nbytes - len(buffer)))
            self._read(memoryview(piece))
            buffer += piece
        return buffer

    def _wait(self, poll: select.poll) -> None:
        """Wait until the socket is ready; tick now and then. Raises Late at the deadline."""
        if self.spin_seconds and self._spin(poll):
            return
        while True:
            left = self._deadline - self._clock()
            if left <= 0:
                raise Late
            if poll.poll(min(left, TICK_SECONDS) * 1000):
                return
            if self._tick is not None:
                self._tick()

    def _spin(self, poll: select.poll) -> bool:
        """Look for the socket without sleeping; returns whether it became ready.

        Waking a sleeping process on another core takes 50 to 100 us on a virtual machine, more than
        a small network takes to answer. In the timed phase the host has a core of its own, so it
        stays awake: the median round trip for one MNIST image fell from 96 us to 24 us. A slow
        model would outlast the spinning, so most of the time of its last answer is slept first.
        """
        asleep = int(AWAKE_SHARE * self._last_seconds * 1000)
        if asleep and poll.poll(asleep):
            return True
        until = time.perf_counter() + self.spin_seconds
        while time.perf_counter() < until:
            if poll.poll(0):
                return True
        return False

    # Frames.

    def _read_header(self) -> Header:
        self._read(memoryview(self._header))
        return self._checked_header()

    def _checked_header(self) -> Header:
        """Return the header read last. Raises Broken if it is none, or another request's."""
        try:
            header = frames.parse_header(self._header)
        except FrameError as error:
            raise Broken(str(error)) from None
        if header.seq != self._seq or header.nonce != self._nonce:
            raise Broken("a reply that does not belong to this request")
        return header

    def _take_array(self, answer: np.ndarray, expected: bytes) -> Reply:
        """Read the array that is due into `answer`, if its header is the expected one."""
        self._read(memoryview(self._header))
        if self._header == expected:
            self._read(answer.reshape(-1).data.cast("B"))
            taken = self._nanoseconds()
            self._last_seconds = taken * 1e-9
            return Reply(Peer.ANSWERED, taken, value=answer)
        header = self._checked_header()
        if header.kind == Kind.ERROR:
            return self._take_error(header)
        raise Broken(
            f"an answer of shape {header.shape} where {answer.shape} {answer.dtype} was expected"
        )

    def _take_error(self, header: Header) -> Reply:
        """Read an error text: at most 4 KiB, for display only."""
        is_text = header.dtype == frames.CODES[np.dtype(np.uint8)]
        if header.nbytes > frames.MAX_ERROR_BYTES or not is_text:
            raise Broken("an error text over 4 KiB")
        text = self._read_growing(header.nbytes).decode("utf-8", "replace")
        # Codes that nobody defined count as the mildest: they can only name a message.
        trouble = Trouble.RAISED
        if header.flags in set(Trouble):
            trouble = Trouble(header.flags)
        return Reply(Peer.TROUBLE, trouble=trouble, text=terminal_lines(text))

    def _take_done(self, *, may_have_trace: bool) -> Reply:
        """Read what a runner reports about itself, and after a training its trace."""
        header = self._read_header()
        if header.kind == Kind.ERROR:
            return self._take_error(header)
        is_text = header.dtype == frames.TEXT_CODE
        if header.kind != Kind.DONE or not is_text or header.nbytes > MAX_REPORT_BYTES:
            raise Broken(f"a frame of kind {header.kind} where a short DONE was expected")
        reported = read_report(self._read_texts(header))
        trace = None
        if may_have_trace and header.flags == frames.HAS_TRACE:
            trace = self._read_trace()
        return Reply(Peer.ANSWERED, self._nanoseconds(), reported=reported, trace=trace)

    def _take_values(self, count: int) -> Reply:
        """Read the values of a function's answer, as many as the task names."""
        header = self._read_header()
        if header.kind == Kind.ERROR:
            return self._take_error(header)
        if (
            header.kind != Kind.RESULT
            or header.flags != count
            or header.nbytes > MAX_RESULT_HEAD_BYTES
        ):
            raise Broken(f"{header.flags} values where {count} were expected")
        self._read_growing(header.nbytes)  # it holds nothing
        budget = MAX_VALUE_BYTES
        text_bytes = 0
        values: list[tuple[np.ndarray | list[str], bool]] = []
        for _ in range(count):
            header = self._read_header()
            if header.kind != Kind.VALUE or header.nbytes > budget:
                raise Broken(f"a value of {header.nbytes} bytes; {budget} are left for this answer")
            budget -= header.nbytes
            if header.dtype == frames.TEXT_CODE:
                text_bytes += header.nbytes
            if text_bytes > MAX_TEXT_BYTES:
                raise Broken(f"{text_bytes} bytes of text; at most {MAX_TEXT_BYTES} are accepted")
            values.append((self._read_value(header), bool(header.flags & frames.SCALAR)))
        return Reply(Peer.ANSWERED, self._nanoseconds(), values=values)

    def _read_trace(self) -> np.ndarray:
        """Read the trace of a training: always of the same size, into an array of our own."""
        trace = np.empty(frames.TRACE_NUMBERS)
        header = self._read_header()
        due = (Kind.VALUE, frames.CODES[trace.dtype], trace.shape)
        if (header.kind, header.dtype, header.shape) != due:
            raise Broken(
                f"a frame of shape {header.shape} where the {frames.TRACE_NUMBERS} numbers of a "
                "training trace were expected"
            )
        self._read(trace.data.cast("B"))
        return trace

    def _read_value(self, header: Header) -> np.ndarray | list[str]:
        if header.dtype == frames.TEXT_CODE:
            return self._read_texts(header)
        dtype = frames.DTYPES[header.dtype]
        buffer = self._read_growing(header.nbytes)
        if not buffer:
            try:
                return np.empty(header.shape, dtype=dtype)
            except ValueError:
                raise Broken(f"an empty array of shape {header.shape}") from None
        if dtype == np.bool_:
            # A bool of another value than 0 and 1 makes NumPy misbehave. Mended in place: a second
            # copy of the most that may come would be too much.
            raw = np.frombuffer(buffer, dtype=np.uint8)
            np.not_equal(raw, 0, out=raw.view(np.bool_))
        return np.frombuffer(buffer, dtype=dtype).reshape(header.shape)

    def _read_texts(self, header: Header) -> list[str]:
        if header.nbytes > MAX_TEXT_BYTES:
            raise Broken(f"{header.nbytes} bytes of text; at most {MAX_TEXT_BYTES} are accepted")
        try:
            return frames.decode_texts(header.shape[0], self._read_growing(header.nbytes))
        except FrameError as error:
            raise Broken(str(error)) from None


def read_report(texts: list[str]) -> dict[str, str]:
    """Return what a runner reports about itself: names and values in turn, for display only.

    Each is one line: a note of several could look like the grader's own words below it.
    """
    report = {}
    pairs = list(zip(texts[::2], texts[1::2], strict=False))
    for name, value in pairs[:MAX_REPORT_PAIRS]:
        report[terminal_line(name)[:MAX_REPORT_NAME]] = terminal_line(value)[:MAX_REPORT_VALUE]
    return report
