"""Whatever a submission is made of, little comes along into a box: 20,000 bytes that nobody can
compress, hidden in every way we know of, are refused or never enter.
"""

from __future__ import annotations

import base64
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from grader.course.curriculum import find_task
from grader.errors import SubmissionRefused
from grader.intake.submission import open_submission
from grader.records import Code

PAYLOAD = np.random.default_rng(14).bytes(20_000)
BITS = np.unpackbits(np.frombuffer(PAYLOAD, np.uint8))
NUMBERS = np.frombuffer(PAYLOAD, np.int16)
AT = range(len(PAYLOAD))
LETTERS = [f"{chr(97 + byte // 16)}{chr(97 + byte % 16)}" for byte in PAYLOAD]
TRAIN = "\n\ndef train(data):\n    return lambda batch: batch.sum(axis=(1, 2)) % 10\n"
LITTLE = 1024  # bytes after compression: what such a program has without the payload


def cjk() -> str:
    """Return 15 bits in each Chinese character."""
    padded = np.append(BITS, np.zeros(-len(BITS) % 15, np.uint8)).reshape(-1, 15)
    return "".join(chr(0x4E00 + code % 20_000) for code in padded @ (1 << np.arange(15)))


def spaced(bits: np.ndarray) -> str:
    """Return code whose spaces carry a bit each."""
    gaps = [" " * (1 + int(bit)) for bit in bits]
    lines = [
        "x =" + "".join(f"{gap}+{gap}1" for gap in gaps[at : at + 60])
        for at in range(0, len(gaps), 60)
    ]
    return "\n".join(lines)


def signs(bits: np.ndarray) -> str:
    rows = ["".join("+-"[bit] for bit in bits[at : at + 50]) for at in range(0, len(bits), 50)]
    return "\n".join(f"x = {row}1" for row in rows)


def trailing(bits: np.ndarray) -> str:
    fours = bits.reshape(-1, 4) @ (1 << np.arange(4))
    return "\n".join("pass" + " " * int(value) for value in fours)


IN_CODE: dict[str, Callable[[], str]] = {
    "base 85": lambda: f"W = {base64.b85encode(PAYLOAD).decode()!r}",
    "base 64, as bytes": lambda: f"W = {base64.b64encode(PAYLOAD)!r}",
    "bytes with escapes": lambda: f"W = {PAYLOAD!r}",
    "one large number": lambda: f"W = {int.from_bytes(PAYLOAD, 'little'):#x}",
    "a list of floats": lambda: f"W = {[float(each) / 32768 for each in NUMBERS]}",
    "nested tuples": lambda: f"W = {tuple(map(tuple, NUMBERS.reshape(-1, 5).tolist()))}",
    "a dictionary": lambda: f"W = {dict(enumerate(NUMBERS.tolist()))}",
    "many small ones": lambda: "\n".join(f"x{n} = {v}" for n, v in enumerate(NUMBERS.tolist())),
    "joined texts": lambda: "W = " + " + ".join(f"'{PAYLOAD[n : n + 9].hex()}'" for n in AT[::9]),
    "an f-string": lambda: f"K = 1\nW = f'{PAYLOAD.hex()}{{K}}'",
    "Chinese characters": lambda: f"W = '{cjk()}'",
    "nothing to see": lambda: "W = '" + "".join("\u200b\u200c"[bit] for bit in BITS) + "'",
    "tabs and spaces in a text": lambda: "W = '" + "".join(" \t"[bit] for bit in BITS) + "'",
    "words": lambda: "W = '" + " ".join(LETTERS) + "'",
    "names": lambda: "\n".join(f"a{PAYLOAD[n : n + 12].hex()} = 0" for n in AT[::12]),
    "the order of statements": lambda: "a = b = 0\n" + "\n".join("ab"[bit] for bit in BITS),
    "signs": lambda: signs(BITS),
    "spaces between the code": lambda: spaced(BITS),
    "spaces behind the code": lambda: trailing(BITS),
    "a comment": lambda: f"# {base64.b85encode(PAYLOAD).decode()}",
    "a text for itself": lambda: f"x = 1\n'{PAYLOAD.hex()}'\n",
    "a docstring": lambda: f"def w():\n    '''{PAYLOAD.hex()}'''\n",
    "a docstring that is read": lambda: f"def w():\n    '''{PAYLOAD.hex()}'''\nW = w.__doc__\n",
    "a comment of type": lambda: "\n".join(f"# type: {PAYLOAD[n : n + 9].hex()}" for n in AT[::9]),
}  # fmt: skip


