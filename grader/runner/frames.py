"""The one definition of the wire format. Both ends import it; neither trusts the other for it.

A message is one head frame and up to 16 further frames. A frame is a 64-byte little-endian header
and a raw C-order buffer:

    offset  bytes  field
    0       4      magic  b"DLG1"
    4       1      kind   what this frame is (Kind)
    5       1      dtype  code from DTYPES, a closed list; 0 is text
    6       1      ndim   0 to 7
    7       1      flags  head frame: how many frames follow; VALUE: SCALAR for a Python number;
                          ERROR: a Trouble; DONE: HAS_TRACE if a training trace follows
    8       4      seq    which request this belongs to
    12      8      nbytes size of the buffer
    20      16     nonce  drawn afresh by the host for each request and echoed
    36      28     shape  seven unsigned 32-bit numbers, zero where unused

Texts travel as n+1 offsets (uint64) followed by the UTF-8 bytes they cut; the shape is (n,).

The header is fixed so that the host can refuse a frame before it allocates anything: every field
has a closed range, and the byte count must follow from shape and dtype. Nothing here parses a
format that could run code or grow: no pickle, JSON, npy or YAML on bytes from a box.
"""

from __future__ import annotations

import itertools
import math
import socket
import struct
import time
from enum import IntEnum
from typing import BinaryIO, NamedTuple

import numpy as np

MAGIC = b"DLG1"
HEADER = struct.Struct("<4sBBBBIQ16s7I")
HEADER_BYTES = HEADER.size
MAX_FRAMES = 16
MAX_DIMENSIONS = 7
MAX_EMPTY_SIDE = 1 << 16
MAX_ERROR_BYTES = 4096
NONCE_BYTES = 16
SCALAR = 1
HAS_TRACE = 1

# A training trace is one VALUE frame, float64 (TRACE_NUMBERS,), whatever was seen: a number for
# each of these names, NaN where it is not known, then `kept` losses in their order, then zeros.
MOST_LOSSES = 4096
TRACE_NAMES = (
    "source",  # a LossSource
    "noted",  # how many losses there were
    "every",  # of them each one whose place is a multiple of this is kept, and the last
    "kept",
    "steps",  # of optimizers
    "backwards",  # gradients asked for
    "held",  # share of the model's parameter tensors that an optimizer was given
    "moved",  # share of those of them seen before training that it changed
    "reached",  # share of those held that got a gradient other than 0
    "frozen",  # share of those that are not to be trained, and never moved
    "listed",  # parameter tensors of layers that lie in plain lists of the model
    "lag",  # share that batch norm's statistics still have of where they began
    "cross_entropy",  # 1 where the first loss was a cross-entropy of scores, 0 where not
)
TRACE_NUMBERS = len(TRACE_NAMES) + MOST_LOSSES

TEXT_CODE = 0
DTYPE_NAMES = (
    "bool",
    "uint8",
    "int8",
    "uint16",
    "int16",
    "uint32",
    "int32",
    "uint64",
    "int64",
    "float16",
    "float32",
    "float64",
)
DTYPES: dict[int, np.dtype] = {
    code: np.dtype(name) for code, name in enumerate(DTYPE_NAMES, start=1)
}
CODES = {dtype: code for code, dtype in DTYPES.items()}


class Kind(IntEnum):
    """What a frame is. Below 100: host to runner. From 100: runner to host."""

    HELLO = 1  # settings, as JSON text
    LOAD = 2  # import the submission, JSON text says how
    TRAIN = 3  # JSON text, then inputs and labels
    PREDICT = 4  # one batch: the array itself, or texts; tokens for a language model
    CALL = 5  # JSON text names a function, then its arguments
    SETTLE = 6  # before the timed phase: threads to use, collect garbage
    END = 7
    SAMPLE = 8  # int64 [count, seed]: make this many pictures
    CONTINUE = 9  # int64 [count, *prompt]: write this many tokens after the prompt
    VALUE = 50  # a further frame of a message, either way
    # Texts, names and values in turn: what the runner reports of itself; shown, never scored.
    DONE = 100
    # The array asked for, in exactly the form the host expects, or the head of several VALUE
    # frames.
    RESULT = 101
    ERROR = 102  # at most 4 KiB of text for display; flags is a Trouble


class Trouble(IntEnum):
    """Why a runner sent ERROR. It names the message; it can only lose points, never win any."""

    RAISED = 1  # the submission's code raised
    NOT_IMPORTABLE = 2  # it could not be imported
    NOT_DEFINED = 3  # what the task asks for is not there
    NOT_ATTEMPTED = 4  # NotImplementedError
    WRONG_TYPE = 5  # it returned something that cannot travel as numbers or text
    OUT_OF_MEMORY = 6  # MemoryError, or a framework's own
    BAD_REQUEST = 7  # the host asked for something that this runner cannot do
    TIME_UP = 8  # the time to train was over, and there was no model to take as it stands


class LossSource(IntEnum):
    """Where the losses of a training trace come from."""

    GRADIENTS = 0  # each one that a gradient was asked of, or of a batch of Keras' fit
    EPOCHS = 1  # of Keras' fit, one an epoch, where it told none of its batches
    LOGGED = 2  # given by the learner: `data.log(loss=...)`


