"""The wire format: what goes in comes out, and a header that no honest peer sends is refused."""

from __future__ import annotations

import socket
import threading

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.runner import frames
from grader.runner.frames import FrameError, Kind
from grader.runner.main import Conversation
from grader.sandbox.box import Value
from grader.sandbox.wire import Peer, Wire

NONCE = bytes(range(16))
DTYPES = [frames.DTYPES[code] for code in sorted(frames.DTYPES)]
ANY_ARRAY = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays.arrays(
        dtype, arrays.array_shapes(min_dims=0, max_dims=7, min_side=0, max_side=4)
    )
)
TEXTS = st.lists(st.text(max_size=20), max_size=8)


def there_and_back(value: np.ndarray | list[str]) -> np.ndarray | list[str]:
    head, body = frames.frame_of(value, Kind.VALUE, flags=0, seq=7, nonce=NONCE)
    header = frames.parse_header(head)
    assert (header.kind, header.seq, header.nonce, header.nbytes) == (
        Kind.VALUE,
        7,
        NONCE,
        len(body),
    )
    if header.dtype == frames.TEXT_CODE:
        return frames.decode_texts(header.shape[0], body)
    return np.frombuffer(bytes(body), dtype=frames.DTYPES[header.dtype]).reshape(header.shape)


@given(ANY_ARRAY)
def test_every_array_comes_back_as_it_was(array: np.ndarray) -> None:
    back = there_and_back(array)
    assert isinstance(back, np.ndarray)
    assert (back.dtype, back.shape, back.tobytes()) == (array.dtype, array.shape, array.tobytes())


@given(TEXTS)
def test_texts_come_back_as_they_were(texts: list[str]) -> None:
    assert there_and_back(texts) == texts


@pytest.mark.parametrize("view", [np.s_[::2], np.s_[::-1], np.s_[:, ::3]])
def test_a_view_with_gaps_travels_in_c_order(view: object) -> None:
    base = np.arange(48, dtype=np.int32).reshape(6, 8)
    for array in (base[view], np.asfortranarray(base)[view]):
        np.testing.assert_array_equal(there_and_back(array), array)


def test_an_array_of_eight_dimensions_does_not_travel() -> None:
    with pytest.raises(FrameError, match="8 dimensions"):
        frames.frame_of(np.zeros((1,) * 8), Kind.VALUE, flags=0, seq=1, nonce=NONCE)


def test_the_header_has_64_bytes_and_the_documented_places() -> None:
    head = frames.pack_header(Kind.RESULT, 11, (2, 3), 24, flags=5, seq=9, nonce=NONCE)
    assert len(head) == frames.HEADER_BYTES == 64
    assert head[:4] == b"DLG1"
    assert (head[4], head[5], head[6], head[7]) == (101, 11, 2, 5)
    assert int.from_bytes(head[8:12], "little") == 9
    assert int.from_bytes(head[12:20], "little") == 24
    assert head[20:36] == NONCE
    assert [int.from_bytes(head[i : i + 4], "little") for i in (36, 40, 44)] == [2, 3, 0]


BAD_HEADERS = {
    "wrong magic": b"XXXX" + bytes(60),
    "eight dimensions": frames.HEADER.pack(b"DLG1", 50, 11, 8, 0, 1, 4, NONCE, *(1,) * 7),
    "sides behind the last": frames.HEADER.pack(
        b"DLG1", 50, 11, 1, 0, 1, 4, NONCE, 1, 1, 0, 0, 0, 0, 0
    ),
    "unknown dtype": frames.HEADER.pack(b"DLG1", 50, 13, 1, 0, 1, 8, NONCE, 1, 0, 0, 0, 0, 0, 0),
    "more bytes than the shape": frames.HEADER.pack(
        b"DLG1", 50, 11, 1, 0, 1, 8, NONCE, 1, 0, 0, 0, 0, 0, 0
    ),
    "fewer bytes than the shape": frames.HEADER.pack(
        b"DLG1", 50, 11, 2, 0, 1, 8, NONCE, 9, 9, 0, 0, 0, 0, 0
    ),
    "a product that wraps at 64 bits": frames.HEADER.pack(
        b"DLG1", 50, 12, 4, 0, 1, 0, NONCE, 1 << 31, 1 << 31, 1 << 2, 1, 0, 0, 0
    ),
    "an empty array with a huge side": frames.HEADER.pack(
        b"DLG1", 50, 11, 2, 0, 1, 0, NONCE, 0, (1 << 32) - 1, 0, 0, 0, 0, 0
    ),
    "texts of no dimension": frames.HEADER.pack(b"DLG1", 50, 0, 0, 0, 1, 8, NONCE, *(0,) * 7),
    "texts without room for offsets": frames.HEADER.pack(
        b"DLG1", 50, 0, 1, 0, 1, 8, NONCE, 5, 0, 0, 0, 0, 0, 0
    ),
}


