"""The ways into a container: which is chosen, and how the relay treats whatever comes.

A socket stands in the engine's place (`Engine`); everything else is real.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.runner import frames
from grader.runner.frames import Kind
from grader.sandbox import transport
from grader.sandbox.transport import (
    ROOM_BYTES,
    SOCKET,
    STDIO,
    VARIABLE,
    Pieces,
    Relay,
    choose_transport,
)
from grader.sandbox.wire import Peer, Wire

pytestmark = pytest.mark.clock

SECONDS = 10.0
STDOUT = 1
STDERR = 2


def client(base_url: str = transport.HERE, product: str = "Docker Engine - Community") -> Any:
    api = SimpleNamespace(base_url=base_url, version=lambda: {"Platform": {"Name": product}})
    return SimpleNamespace(api=api)


# Which one.


@pytest.mark.parametrize(
    ("found", "runtime", "chosen"),
    [
        (client(), None, SOCKET),
        (client(product=""), None, SOCKET),
        (client(product="Docker Desktop 4.37.1 (178610)"), None, STDIO),
        (client("http://192.0.2.1:2375"), None, STDIO),
        (client("https://192.0.2.1:2376"), None, STDIO),
        (client("http+docker://ssh"), None, STDIO),
        (client(), "runsc", STDIO),
    ],
)
def test_the_place_of_the_engine_decides(
    monkeypatch: pytest.MonkeyPatch, found: Any, runtime: str | None, chosen: str
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(transport.sys, "platform", "linux")
    assert choose_transport(found, runtime) == chosen


def test_an_engine_without_a_platform_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(transport.sys, "platform", "linux")
    api = SimpleNamespace(base_url=transport.HERE, version=lambda: {})
    assert choose_transport(SimpleNamespace(api=api), None) == SOCKET


def test_no_socket_is_mounted_from_another_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(transport.sys, "platform", "darwin")
    assert choose_transport(client(), None) == STDIO


@pytest.mark.parametrize(("said", "chosen"), [("stdio", STDIO), (" Socket ", SOCKET)])
def test_the_variable_decides_first(
    monkeypatch: pytest.MonkeyPatch, said: str, chosen: str
) -> None:
    monkeypatch.setenv(VARIABLE, said)
    assert choose_transport(client("http://192.0.2.1:2375"), None) == chosen
    assert choose_transport(client(), None) == chosen


def test_another_word_is_refused_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "pipe")
    with pytest.raises(
        UsageError, match="GRADER_DOCKER_TRANSPORT is 'pipe'; expected socket or stdio"
    ):
        choose_transport(client(), None)


@pytest.mark.parametrize(
    ("base_url", "name", "place"),
    [
        (transport.HERE, "elsewhere", ""),
        ("http://192.0.2.1:2375", "elsewhere", "elsewhere"),
        ("http+docker://ssh", "", "unnamed"),
        ("http://127.0.0.1:2375", "mine", ""),
    ],
)
def test_an_engine_on_another_computer_is_named(
    monkeypatch: pytest.MonkeyPatch, base_url: str, name: str, place: str
) -> None:
    monkeypatch.setattr(transport.platform, "node", lambda: "mine")
    api = SimpleNamespace(base_url=base_url, info=lambda: {"Name": name})
    assert transport.place_of(SimpleNamespace(api=api)) == place


# The relay, with a socket in the engine's place.


class Engine:
    """The other end of a relay: what the engine and the box behind it do."""

    def __init__(self) -> None:
        ours, self.end = socket.socketpair()
        self.log = bytearray()
        self.relay = Relay(ours, self.log.extend)
        self.wire = self.relay.wire()
        self.end.settimeout(SECONDS)

    def say(self, stream: int, data: bytes) -> None:
        self.end.sendall(struct.pack(">BxxxL", stream, len(data)) + data)

    def hear(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self.end.recv(count - len(data))
            if not piece:
                break
            data += piece
        return data

    def close(self) -> None:
        self.wire.close()
        self.end.close()


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


def echo(
    engine: Engine, count: int, chop: Callable[[bytes], list[bytes]] = lambda data: [data]
) -> None:
    """Answer PREDICT requests of (n, 3) uint8 with as many float32, cut as `chop` says, for `count`
    requests.
    """
    for _ in range(count):
        header = frames.parse_header(bytearray(engine.hear(frames.HEADER_BYTES)))
        body = (
            np.frombuffer(engine.hear(header.nbytes), np.uint8)
            .astype(np.float32)
            .reshape(header.shape)
        )
        head, buffer = frames.frame_of(
            body, Kind.RESULT, flags=0, seq=header.seq, nonce=header.nonce
        )
        for piece in chop(head + bytes(buffer)):
            engine.say(STDOUT, piece)


def asked(wire: Wire, batch: np.ndarray) -> np.ndarray:
    reply = wire.ask(Kind.PREDICT, batch, deadline_seconds=SECONDS, shape=batch.shape)
    assert reply.peer is Peer.ANSWERED, reply
    assert reply.value is not None
    return reply.value


def in_thread(target: Callable[..., None], *arguments: Any) -> threading.Thread:
    thread = threading.Thread(target=target, args=arguments, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("size", [1, 7, 63, 10_000])
def test_an_answer_comes_whole_however_it_was_cut(engine: Engine, size: int) -> None:
    batch = np.arange(60, dtype=np.uint8).reshape(20, 3)
    pieces = lambda data: [data[start : start + size] for start in range(0, len(data), size)]  # noqa: E731
    in_thread(echo, engine, 2, pieces)
    for _ in range(2):
        np.testing.assert_array_equal(asked(engine.wire, batch), batch)


def test_what_is_large_goes_both_ways(engine: Engine) -> None:
    batch = np.arange(3 * 700_000, dtype=np.uint64).astype(np.uint8).reshape(-1, 3)
    in_thread(
        echo,
        engine,
        1,
        lambda data: [data[start : start + 32768] for start in range(0, len(data), 32768)],
    )
    np.testing.assert_array_equal(asked(engine.wire, batch), batch)


def test_standard_error_is_the_log_and_nothing_of_it_reaches_the_wire(engine: Engine) -> None:
    engine.say(STDERR, b"before ")
    engine.say(0, b"")
    engine.say(STDERR, b"between ")
    engine.say(3, b"the engine's own ")
    in_thread(echo, engine, 1)
    batch = np.zeros((2, 3), np.uint8)
    np.testing.assert_array_equal(asked(engine.wire, batch), batch)
    assert engine.log == b"before between the engine's own "


@given(
    st.lists(st.tuples(st.sampled_from([STDOUT, STDERR]), st.binary(max_size=300)), max_size=12),
    st.data(),
)
def test_pieces_are_told_apart_wherever_the_stream_is_broken(
    pieces: list[tuple[int, bytes]], data: Any
) -> None:
    stream = b"".join(struct.pack(">BxxxL", number, len(body)) + body for number, body in pieces)
    log = bytearray()
    taken = Pieces(log.extend)
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        taken.add(stream[:size])
        stream = stream[size:]
    assert taken.wire == b"".join(body for number, body in pieces if number == STDOUT)
    assert log == b"".join(body for number, body in pieces if number == STDERR)


def test_a_flood_on_the_wire_is_left_in_the_box(engine: Engine) -> None:
    """Nobody asked: the relay takes what there is room for and no more, however much is sent."""
    engine.end.settimeout(0.2)  # nothing was taken for so long: nothing is taken any more
    sent = 0
    taken = 1
    piece = struct.pack(">BxxxL", STDOUT, 1 << 16) + bytes(1 << 16)
    while taken and sent < 64 << 20:
        taken = 0
        with contextlib.suppress(TimeoutError):
            taken = engine.end.send(piece)
        sent += taken
    assert max(engine.relay.held_bytes) <= ROOM_BYTES
    assert sent < 4 << 20  # what two socket pairs and the relay hold
    reply = engine.wire.ask(Kind.SETTLE, ["{}"], deadline_seconds=SECONDS)
    assert reply.peer is Peer.BROKE_PROTOCOL
    assert "before they were asked for" in reply.text


def test_a_box_that_takes_nothing_is_late_and_holds_nothing_up(engine: Engine) -> None:
    began = time.monotonic()
    batch = np.zeros((8 << 20, 1), np.uint8)
    reply = engine.wire.ask(Kind.PREDICT, batch, deadline_seconds=0.2, shape=(8 << 20, 1))
    assert reply.peer is Peer.LATE
    assert max(engine.relay.held_bytes) <= ROOM_BYTES
    engine.close()
    assert time.monotonic() - began < SECONDS
    assert not engine.relay.is_running


def test_an_answer_given_before_the_end_is_still_taken(engine: Engine) -> None:
    batch = np.zeros((100_000, 3), np.uint8)

    def answer_and_go() -> None:
        echo(engine, 1)
        engine.end.close()

    in_thread(answer_and_go)
    np.testing.assert_array_equal(asked(engine.wire, batch), batch)
    assert engine.wire.ask(Kind.SETTLE, ["{}"], deadline_seconds=SECONDS).peer is Peer.GONE


def test_a_box_that_ends_while_it_is_asked_is_gone(engine: Engine) -> None:
    in_thread(lambda: (engine.hear(10), engine.end.close()))
    batch = np.zeros((4 << 20, 1), np.uint8)
    reply = engine.wire.ask(Kind.PREDICT, batch, deadline_seconds=SECONDS, shape=(4 << 20, 1))
    assert reply.peer is Peer.GONE


def test_closing_the_wire_closes_the_boxs_standard_input(engine: Engine) -> None:
    engine.wire.close()
    assert engine.hear(1) == b""
    engine.wire.close()


def test_nothing_is_looked_for_without_sleeping(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The relay needs the core and the interpreter that a spinning wire would keep to itself."""
    waits = threading.Event()
    wait = Wire._wait
    spun: list[object] = []

    def tell_and_wait(wire: Wire, poll: Any) -> None:
        waits.set()
        wait(wire, poll)

    def answer_when_waited_for() -> None:
        waits.wait(SECONDS)
        echo(engine, 1)

    monkeypatch.setattr(Wire, "_wait", tell_and_wait)
    monkeypatch.setattr(Wire, "_spin", lambda wire, poll: bool(spun.append(poll)))
    engine.wire.spin_seconds = 5.0
    in_thread(answer_when_waited_for)
    asked(engine.wire, np.zeros((2, 3), np.uint8))
    assert spun == []
    assert engine.wire.spin_seconds == 0.0