class Header(NamedTuple):
    """One parsed header. Parsing checks form only; what it means is for the caller to judge."""

    kind: int
    dtype: int
    ndim: int
    flags: int
    seq: int
    nbytes: int
    nonce: bytes
    shape: tuple[int, ...]


class FrameError(ValueError):
    """A header that no honest peer sends."""


def pack_header(
    kind: int,
    dtype: int,
    shape: tuple[int, ...],
    nbytes: int,
    *,
    flags: int,
    seq: int,
    nonce: bytes,
) -> bytes:
    """Return the 64 header bytes for a frame of the given dtype code and shape."""
    if len(shape) > MAX_DIMENSIONS:
        raise FrameError(f"{len(shape)} dimensions; at most {MAX_DIMENSIONS} can be sent")
    unused = [0] * (MAX_DIMENSIONS - len(shape))
    return HEADER.pack(MAGIC, kind, dtype, len(shape), flags, seq, nbytes, nonce, *shape, *unused)


def parse_header(raw: bytes | bytearray | memoryview) -> Header:
    """Parse 64 bytes into a Header, or raise FrameError. Allocates nothing the peer chose."""
    magic, kind, dtype, ndim, flags, seq, nbytes, nonce, *sides = HEADER.unpack(raw)
    if magic != MAGIC:
        raise FrameError("bytes that are not a frame")
    if ndim > MAX_DIMENSIONS or any(sides[ndim:]):
        raise FrameError(f"a frame of {ndim} dimensions with shape {sides}")
    shape = tuple(sides[:ndim])
    if dtype == TEXT_CODE:
        check_text(shape, nbytes)
    elif dtype in DTYPES:
        check_array(shape, nbytes, DTYPES[dtype])
    else:
        raise FrameError(f"dtype code {dtype}, which is not in the list")
    return Header(kind, dtype, ndim, flags, seq, nbytes, nonce, shape)


def check_text(shape: tuple[int, ...], nbytes: int) -> None:
    """Raise FrameError if texts of this shape cannot have this many bytes."""
    if len(shape) != 1 or nbytes < 8 * (shape[0] + 1):
        raise FrameError("a text frame without room for its offsets")


def check_array(shape: tuple[int, ...], nbytes: int, dtype: np.dtype) -> None:
    """Raise FrameError if an array of this shape and dtype has not this many bytes."""
    count = math.prod(shape)  # whole numbers of Python: no overflow
    if count == 0 and max(shape) > MAX_EMPTY_SIDE:
        raise FrameError(f"an empty array of shape {shape}")
    if count * dtype.itemsize != nbytes:
        raise FrameError(f"{nbytes} bytes for shape {shape} of {dtype}")


def encode_texts(texts: list[str]) -> bytes:
    """Return offsets and UTF-8 bytes of the texts as one buffer."""
    raw = [text.encode("utf-8", "surrogatepass") for text in texts]
    offsets = np.zeros(len(raw) + 1, dtype="<u8")
    if raw:
        np.cumsum([len(item) for item in raw], out=offsets[1:])
    return offsets.tobytes() + b"".join(raw)


def decode_texts(count: int, buffer: bytes | bytearray | memoryview) -> list[str]:
    """Cut a text buffer into its texts, or raise FrameError.

    Bytes that are not UTF-8 become U+FFFD.
    """
    view = memoryview(buffer)
    offsets = np.frombuffer(view[: 8 * (count + 1)], dtype="<u8")
    body = view[8 * (count + 1) :]
    steps_back = count > 0 and bool(np.any(offsets[1:] < offsets[:-1]))
    if offsets[0] != 0 or int(offsets[-1]) != len(body) or steps_back:
        raise FrameError("text offsets that do not fit their buffer")
    cuts = itertools.pairwise(offsets.tolist())
    return [bytes(body[start:end]).decode("utf-8", "replace") for start, end in cuts]


def frame_of(
    value: np.ndarray | list[str], kind: int, *, flags: int, seq: int, nonce: bytes
) -> tuple[bytes, bytes | memoryview]:
    """Return header and buffer of one value: an array of a listed dtype, or a list of texts."""
    if isinstance(value, list):
        texts = encode_texts(value)
        header = pack_header(
            kind, TEXT_CODE, (len(value),), len(texts), flags=flags, seq=seq, nonce=nonce
        )
        return header, texts
    array = np.ascontiguousarray(value) if value.ndim else value
    header = pack_header(
        kind, CODES[array.dtype], array.shape, array.nbytes, flags=flags, seq=seq, nonce=nonce
    )
    if array.nbytes == 0 or array.ndim == 0:
        return header, array.tobytes()
    return header, array.data.cast("B")


def await_bytes(sock: socket.socket, seconds: float) -> None:
    """Look for bytes again and again for this long at most, without sleeping.

    The caller then blocks if it must. Waking a sleeping process on another core takes 50 to 100 us,
    three times as long as a round trip between two that are awake (docs/measure/measuring.md).
    """
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        try:
            if sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) is not None:
                return
        except BlockingIOError:
            continue


def read_exactly(stream: BinaryIO, buffer: memoryview) -> None:
    """Fill the buffer from a blocking stream, at the runner's end; EOFError if the peer is gone."""
    while buffer:
        count = stream.readinto(buffer)  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        buffer = buffer[count:]
