"""The host's end of the wire: send a request, take exactly one reply, trust nothing in it.

The peer is whatever code ended up at the other end. So: nothing is parsed whose structure the peer
chose, nothing is allocated before its size was checked against what this request allows, one
deadline covers the whole reply, and the socket must be empty before each request. A reply is a
value that says how the peer behaved; this module raises only for mistakes of ours.
"""

from __future__ import annotations

import math
import os
import re
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

MAX_VALUE_BYTES = 256 << 20  # all frames of one function's answer together
MAX_TEXT_BYTES = (
    8 << 20
)  # all texts of one answer together: each small text costs ten times its bytes once decoded
MAX_REPORT_BYTES = 64 << 10
MAX_REPORT_PAIRS = 32
TICK_SECONDS = 0.1
# of the last reply's time is slept through before looking again and again: waking takes long
AWAKE_SHARE = 0.8
CHUNK_BYTES = 1 << 20

CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


def clean(text: str) -> str:
    """Return text without escape sequences, control, zero-width and direction-changing
    characters.
    """
    return CONTROL.sub("", ESCAPE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


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
    nanoseconds: int = 0
    value: np.ndarray | None = None  # the array that was due
    values: list[tuple[np.ndarray | list[str], bool]] = field(default_factory=list)  # for CALL
    reported: dict[str, str] = field(default_factory=dict)  # for DONE: shown, never scored
    trace: np.ndarray | None = (
        None  # for TRAIN: float64 (TRACE_NUMBERS,), evidence, never scored; see `training_trace`
    )
    trouble: Trouble | None = None
    text: str = ""


class Broken(Exception):
    """The peer left the protocol; stays inside this module."""


class Late(Exception):
    """The deadline passed; stays inside this module."""


class Gone(Exception):
    """The peer closed its end; stays inside this module."""


class Wire:
    """A connected stream socket and the count of requests sent over it."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._seq = 0
        self._header = bytearray(frames.HEADER_BYTES)
        self._poll_in = select.poll()
        self._poll_in.register(sock, select.POLLIN)
        self._poll_out = select.poll()
        self._poll_out.register(sock, select.POLLOUT | select.POLLIN)
        self._deadline = math.inf
        self._last_seconds = 0.0  # what the last timed reply took
        # look again and again so long before sleeping: for the timed phase, on a core of its own
        self.spin_seconds = 0.0
        self._tick: Callable[[], None] | None = None

    def close(self) -> None:
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
    ) -> Reply:
        """Send one request and take its reply.

        shape, dtype: what a PREDICT, SAMPLE or CONTINUE must be answered with, to the byte. count:
        how many values a CALL must bring. Neither: the reply is DONE. `nanoseconds` runs from
        before the first byte sent to after the last received.
        """
        self._seq += 1
        nonce = os.urandom(frames.NONCE_BYTES)
        head, buffer = frames.frame_of(body, kind, flags=len(values), seq=self._seq, nonce=nonce)
        parts: list[bytes | memoryview] = [head, buffer]
        for value, flags in values:
            parts.extend(
                frames.frame_of(value, Kind.VALUE, flags=flags, seq=self._seq, nonce=nonce)
            )
        if shape is not None:
            answer = np.empty(shape, dtype=dtype)
            expected = frames.pack_header(
                Kind.RESULT,
                frames.CODES[answer.dtype],
                shape,
                answer.nbytes,
                flags=0,
                seq=self._seq,
                nonce=nonce,
            )
        self._tick = tick
        began = time.perf_counter_ns()
        self._deadline = began / 1e9 + deadline_seconds
        try:
            self._must_be_silent()
            self._send(parts)
            if shape is not None:
                self._read(memoryview(self._header))
                if self._header == expected:
                    self._read(answer.reshape(-1).data.cast("B"))
                    taken = time.perf_counter_ns() - began
                    self._last_seconds = taken * 1e-9
                    return Reply(Peer.ANSWERED, taken, value=answer)
                return self._unexpected(nonce, answer)
            return self._take(nonce, count, began, may_tell=kind == Kind.TRAIN)
        except Broken as broken:
            return Reply(Peer.BROKE_PROTOCOL, text=str(broken))
        except Late:
            return Reply(Peer.LATE)
        except (Gone, ConnectionError):
            return Reply(Peer.GONE)

    def _must_be_silent(self) -> None:
        """Nothing may have arrived before it was asked for."""
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
                sent = self._sock.sendmsg(pending[:64])
            except BlockingIOError:
                self._wait(self._poll_out)
                continue
            while pending and sent >= len(pending[0]):
                sent -= len(pending[0])
                pending.pop(0)
            if sent:
                pending[0] = pending[0][sent:]

    def _read(self, buffer: memoryview) -> None:
        while buffer:
            try:
                count = self._sock.recv_into(buffer)
            except BlockingIOError:
                self._wait(self._poll_in)
                continue
            if count == 0:
                raise Gone
            buffer = buffer[count:]
            if buffer and time.perf_counter() > self._deadline:
                raise Late

    def _wait(self, poll: select.poll) -> None:
        """Wait until the socket is ready or the deadline has passed; tick now and then."""
        if self.spin_seconds:
            asleep = int(AWAKE_SHARE * self._last_seconds * 1000)
            if asleep and poll.poll(asleep):
                return
            until = time.perf_counter() + self.spin_seconds
            while time.perf_counter() < until:
                if poll.poll(0):
                    return
        while True:
            left = self._deadline - time.perf_counter()
            if left <= 0:
                raise Late
            if poll.poll(min(left, TICK_SECONDS) * 1000):
                return
            if self._tick is not None:
                self._tick()

    def _next_header(self, nonce: bytes) -> Header:
        self._read(memoryview(self._header))
        try:
            header = frames.parse_header(self._header)
        except FrameError as error:
            raise Broken(str(error)) from None
        if header.seq != self._seq or header.nonce != nonce:
            raise Broken("a reply that does not belong to this request")
        return header

    def _unexpected(self, nonce: bytes, due: np.ndarray) -> Reply:
        """The header of a reply was not the one expected: an ERROR, or a breach."""
        try:
            header = frames.parse_header(self._header)
        except FrameError as error:
            raise Broken(str(error)) from None
        if header.seq != self._seq or header.nonce != nonce:
            raise Broken("a reply that does not belong to this request")
        if header.kind == Kind.ERROR:
            return self._trouble(header)
        raise Broken(f"an answer of shape {header.shape} where {due.shape} {due.dtype} was due")

    def _trouble(self, header: Header) -> Reply:
        if (
            header.nbytes > frames.MAX_ERROR_BYTES
            or header.dtype != frames.CODES[np.dtype(np.uint8)]
        ):
            raise Broken("an error text over 4 KiB")
        text = bytearray(header.nbytes)
        self._read(memoryview(text))
        trouble = Trouble(header.flags) if header.flags in set(Trouble) else Trouble.RAISED
        return Reply(Peer.TROUBLE, trouble=trouble, text=clean(text.decode("utf-8", "replace")))

    def _take(self, nonce: bytes, count: int | None, began: int, *, may_tell: bool) -> Reply:
        header = self._next_header(nonce)
        if header.kind == Kind.ERROR:
            return self._trouble(header)
        if count is None:
            if (
                header.kind != Kind.DONE
                or header.dtype != frames.TEXT_CODE
                or header.nbytes > MAX_REPORT_BYTES
            ):
                raise Broken(f"a frame of kind {header.kind} where a short DONE was due")
            texts = self._texts(header)
            trace = self._trace(nonce) if may_tell and header.flags == frames.TELLS else None
            return Reply(
                Peer.ANSWERED,
                time.perf_counter_ns() - began,
                reported=read_report(texts),
                trace=trace,
            )
        if (
            header.kind != Kind.RESULT
            or header.flags != count
            or header.nbytes > 16 + frames.MAX_ERROR_BYTES
        ):
            raise Broken(f"{header.flags} values where {count} were due")
        self._discard(header.nbytes)
        budget, text_bytes = MAX_VALUE_BYTES, 0
        values: list[tuple[np.ndarray | list[str], bool]] = []
        for _ in range(count):
            header = self._next_header(nonce)
            if header.kind != Kind.VALUE or header.nbytes > budget:
                raise Broken(f"a value of {header.nbytes} bytes; {budget} are left for this answer")
            budget -= header.nbytes
            text_bytes += header.nbytes if header.dtype == frames.TEXT_CODE else 0
            if text_bytes > MAX_TEXT_BYTES:
                raise Broken(f"{text_bytes} bytes of text; at most {MAX_TEXT_BYTES} are taken")
            values.append((self._value(header), bool(header.flags & frames.SCALAR)))
        return Reply(Peer.ANSWERED, time.perf_counter_ns() - began, values=values)

    def _trace(self, nonce: bytes) -> np.ndarray:
        """Take what a runner tells of a training: always of the same size, into a buffer of our
        own.
        """
        trace = np.empty(frames.TRACE_NUMBERS)
        header = self._next_header(nonce)
        if (header.kind, header.dtype, header.shape) != (
            Kind.VALUE,
            frames.CODES[trace.dtype],
            trace.shape,
        ):
            raise Broken(
                f"a frame of shape {header.shape} where {frames.TRACE_NUMBERS} numbers of a training were due"
            )
        self._read(trace.data.cast("B"))
        return trace

    def _value(self, header: Header) -> np.ndarray | list[str]:
        if header.dtype == frames.TEXT_CODE:
            return self._texts(header)
        buffer = self._growing(header.nbytes)
        if not buffer:
            try:
                return np.empty(header.shape, dtype=frames.DTYPES[header.dtype])
            except ValueError:
                raise Broken(f"an empty array of shape {header.shape}") from None
        if frames.DTYPES[header.dtype] == np.bool_:
            raw = np.frombuffer(buffer, dtype=np.uint8)
            np.not_equal(
                raw, 0, out=raw.view(np.bool_)
            )  # in place: a second copy of the most there may be is too much
        return np.frombuffer(buffer, dtype=frames.DTYPES[header.dtype]).reshape(header.shape)

    def _texts(self, header: Header) -> list[str]:
        if header.nbytes > MAX_TEXT_BYTES:
            raise Broken(f"{header.nbytes} bytes of text; at most {MAX_TEXT_BYTES} are taken")
        try:
            return frames.decode_texts(header.shape[0], self._growing(header.nbytes))
        except FrameError as error:
            raise Broken(str(error)) from None

    def _growing(self, nbytes: int) -> bytearray:
        """Read nbytes without reserving more than has really arrived, but for one chunk."""
        buffer = bytearray()
        while len(buffer) < nbytes:
            piece = bytearray(min(CHUNK_BYTES, nbytes - len(buffer)))
            self._read(memoryview(piece))
            buffer += piece
        return buffer

    def _discard(self, nbytes: int) -> None:
        self._growing(nbytes)


def read_report(texts: list[str]) -> dict[str, str]:
    """Take what a runner says of itself: names and values in turn, plain texts, for display
    only.
    """
    pairs = list(zip(texts[::2], texts[1::2], strict=False))[:MAX_REPORT_PAIRS]
    return {clean(name)[:40]: clean(value)[:400] for name, value in pairs}