@pytest.mark.parametrize("raw", BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_a_header_that_no_honest_peer_sends_is_refused(raw: bytes) -> None:
    with pytest.raises(FrameError):
        frames.parse_header(raw)


@given(st.binary(min_size=64, max_size=64))
def test_any_64_bytes_parse_or_are_refused(raw: bytes) -> None:
    for candidate in (raw, b"DLG1" + raw[4:]):
        try:
            header = frames.parse_header(candidate)
        except FrameError:
            continue
        assert len(header.shape) == header.ndim <= frames.MAX_DIMENSIONS


@pytest.mark.parametrize(
    "offsets",
    [(0, 5), (1, 3), (0, 2, 1, 3), (0, 1 << 63, 3), (3, 0, 3), (0, 0, 2)],
    ids=lambda item: str(item),
)
def test_offsets_that_do_not_cut_their_buffer_are_refused(offsets: tuple[int, ...]) -> None:
    buffer = np.array(offsets, dtype="<u8").tobytes() + b"abc"
    with pytest.raises(FrameError):
        frames.decode_texts(len(offsets) - 1, buffer)


def test_bytes_that_are_not_utf8_become_replacement_characters() -> None:
    buffer = np.array([0, 3], dtype="<u8").tobytes() + b"a\xff\xfe"
    assert frames.decode_texts(1, buffer) == ["a\ufffd\ufffd"]


def echo(sock: socket.socket) -> None:
    """The runner's own end of the wire, which gives back the arguments of each call."""
    talk = Conversation(sock)
    try:
        while True:
            header, _ = talk.receive()
            values = talk.receive_values(header.flags)
            talk.send([""], Kind.RESULT, flags=len(values))
            for value in values:
                item = Value.of(value)
                talk.send(item.content, Kind.VALUE, flags=frames.SCALAR if item.scalar else 0)
    except (EOFError, OSError):
        sock.close()


@pytest.fixture
def echoing() -> Wire:
    ours, theirs = socket.socketpair()
    threading.Thread(target=echo, args=(theirs,), daemon=True).start()
    wire = Wire(ours)
    yield wire
    wire.close()


@given(values=st.lists(st.one_of(ANY_ARRAY, TEXTS.filter(bool)), max_size=4))
def test_arguments_reach_the_runner_and_come_back(
    echoing: Wire, values: list[np.ndarray | list[str]]
) -> None:
    reply = echoing.ask(
        Kind.CALL, ["{}"], [(value, 0) for value in values], deadline_seconds=10, count=len(values)
    )
    assert reply.peer is Peer.ANSWERED, reply.text
    for sent, (back, scalar) in zip(values, reply.values, strict=True):
        assert not scalar
        if isinstance(sent, list):
            assert back == sent
        else:
            assert isinstance(back, np.ndarray)
            assert (back.dtype, back.shape, back.tobytes()) == (
                sent.dtype,
                sent.shape,
                sent.tobytes(),
            )


@pytest.mark.parametrize(
    "value", [True, False, 0, -3, 2**62, 0.5, float("inf"), "", "text \u00e9 \U0001f600"]
)
def test_a_python_scalar_arrives_as_one_and_comes_back_as_one(echoing: Wire, value: object) -> None:
    item = Value.of(value)
    reply = echoing.ask(
        Kind.CALL, ["{}"], [(item.content, frames.SCALAR)], deadline_seconds=10, count=1
    )
    [(content, scalar)] = reply.values
    assert scalar
    assert (content[0] if isinstance(content, list) else content.item()) == value


def test_a_large_array_survives_the_small_buffers_of_a_socket(echoing: Wire) -> None:
    array = np.random.default_rng(0).normal(size=(1000, 1500))
    reply = echoing.ask(Kind.CALL, ["{}"], [(array, 0)], deadline_seconds=30, count=1)
    np.testing.assert_array_equal(reply.values[0][0], array)