def array_file(path: Path) -> None:
    np.save(path, NUMBERS)


FILES: dict[str, Callable[[Path], object]] = {
    "weights.txt": lambda path: path.write_bytes(base64.b85encode(PAYLOAD)),
    "weights.npy": array_file,
    "weights.json": lambda path: path.write_text(json.dumps(NUMBERS.tolist())),
    "weights.so": lambda path: path.write_bytes(PAYLOAD),
    "no_code.py": lambda path: path.write_text("$?".join(PAYLOAD.hex()[::2])),
    "not_python.py": lambda path: path.write_text(f"x = (\n# {PAYLOAD.hex()}\n"),
    "picture.png": lambda path: path.write_bytes(PAYLOAD),
    "README.md": lambda path: path.write_text(PAYLOAD.hex()),
    "requirements.txt": lambda path: path.write_text(PAYLOAD.hex()),
    "other.ipynb": lambda path: path.write_text(PAYLOAD.hex()),
}


def enters(here: Path, into: Path) -> int:
    """Return how many bytes a box is given, names included, after compression; 0 if refused."""
    try:
        submission, _ = open_submission(here, into, task_id="digits", author="Ada")
    except SubmissionRefused as refused:
        code = refused.code
        submission = None
    if submission is None:
        assert code == Code.BROUGHT_ALONG
        return 0
    box = submission.box_folder
    assert box != submission.folder
    files = [path for path in sorted(box.rglob("*")) if path.is_file()]
    content = b"".join(path.name.encode() + path.read_bytes() for path in files)
    return len(lzma.compress(content))


@pytest.mark.parametrize("way", IN_CODE)
def test_nothing_comes_along_in_code(way: str, tmp_path: Path) -> None:
    here = tmp_path / "handed-in"
    here.mkdir()
    (here / "solution.py").write_text(IN_CODE[way]() + TRAIN, "utf-8")
    assert enters(here, tmp_path / "grader") < LITTLE


@pytest.mark.parametrize("name", FILES)
def test_nothing_comes_along_in_a_file_beside_it(name: str, tmp_path: Path) -> None:
    here = tmp_path / "handed-in"
    here.mkdir()
    (here / "solution.py").write_text(TRAIN)
    FILES[name](here / name)
    assert enters(here, tmp_path / "grader") < LITTLE


def test_nothing_comes_along_in_the_names_of_files(tmp_path: Path) -> None:
    here = tmp_path / "handed-in"
    here.mkdir()
    (here / "solution.py").write_text(TRAIN)
    for at in range(0, 20_000, 50):
        (here / f"{PAYLOAD[at : at + 50].hex()}.txt").touch()
    assert enters(here, tmp_path / "grader") < LITTLE


def test_nothing_comes_along_in_a_notebook_or_the_settings(tmp_path: Path) -> None:
    here = tmp_path / "handed-in"
    here.mkdir()
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": PAYLOAD.hex()}}
    cell = {"cell_type": "code", "metadata": {}, "source": TRAIN, "outputs": [picture]}
    prose = {"cell_type": "markdown", "metadata": {}, "source": PAYLOAD.hex()}
    cells = [cell | {"execution_count": None}, prose]
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    (here / "solution.ipynb").write_text(json.dumps(notebook))
    (here / "submission.toml").write_text(f'name = "{PAYLOAD[:12_000].hex()}"')
    entered = enters(here, tmp_path / "grader")
    assert 0 < entered < LITTLE


def test_the_message_names_the_place_and_what_is_taken(tmp_path: Path) -> None:
    here = tmp_path / "handed-in"
    here.mkdir()
    weights = f"\n\nX = 1\nWEIGHTS = {base64.b85encode(PAYLOAD).decode()!r}\n"
    (here / "solution.py").write_text(weights + TRAIN)
    with pytest.raises(SubmissionRefused) as caught:
        open_submission(here, tmp_path / "grader", task_id="digits", author="Ada")
    said = str(caught.value)
    assert "solution.py, line 4 (2" in said
    assert "takes 3 KiB" in said
    assert "leave out weights" in said


def test_functions_and_tasks_without_a_bound_get_what_was_handed_in(tmp_path: Path) -> None:
    here = tmp_path / "handed-in"
    here.mkdir()
    (here / "solution.py").write_text(f"# {PAYLOAD.hex()}\n")
    submission, task = open_submission(here, tmp_path / "grader", task_id="neuron", author="Ada")
    assert task.spec.exam == "functions"
    assert submission.box_folder == submission.folder
    assert find_task("digits").spec.limits.source_kib > 0
