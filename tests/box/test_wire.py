"""The host's end of the wire against peers that misbehave: every outcome is a value that says so.

Deadlines run on a clock of the tests, so that what is slow here takes no time.
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.occasion import is_nightly

from grader.runner import frames
from grader.runner.frames import Header, Kind, Trouble
from grader.sandbox import wire as wires
from grader.sandbox.wire import MAX_VALUE_BYTES, Peer, Reply, Wire

SHAPE = (4, 10)
SCORES = np.arange(40, dtype=np.float32).reshape(SHAPE)
TRACE = np.arange(frames.TRACE_NUMBERS, dtype=np.float64)
BATCH = np.zeros((4, 8, 8), dtype=np.uint8)
FUZZ_EXAMPLES = 50_000 if is_nightly() else 5_000
SLOW_EXAMPLES = 1_000_000
MEMORY_BYTES = 8 << 20
DEADLINE = 20.0  # on a clock of the tests, or never waited for

Answer = Callable[[Header], bytes]


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Scripted(socket.socket):
    """Our end of a pair whose peer replies at once to a request.

    Then the peer leaves, or falls silent if it `stays`.
    """

    def __init__(self, answer: Answer, *, stays: bool = False) -> None:
        ours, self.theirs = socket.socketpair()
        super().__init__(fileno=ours.detach())
        self.theirs.setblocking(False)
        self.answer = answer
        self.stays = stays

    def sendmsg(self, buffers: Iterable[bytes], *_: object) -> int:  # type: ignore[override]
        parts = [bytes(part) for part in buffers]
        reply = self.answer(frames.parse_header(parts[0]))
        if reply:
            self.theirs.sendall(reply)
        if not self.stays:
            self.theirs.close()
        return sum(len(part) for part in parts)

    def close(self) -> None:
        self.theirs.close()
        super().close()


class Dripping(Scripted):
    """A scripted peer of which one byte comes at a time, each so many seconds after the last."""

    def __init__(self, answer: Answer, clock: Clock, pause: float) -> None:
        super().__init__(answer, stays=True)
        self.clock = clock
        self.pause = pause
        self.came = 0

    def recv_into(self, buffer: memoryview, *_: object) -> int:  # type: ignore[override]
        self.clock.now += self.pause
        count = super().recv_into(buffer[:1])
        self.came += count
        return count


def ask_scripted(answer: Answer, way: str = "predict") -> Reply:
    with Scripted(answer) as sock:
        return ask(Wire(sock), way)


def ask(wire: Wire, way: str = "predict", deadline: float = DEADLINE) -> Reply:
    if way == "predict":
        return wire.ask(Kind.PREDICT, BATCH, deadline_seconds=deadline, shape=SHAPE)
    if way == "call":
        return wire.ask(Kind.CALL, ["{}"], deadline_seconds=deadline, count=2)
    return wire.ask(Kind.TRAIN, ["{}"], deadline_seconds=deadline)


def frame(value: np.ndarray | list[str], kind: int, to: Header, flags: int = 0) -> bytes:
    head, body = frames.frame_of(value, kind, flags=flags, seq=to.seq, nonce=to.nonce)
    return head + bytes(body)


def header(
    to: Header,
    kind: int = Kind.RESULT,
    dtype: int = 11,
    shape: tuple[int, ...] = SHAPE,
    nbytes: int = 160,
    flags: int = 0,
    seq: int | None = None,
    nonce: bytes | None = None,
) -> bytes:
    return frames.pack_header(
        kind,
        dtype,
        shape,
        nbytes,
        flags=flags,
        seq=to.seq if seq is None else seq,
        nonce=nonce or to.nonce,
    )


def good(way: str) -> Answer:
    if way == "predict":
        return lambda to: frame(SCORES, Kind.RESULT, to)
    if way == "call":
        return lambda to: (
            frame([""], Kind.RESULT, to, flags=2)
            + frame(np.array([[1.5, 2.5]]), Kind.VALUE, to)
            + frame(["one", "two"], Kind.VALUE, to)
        )
    if way == "train with a trace":
        return lambda to: (
            frame(["framework", "numpy"], Kind.DONE, to, flags=frames.HAS_TRACE)
            + frame(TRACE, Kind.VALUE, to)
        )
    return lambda to: frame(["framework", "numpy"], Kind.DONE, to)


# Peers that behave.


def test_a_predict_is_answered_with_the_bytes_that_were_sent() -> None:
    reply = ask_scripted(good("predict"))
    assert reply.peer is Peer.ANSWERED
    assert reply.nanoseconds > 0
    np.testing.assert_array_equal(reply.value, SCORES)


def test_a_call_is_answered_with_its_values() -> None:
    reply = ask_scripted(good("call"), "call")
    assert reply.peer is Peer.ANSWERED
    np.testing.assert_array_equal(reply.values[0][0], [[1.5, 2.5]])
    assert reply.values[1][0] == ["one", "two"]


def test_a_done_brings_what_the_runner_reports_about_itself() -> None:
    assert ask_scripted(good("train"), "train").reported == {"framework": "numpy"}


def test_a_trace_comes_with_a_training_and_with_nothing_else() -> None:
    def with_trace(to: Header) -> bytes:
        return frame(["framework", "numpy"], Kind.DONE, to, flags=frames.HAS_TRACE) + frame(
            TRACE, Kind.VALUE, to
        )

    reply = ask_scripted(with_trace, "train")
    assert reply.reported == {"framework": "numpy"}
    np.testing.assert_array_equal(reply.trace, TRACE)
    assert ask_scripted(good("train"), "train").trace is None
    sock = Scripted(with_trace)
    assert Wire(sock).ask(Kind.LOAD, ["{}"], deadline_seconds=DEADLINE).trace is None
    sock.close()


def test_what_the_runner_reports_is_cut_and_cleaned() -> None:
    texts = ["name\x1b[31m" * 100, "v" * 10_000, "note", "x\n\nPASS"] + ["a", "b"] * 100
    reported = ask_scripted(lambda to: frame(texts, Kind.DONE, to), "train").reported
    assert len(reported) <= 32
    assert all(
        len(name) <= 40 and len(value) <= 400 and "\x1b" not in name
        for name, value in reported.items()
    )
    assert reported["note"] == "x PASS"


@pytest.mark.parametrize("way", ["predict", "call", "train"])
def test_an_error_is_a_trouble_with_its_text(way: str) -> None:
    text = np.frombuffer(b"ValueError: shapes \x1b[2J differ", dtype=np.uint8)
    reply = ask_scripted(lambda to: frame(text, Kind.ERROR, to, flags=Trouble.RAISED), way)
    assert (reply.peer, reply.trouble, reply.text) == (
        Peer.TROUBLE,
        Trouble.RAISED,
        "ValueError: shapes  differ",
    )


def test_a_trouble_that_is_not_in_the_list_counts_as_raised() -> None:
    text = np.zeros(3, dtype=np.uint8)
    reply = ask_scripted(lambda to: frame(text, Kind.ERROR, to, flags=200))
    assert (reply.peer, reply.trouble) == (Peer.TROUBLE, Trouble.RAISED)


# Peers that leave the protocol.

ERROR_BYTES = frames.MAX_ERROR_BYTES
BREACHES: dict[str, tuple[str, Answer]] = {
    "a wrong nonce": ("predict", lambda to: header(to, nonce=b"n" * 16) + SCORES.tobytes()),
    "a nonce of zeros": ("predict", lambda to: header(to, nonce=bytes(16)) + SCORES.tobytes()),
    "the sequence of the request before": (
        "predict",
        lambda to: header(to, seq=to.seq - 1) + SCORES.tobytes(),
    ),
    "the sequence of the next request": (
        "predict",
        lambda to: header(to, seq=to.seq + 1) + SCORES.tobytes(),
    ),
    "float64 where float32 is due": (
        "predict",
        lambda to: frame(SCORES.astype(np.float64), Kind.RESULT, to),
    ),
    "int32 where float32 is due": (
        "predict",
        lambda to: frame(SCORES.astype(np.int32), Kind.RESULT, to),
    ),
    "a column less": ("predict", lambda to: frame(SCORES[:, 1:], Kind.RESULT, to)),
    "a row more": ("predict", lambda to: frame(np.zeros((5, 10), np.float32), Kind.RESULT, to)),
    "the shape transposed": ("predict", lambda to: frame(SCORES.T, Kind.RESULT, to)),
    "DONE instead of a result": ("predict", lambda to: frame(["a", "b"], Kind.DONE, to)),
    "a VALUE instead of a result": ("predict", lambda to: frame(SCORES, Kind.VALUE, to)),
    "a shape that claims 16 GiB": (
        "predict",
        lambda to: header(to, shape=(1 << 16, 1 << 16), nbytes=1 << 34),
    ),
    "bytes that are not a frame": ("predict", lambda to: b'{"accuracy": 1.0}' * 20),
    "a pickle": ("predict", lambda to: b"\x80\x04\x95" + b"cos\nsystem\n(S'true'\ntR." * 10),
    "an error text over 4 KiB": (
        "predict",
        lambda to: frame(np.zeros(ERROR_BYTES + 1, np.uint8), Kind.ERROR, to, flags=1),
    ),
    "an error text of floats": (
        "predict",
        lambda to: frame(np.zeros(8, np.float64), Kind.ERROR, to, flags=1),
    ),
    "an error of another request": (
        "predict",
        lambda to: header(to, Kind.ERROR, 2, (2,), 2, seq=77) + b"no",
    ),
    "an error text over 4 KiB to a call": (
        "call",
        lambda to: frame(np.zeros(ERROR_BYTES + 1, np.uint8), Kind.ERROR, to, flags=1),
    ),
    "three values where two are due": ("call", lambda to: frame([""], Kind.RESULT, to, flags=3)),
    "one value where two are due": ("call", lambda to: frame([""], Kind.RESULT, to, flags=1)),
    "a value over the cap": (
        "call",
        lambda to: (
            frame([""], Kind.RESULT, to, flags=2)
            + header(to, Kind.VALUE, 2, (MAX_VALUE_BYTES + 1,), MAX_VALUE_BYTES + 1)
        ),
    ),
    "a head that claims a megabyte": (
        "call",
        lambda to: header(to, Kind.RESULT, 2, (1 << 20,), 1 << 20, flags=2),
    ),
    "a RESULT among the values": (
        "call",
        lambda to: frame([""], Kind.RESULT, to, flags=2) + frame(SCORES, Kind.RESULT, to),
    ),
    "texts with offsets that step back": (
        "call",
        lambda to: (
            frame([""], Kind.RESULT, to, flags=2)
            + header(to, Kind.VALUE, 0, (2,), 27)
            + np.array([0, 9, 3], dtype="<u8").tobytes()
            + b"abc"
        ),
    ),
    "a done of a megabyte": ("train", lambda to: header(to, Kind.DONE, 0, (1,), 1 << 20)),
    "a done that is an array": ("train", lambda to: frame(SCORES, Kind.DONE, to)),
    "a training trace of another size": (
        "train",
        lambda to: (
            frame(["a"], Kind.DONE, to, flags=frames.HAS_TRACE) + frame(TRACE[1:], Kind.VALUE, to)
        ),
    ),
    "a training trace of another type": (
        "train",
        lambda to: (
            frame(["a"], Kind.DONE, to, flags=frames.HAS_TRACE)
            + frame(TRACE.astype(np.int64), Kind.VALUE, to)
        ),
    ),
    "a training trace that claims a megabyte": (
        "train",
        lambda to: (
            frame(["a"], Kind.DONE, to, flags=frames.HAS_TRACE)
            + header(to, Kind.VALUE, 12, (1 << 17,), 1 << 20)
        ),
    ),
    "an error where a training trace is due": (
        "train",
        lambda to: (
            frame(["a"], Kind.DONE, to, flags=frames.HAS_TRACE)
            + frame(np.zeros(3, np.uint8), Kind.ERROR, to, flags=1)
        ),
    ),
    "a result where a done is due": ("train", lambda to: frame(["a"], Kind.RESULT, to)),
}


@pytest.mark.parametrize(("way", "answer"), BREACHES.values(), ids=BREACHES)
def test_a_breach_of_the_protocol_is_named(way: str, answer: Answer) -> None:
    reply = ask_scripted(answer, way)
    assert reply.peer is Peer.BROKE_PROTOCOL
    assert reply.text
    assert reply.value is None


def test_an_empty_value_whose_sides_overflow_is_not_an_exception_of_ours() -> None:
    """A product of 2**64 counts as zero bytes for whoever multiplies with zero, and as too big for
    NumPy.
    """
    side = 1 << 16
    reply = ask_scripted(
        lambda to: (
            frame([""], Kind.RESULT, to, flags=2)
            + header(to, Kind.VALUE, 12, (0, side, side, side, side), 0)
            + frame(["x"], Kind.VALUE, to)
        ),
        "call",
    )
    assert reply.peer in (Peer.BROKE_PROTOCOL, Peer.ANSWERED)


@pytest.mark.parametrize("way", ["predict", "call", "train"])
def test_a_reply_cut_anywhere_by_a_peer_that_leaves_is_gone(way: str) -> None:
    whole: list[bytes] = []
    ask_scripted(lambda to: whole.append(good(way)(to)) or whole[0], way)
    for length in range(len(whole[0])):
        reply = ask_scripted(lambda to, length=length: good(way)(to)[:length], way)
        assert reply.peer is Peer.GONE, length


def test_what_is_sent_after_the_reply_breaks_the_next_request() -> None:
    ours, theirs = socket.socketpair()
    wire = Wire(ours)
    thread = serve(theirs, lambda sock, to: sock.sendall(good("predict")(to) + b"x"))
    assert ask(wire).peer is Peer.ANSWERED
    thread.join()
    reply = ask(wire)
    assert (reply.peer, "before" in reply.text) == (Peer.BROKE_PROTOCOL, True)
    wire.close()
    theirs.close()


def test_a_reply_that_waits_before_the_request_is_a_breach() -> None:
    ours, theirs = socket.socketpair()
    guess = Header(Kind.RESULT, 11, 2, 0, 1, 160, bytes(16), SHAPE)
    theirs.sendall(frame(SCORES, Kind.RESULT, guess))
    reply = ask(Wire(ours))
    assert (reply.peer, "before" in reply.text) == (Peer.BROKE_PROTOCOL, True)
    theirs.close()
    ours.close()


# Peers that are slow, and peers that leave.


def serve(sock: socket.socket, behave: Callable[[socket.socket, Header], None]) -> threading.Thread:
    """Take one request in a thread of its own and behave as told."""

    def take() -> None:
        with contextlib.suppress(OSError, EOFError):
            raw = bytearray(frames.HEADER_BYTES)
            frames.read_exactly(sock.makefile("rb", buffering=0), memoryview(raw))
            to = frames.parse_header(raw)
            frames.read_exactly(sock.makefile("rb", buffering=0), memoryview(bytearray(to.nbytes)))
            behave(sock, to)

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    return thread


def ask_silent(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> tuple[Reply, float]:
    """Ask a peer that stays and falls silent; return the reply and the seconds that passed.

    A second passes each time that the wire has waited in vain.
    """
    monkeypatch.setattr(wires, "TICK_SECONDS", 0.001)
    clock = Clock()
    began = clock.now

    def tick() -> None:
        clock.now += 1

    with Scripted(answer, stays=True) as sock:
        wire = Wire(sock, clock=clock)
        reply = wire.ask(Kind.PREDICT, BATCH, deadline_seconds=DEADLINE, shape=SHAPE, tick=tick)
    return reply, clock.now - began


@pytest.mark.parametrize("way", ["predict", "call", "train"])
def test_a_reply_byte_by_byte_has_one_deadline_for_the_whole(way: str) -> None:
    clock = Clock()
    with Dripping(good(way), clock, pause=1.0) as sock:
        reply = ask(Wire(sock, clock=clock), way)
        assert reply.peer is Peer.LATE
        assert sock.came == DEADLINE + 1, "the byte that came too late was the last one read"


@pytest.mark.parametrize("kept", [0, 1, 63, 64, 65, 100, 223])
def test_a_reply_cut_by_a_peer_that_falls_silent_is_late(
    kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply, seconds = ask_silent(lambda to: good("predict")(to)[:kept], monkeypatch)
    assert reply.peer is Peer.LATE
    assert seconds == DEADLINE


def test_a_reply_in_small_pieces_within_the_deadline_is_an_answer() -> None:
    clock = Clock()
    with Dripping(good("predict"), clock, pause=0.01) as sock:
        reply = ask(Wire(sock, clock=clock))
    assert reply.peer is Peer.ANSWERED
    np.testing.assert_array_equal(reply.value, SCORES)


def test_each_request_has_a_deadline_of_its_own() -> None:
    clock = Clock()
    ours, theirs = socket.socketpair()
    wire = Wire(ours, clock=clock)
    for _ in range(2):
        serve(theirs, lambda sock, to: sock.sendall(good("predict")(to)))
        clock.now += 2 * DEADLINE
        assert ask(wire).peer is Peer.ANSWERED
    theirs.close()
    ours.close()


def test_a_peer_that_closes_is_gone_and_not_late() -> None:
    """However long it would have had: no time passes on the clock."""
    ours, theirs = socket.socketpair()
    serve(theirs, lambda sock, to: sock.shutdown(socket.SHUT_RDWR))
    assert ask(Wire(ours, clock=Clock())).peer is Peer.GONE
    ours.close()
    theirs.close()


def test_a_peer_that_was_gone_before_is_gone() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    assert ask(Wire(ours)).peer is Peer.GONE
    ours.close()


def test_a_peer_that_never_reads_a_large_request_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wires, "TICK_SECONDS", 0.001)
    clock = Clock()
    ours, theirs = socket.socketpair()
    large = np.zeros((2000, 64, 64), dtype=np.uint8)

    def tick() -> None:
        clock.now += 1

    wire = Wire(ours, clock=clock)
    reply = wire.ask(Kind.PREDICT, large, deadline_seconds=DEADLINE, shape=(2000, 10), tick=tick)
    assert reply.peer is Peer.LATE
    theirs.close()
    ours.close()


def test_the_deadline_runs_on_the_computers_clock() -> None:
    ours, theirs = socket.socketpair()
    assert ask(Wire(ours), deadline=0.05).peer is Peer.LATE
    theirs.close()
    ours.close()


def test_the_tick_is_called_while_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    reply, seconds = ask_silent(lambda to: b"", monkeypatch)
    assert reply.peer is Peer.LATE
    assert seconds == DEADLINE, "one tick a second"


# What a peer may make us hold.


def peak_of(act: Callable[[], Reply]) -> tuple[Reply, int]:
    tracemalloc.start()
    try:
        return act(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


CLAIMS: dict[str, tuple[str, Answer]] = {
    "256 MiB of numbers": (
        "call",
        lambda to: (
            frame([""], Kind.RESULT, to, flags=2)
            + header(to, Kind.VALUE, 2, (MAX_VALUE_BYTES,), MAX_VALUE_BYTES)
        ),
    ),
    "30 million texts": (
        "call",
        lambda to: (
            frame([""], Kind.RESULT, to, flags=2)
            + header(to, Kind.VALUE, 0, (30_000_000,), 8 * 30_000_001)
        ),
    ),
    "16 GiB of scores": (
        "predict",
        lambda to: header(to, shape=(1 << 16, 1 << 16), nbytes=1 << 34),
    ),
}


@pytest.mark.parametrize(("way", "answer"), CLAIMS.values(), ids=CLAIMS)
def test_a_size_that_is_only_claimed_reserves_next_to_nothing(way: str, answer: Answer) -> None:
    reply, peak = peak_of(lambda: ask_scripted(answer, way))
    assert reply.peer in (Peer.GONE, Peer.BROKE_PROTOCOL)
    assert peak < MEMORY_BYTES


WAYS = ("predict", "call", "train", "train with a trace")
EDGES = (0, 1, 2, 7, 8, 63, 64, 127, 128, 255)


def mutate(whole: bytes, draw: random.Random) -> bytes:
    """Return a valid reply with a few bytes changed, put in, taken out or cut off."""
    raw = bytearray(whole)
    for _ in range(draw.randint(1, 4)):
        place = draw.randrange(len(raw)) if raw else 0
        what = draw.randrange(6)
        if what <= 2 and raw:
            raw[place] = draw.choice(EDGES) if what else draw.randrange(256)
        elif what == 3:
            raw[place:place] = draw.randbytes(draw.choice((1, 8, 64)))
        elif what == 4:
            del raw[place : place + draw.choice((1, 8, 64))]
        else:
            del raw[place:]
    return bytes(raw)


def assert_a_value(way: str, answer: Answer) -> Reply:
    reply = ask_scripted(answer, way)
    assert isinstance(reply.peer, Peer)
    if reply.peer is Peer.ANSWERED and way == "predict":
        assert isinstance(reply.value, np.ndarray)
        assert (reply.value.dtype, reply.value.shape) == (np.float32, SHAPE)
    if reply.peer is Peer.ANSWERED and way == "call":
        assert len(reply.values) == 2
    assert reply.trace is None or reply.trace.shape == TRACE.shape
    assert len(reply.text) <= frames.MAX_ERROR_BYTES
    return reply


@settings(max_examples=FUZZ_EXAMPLES // 10, suppress_health_check=list(HealthCheck))
@given(way=st.sampled_from(WAYS), raw=st.binary(max_size=400), honest_start=st.booleans())
def test_random_bytes_always_end_as_a_value(way: str, raw: bytes, honest_start: bool) -> None:
    def answer(to: Header) -> bytes:
        start = (
            frames.MAGIC
            + raw[:8][:4]
            + to.seq.to_bytes(4, "little")
            + raw[8:16].ljust(8, b"\0")
            + to.nonce
        )
        return start + raw[16:] if honest_start else raw

    assert_a_value(way, answer)


@settings(max_examples=FUZZ_EXAMPLES // 10, suppress_health_check=list(HealthCheck))
@given(
    way=st.sampled_from(("predict", "call")),
    kind=st.sampled_from([int(kind) for kind in Kind]),
    dtype=st.integers(0, 14),
    shape=st.lists(st.sampled_from((0, 1, 2, 3, 10, 1 << 16, (1 << 32) - 1)), max_size=7),
    nbytes=st.one_of(st.none(), st.sampled_from((0, 1, 8, 160, 1 << 20, (1 << 64) - 1))),
    flags=st.integers(0, 255),
    body=st.binary(max_size=64),
)
def test_well_formed_headers_of_any_meaning_end_as_a_value(
    way: str, kind: int, dtype: int, shape: list[int], nbytes: int | None, flags: int, body: bytes
) -> None:
    size = frames.DTYPES[dtype].itemsize if dtype in frames.DTYPES else 8
    count = size * int(np.prod(np.array(shape, dtype=object))) if nbytes is None else nbytes

    def answer(to: Header) -> bytes:
        first = frame([""], Kind.RESULT, to, flags=2) if way == "call" else b""
        return first + header(to, kind, dtype, tuple(shape), count % (1 << 64), flags) + body

    assert_a_value(way, answer)


def fuzz(seed: int, examples: int) -> None:
    """Ask that many times and let mutated replies come back; the first surprise names the way to
    it.
    """
    draw = random.Random(seed)
    peers = dict.fromkeys(Peer, 0)
    for example in range(examples):
        way = draw.choice(WAYS)
        state = draw.getstate()
        try:
            reply = assert_a_value(way, lambda to, way=way: mutate(good(way)(to), draw))
        except Exception as error:
            draw.setstate(state)
            pytest.fail(f"seed {seed}, example {example}, {way}: {type(error).__name__}: {error}")
        peers[reply.peer] += 1
    assert all(peers[peer] for peer in (Peer.ANSWERED, Peer.BROKE_PROTOCOL, Peer.GONE)), peers


def test_mutated_replies_always_end_as_a_value() -> None:
    fuzz(seed=int.from_bytes(os.urandom(4), "little"), examples=FUZZ_EXAMPLES * 8 // 10)


@pytest.mark.nightly
def test_a_million_mutated_replies_always_end_as_a_value() -> None:
    fuzz(seed=int.from_bytes(os.urandom(4), "little"), examples=SLOW_EXAMPLES)


def test_mutated_replies_never_make_us_hold_much() -> None:
    draw = random.Random(1)
    for _ in range(500):
        way = draw.choice(WAYS)
        _, peak = peak_of(lambda way=way: ask_scripted(lambda to: mutate(good(way)(to), draw), way))
        assert peak < MEMORY_BYTES


# Texts from the box.

HOSTILE_TEXTS = {
    "\x1b[31mred\x1b[0m": "red",
    "\x1b]8;;http://example.org\x07link\x1b]8;;\x07": "link",
    "\x1b]0;title\x1b\\after": "after",
    "a\u202eb\u2066c\u200bd": "abcd",
    "one\r\ntwo\rthree": "one\ntwo\nthree",
    "bell\x07 and nul\x00": "bell and nul",
    "\x9b31mC1": "31mC1",
    "tab\tand\nline": "tab\tand\nline",
}


@pytest.mark.parametrize(("dirty", "plain"), HOSTILE_TEXTS.items(), ids=range(len(HOSTILE_TEXTS)))
def test_an_error_text_cannot_steer_a_terminal(dirty: str, plain: str) -> None:
    text = np.frombuffer(dirty.encode(), dtype=np.uint8)
    reply = ask_scripted(lambda to: frame(text, Kind.ERROR, to, flags=Trouble.RAISED))
    assert reply.text == plain


@given(st.text(max_size=100))
def test_no_text_from_the_box_holds_control_characters(text: str) -> None:
    def answer(to: Header) -> bytes:
        return frame([text, text], Kind.DONE, to)

    [(name, value)] = ask_scripted(answer, "train").reported.items()
    for character in name + value:
        code = ord(character)
        assert character in "\n\t" or (code >= 32 and not 0x7F <= code < 0xA0)
