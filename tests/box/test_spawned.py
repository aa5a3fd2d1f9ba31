"""Processes that a submission starts afresh have its loaders and its data."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from grader.runner import given_data, new_forms, published_files, spawned, training_trace

CHILD = """
import pickle, sys
pickle.load(sys.stdin.buffer)["grader"]
data = sys.modules["_grader_runner.given_data"].given()
import solution, urllib.request
inputs, labels = data.part(True)
inputs[0] = 0
print(data.dataset, data.inputs.shape, int(data.labels.sum()), solution.doubled(21))
print(sys.modules["_grader_runner.imports"].FOLDER[0])
"""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Yield what a submission with a function of its own has multiprocessing tell a child."""
    monkeypatch.setattr(spawned.tempfile, "mkdtemp", lambda prefix: str(folder_in(tmp_path)))
    monkeypatch.setattr(spawned, "SETTINGS", {"seed": 5})
    (tmp_path / "hw.py").write_text("def doubled(x):\n    return 2 * x\n")
    spawned.of_submission(tmp_path, "hw.py", "solution")
    given_data.give(np.ones((40, 3), np.uint8), np.arange(40) % 4, "digits")
    module = SimpleNamespace(get_preparation_data=lambda name: {"name": name, "dir": "x"})
    spawned.tell_children(module)
    yield module.get_preparation_data("Process-1")
    given_data.GIVEN.clear()
    published_files.TEXT.clear()


def folder_in(folder: Path) -> Path:
    (folder / "given").mkdir()
    return folder / "given"


def test_a_fresh_process_has_the_data_and_the_file_of_the_submission(
    told: dict[str, Any], tmp_path: Path
) -> None:
    assert list(told) == ["grader", "name", "dir"], "the loaders come before anything else"
    child = subprocess.run(
        [sys.executable, "-s", "-P", "-c", CHILD],
        input=pickle.dumps(told),
        capture_output=True,
        check=False,
    )
    assert child.stdout.decode().splitlines() == ["digits (40, 3) 60 42", str(tmp_path)], (
        child.stderr.decode()
    )


def test_the_data_are_written_once(told: dict[str, Any]) -> None:
    first = told["grader"].told["data"]
    assert spawned.data_folder() == first
    given_data.give(["a", "b"], np.array([0, 1]), "imdb")
    with pytest.raises(FileExistsError):  # the fixture gives one folder only: it is a new one
        spawned.data_folder()


def test_the_runners_own_file_is_no_main_file_of_a_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spawned, "SETTINGS", {})
    ours = {"init_main_from_path": str(spawned.HERE / "__main__.py")}
    theirs = {"init_main_from_path": str(tmp_path / "solution.py")}
    assert "init_main_from_path" not in spawned.with_beginning(ours)
    assert spawned.with_beginning(theirs)["init_main_from_path"] == str(tmp_path / "solution.py")


class Child:
    def __init__(self, *, daemon: bool) -> None:
        self.daemon = daemon
        self.ended: list[str] = []

    def terminate(self) -> None:
        self.ended.append("terminated")

    def join(self) -> None:
        self.ended.append("joined")


def test_what_still_trains_is_ended_and_loaders_keep_their_workers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trains = Child(daemon=False)
    loads = Child(daemon=True)
    alive = SimpleNamespace(active_children=lambda: [trains, loads])
    monkeypatch.setitem(sys.modules, "multiprocessing", alive)
    spawned.end_children()
    assert trains.ended == ["terminated", "joined"]
    assert loads.ended == []


def test_a_network_that_other_processes_trained_is_a_trained_one() -> None:
    trained = Shared([np.zeros(3)])
    left = Shared([np.zeros(3)])
    training = training_trace.Training()
    for each in (trained, left):
        training.shared.append((each, [weights.copy() for weights in each.weights]))
    trained.weights[0] += 1
    training.look_at_shared()
    assert training.touched == [trained]


class Shared:
    def __init__(self, weights: list[np.ndarray]) -> None:
        self.weights = weights

    def parameters(self) -> list[np.ndarray]:
        return self.weights


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (BlockingIOError(11, "Resource temporarily unavailable"), "num_workers=2"),
        (RuntimeError("can't start new thread"), "num_workers=2"),
        (
            RuntimeError("DataLoader worker (pid(s) 17, 18) exited unexpectedly"),
            'if __name__ == "__main__":',
        ),
    ],
)
def test_workers_that_cannot_start_are_told_what_to_write(error: Exception, says: str) -> None:
    assert says in new_forms.of_today(error)
