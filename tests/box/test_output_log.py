"""What a submission prints: the beginning and the end are kept, the rest is counted, all of it is
cleaned.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox.output_log import (
    BYTES_A_SECOND,
    FREE_BYTES,
    FREE_PIECES,
    HEAD_BYTES,
    LATE_SECONDS,
    QUIET_SECONDS,
    SECONDS_A_PIECE,
    TAIL_BYTES,
    OutputLog,
)

PIECES = st.lists(st.integers(0, 3 * TAIL_BYTES), max_size=8)


def printed(*pieces: bytes) -> OutputLog:
    log = OutputLog()
    for piece in pieces:
        log.add(piece)
    return log


def test_a_short_output_is_kept_whole() -> None:
    assert printed(b"epoch 1\n", b"epoch 2\n").text() == "epoch 1\nepoch 2\n"


def test_of_a_long_output_the_beginning_and_the_end_are_kept() -> None:
    log = printed(b"first line\n", *[b"x" * 1000 for _ in range(1000)], b"\nlast line\n")
    text = log.text()
    assert text.startswith("first line\n")
    assert text.endswith("\nlast line\n")
    assert "bytes not kept" in text
    assert len(text) < HEAD_BYTES + 2 * TAIL_BYTES


@given(PIECES)
def test_what_is_kept_and_what_is_counted_add_up(sizes: list[int]) -> None:
    text = printed(*[b"y" * size for size in sizes]).text()
    kept = text.count("y") - (1 if "bytes" in text else 0)
    told = text.partition("[... ")[2].partition(" ")[0]
    assert kept + int(told or 0) == sum(sizes)
    assert kept >= min(sum(sizes), HEAD_BYTES + TAIL_BYTES)
    assert kept < HEAD_BYTES + 2 * TAIL_BYTES


def test_a_flood_is_read_slowly_and_what_people_print_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    log = printed(*[b"x" * 1000] * (FREE_BYTES // 1000))
    assert slept == []
    for closed in (False, True):
        slept.clear()
        for _ in range(100):
            log.add(b"y" * 65536)
        assert sum(slept) == pytest.approx(100 * 65536 / BYTES_A_SECOND), closed
        log.close()


def test_a_flood_of_small_pieces_is_read_slowly_however_few_bytes_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    log = printed(*[b"."] * FREE_PIECES)
    assert slept == []
    log.add(b".")
    log.add(b"x" * 65536)
    assert slept == [SECONDS_A_PIECE, SECONDS_A_PIECE]


def test_after_close_nothing_is_kept() -> None:
    log = printed(b"seen\n")
    log.close()
    log.add(b"hidden input 7\n")
    assert log.text() == "seen\n"


def test_the_last_line_is_the_newest_that_is_not_empty() -> None:
    assert printed(b"one\ntwo\n\n  \n").last_line() == "two"
    assert printed().last_line() == ""
    assert printed(b"\rloss 0.5\rloss 0.4\r").last_line() == "loss 0.4"


def test_bytes_that_steer_a_terminal_or_are_no_text_do_no_harm() -> None:
    assert printed(b"\x1b[2Jgone\xff\xfe\x07").text() == "gone\ufffd\ufffd"


def test_a_stream_is_read_to_its_end() -> None:
    log = OutputLog()
    reading, writing = os.pipe()
    log.follow(os.fdopen(reading, "rb"))
    os.write(writing, b"hello\n")
    os.close(writing)
    log.stop()
    assert log.text() == "hello\n"


def test_what_was_printed_before_close_is_kept_however_slow_the_reader_is() -> None:
    for _ in range(200):
        log = OutputLog()
        reading, writing = os.pipe()
        log.follow(os.fdopen(reading, "rb"))
        os.write(writing, b"the last words\n")
        log.close()
        os.write(writing, b"hidden input 7\n")
        os.close(writing)
        log.stop()
        assert log.text() == "the last words\n"


def test_close_does_not_wait_for_what_goes_on_printing() -> None:
    log = OutputLog()
    reading, writing = os.pipe()
    log.follow(os.fdopen(reading, "rb"))
    goes_on = threading.Event()

    def flood() -> None:
        while not goes_on.is_set():
            os.write(writing, b"x" * 4096)

    writer = threading.Thread(target=flood)
    writer.start()
    log.close()
    kept = log.text()
    goes_on.set()
    writer.join()
    os.close(writing)
    log.stop()
    assert log.text() == kept


def test_pieces_that_an_engine_brings_a_little_later_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = OutputLog()
    slept = threading.Event()
    came = threading.Event()

    def pieces() -> Iterator[bytes]:
        yield b"the last"
        slept.wait()
        yield b" words\n"
        came.set()

    def sleep(seconds: float) -> None:
        assert seconds == QUIET_SECONDS
        slept.set()
        came.wait()

    monkeypatch.setattr(time, "sleep", sleep)
    log.follow_pieces(pieces())
    log.close()
    assert log.text() == "the last words\n"


def test_close_ends_however_small_the_pieces_are_that_go_on_coming(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    reading, writing = os.pipe()

    def held_up(seconds: float) -> None:
        now[0] += seconds
        os.write(writing, b".")

    monkeypatch.setattr(time, "sleep", held_up)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    log = printed(*[b"."] * FREE_PIECES)
    os.set_blocking(reading, False)
    os.write(writing, b".")
    with os.fdopen(reading, "rb") as stream:
        log._stream = stream
        log.close()
    os.close(writing)
    assert now[0] < 2 * LATE_SECONDS
