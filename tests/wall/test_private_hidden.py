"""A private hidden part is asked, and nothing of it is left anywhere: no result, log, page or board
of the published part.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support.commands import grader

from grader.course.datasets import digits
from grader.results.store import load_results

MEANS = """
import numpy as np


def rows(batch):
    flat = batch.reshape(len(batch), -1).astype(np.float64)
    flat -= flat.mean(axis=1, keepdims=True)
    return flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 1e-9)


def train(data):
    means = rows(np.stack([data.inputs[data.labels == c].mean(axis=0) for c in range(10)]))
    return lambda batch: 20 * rows(batch) @ means.T
"""
PRINTS = MEANS.replace(
    "    return lambda batch: 20 * rows(batch) @ means.T\n",
    "    print('trained')\n"
    "    def answer(batch):\n"
    "        print(batch.tobytes().hex(), flush=True)\n"
    "        return 20 * rows(batch) @ means.T\n"
    "    return answer\n",
)
QUOTES = """
def train(data):
    def answer(batch):
        raise ValueError(batch.tobytes().hex())
    return answer
"""
COUNT = 150


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a hidden part that nobody has: digits, each with a pixel of its own."""
    dataset = digits.load(Path())
    chosen = np.concatenate(
        [np.flatnonzero(dataset.train_labels == digit)[: COUNT // 10] for digit in range(10)]
    )
    inputs = dataset.train_inputs[chosen].copy()
    inputs[:, 0, 0] = np.arange(COUNT) + 100
    folder = tmp_path_factory.mktemp("private")
    np.savez(folder / "hidden.npz", inputs=inputs, labels=dataset.train_labels[chosen])
    return folder


def secrets_of(private: Path) -> list[bytes]:
    """Return what no file may hold: the inputs, as they are and as hexadecimal text."""
    with np.load(private / "hidden.npz") as file:
        rows = [row.tobytes() for row in file["inputs"]]
    return [*rows, *(row.hex().encode() for row in rows)]


def files_below(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def run(root: Path, source: str, *words: str | Path) -> int:
    (root / "solution.py").write_text(source)
    done = grader(
        *("run", root / "solution.py", "--task", "digits", "--sandbox", "process"),
        *("--results", root / "results", *words),
        cwd=root,
    )
    assert "ValueError" not in done.stdout + done.stderr
    return done.returncode


def test_it_is_asked_and_nothing_of_it_is_kept(tmp_path: Path, private: Path) -> None:
    assert run(tmp_path, PRINTS, "--hidden", private) in (0, 1)
    (result,), broken = load_results(tmp_path / "results")
    assert broken == []
    assert result.measurements["accuracy"].n == COUNT
    assert "+" in result.task.exam_version
    site = grader("report", "--results", tmp_path / "results", "--site", "site", cwd=tmp_path)
    assert site.returncode == 0, site.stderr
    written = [*files_below(tmp_path / "results"), *files_below(tmp_path / "site")]
    assert any(path.suffix == ".html" for path in written)
    for path in written:
        content = path.read_bytes()
        assert not any(secret in content for secret in secrets_of(private)), path
    (details,) = (tmp_path / "results").rglob("details.json")
    mistakes = json.loads(details.read_text())["mistakes"]
    assert mistakes
    assert not any(mistake.get("picture") or mistake.get("text") for mistake in mistakes)


def test_code_that_fails_cannot_quote_what_it_was_asked(tmp_path: Path, private: Path) -> None:
    assert run(tmp_path, QUOTES, "--hidden", private) == 1
    (result,), _ = load_results(tmp_path / "results")
    assert result.verdict.code == "raised"
    assert "private" in result.verdict.reason
    for path in files_below(tmp_path / "results"):
        content = path.read_bytes()
        assert not any(secret[:16] in content for secret in secrets_of(private)[COUNT:]), path


def test_boards_do_not_mix(tmp_path: Path, private: Path) -> None:
    assert run(tmp_path, MEANS, "--author", "Ada") in (0, 1)
    assert run(tmp_path, MEANS, "--author", "Ben", "--hidden", private) in (0, 1)
    done = grader("board", "digits", "--results", "results", "--json", cwd=tmp_path)
    boards = json.loads(done.stdout)
    (first,), (second,) = (board["entries"] for board in boards)
    assert {first["submission"]["author"], second["submission"]["author"]} == {"Ada", "Ben"}
    shown = grader("board", "digits", "--results", "results", cwd=tmp_path).stdout
    assert "private hidden part" in shown
    assert "earlier version" not in shown
    again = grader("rescore", "--results", "results", cwd=tmp_path)
    assert "2 unchanged, 0 left alone" in again.stdout


def test_a_folder_without_a_part_for_the_task_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "solution.py").write_text(MEANS)
    done = grader(
        *("run", "solution.py", "--task", "digits", "--sandbox", "process", "--hidden", "empty"),
        cwd=tmp_path,
    )
    assert done.returncode == 2
    assert "no hidden part for task 'digits'" in done.stderr
    assert not list(tmp_path.glob("results/*/*"))


def test_a_batch_asks_it_of_everybody(tmp_path: Path, private: Path) -> None:
    handed_in = tmp_path / "handed-in"
    handed_in.mkdir()
    (handed_in / "Ada.py").write_text(MEANS)
    words = ("batch", handed_in, "--task", "digits", "--sandbox", "process", "--trust-submissions")
    done = grader(*words, "--hidden", private, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (result,), _ = load_results(tmp_path / "results")
    assert result.measurements["accuracy"].n == COUNT
    again = grader(*words, cwd=tmp_path, GRADER_HIDDEN=str(private))
    assert "1 had been graded before" in again.stdout + again.stderr
