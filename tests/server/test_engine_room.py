"""Who grades what was handed in, with a worker that is none: what is left where a run breaks."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
from support.hand_in_page import Place

from grader.errors import SubmissionRefused
from grader.grading.bench import put_together
from grader.grading.settings import Settings
from grader.grading.worker import NOTE, STEP, Worker
from grader.intake.hand_ins import HandIn
from grader.server import engine_room
from grader.server.engine_room import EngineRoom
from grader.server.order import Order, Watched
from grader.server.uploads import Part, keep, members_of, path_of


@dataclass
class Broken:
    """A worker whose host fails while it waits for an answer."""

    fails: Exception
    is_closed: bool = False

    def open(self, hand_in: HandIn) -> dict[str, Any]:
        raise self.fails

    def close(self) -> None:
        self.is_closed = True


@dataclass
class Last:
    """A worker that answers just when it is told to end."""

    told: threading.Event = field(default_factory=threading.Event)

    def open(self, hand_in: HandIn) -> dict[str, Any]:
        assert self.told.wait(20)
        return {"unfiled": "no such task"}

    def interrupt(self) -> None:
        self.told.set()

    def close(self) -> None:
        pass


@dataclass
class Locked:
    """A watcher who can't write down what he is told."""

    told: list[str] = field(default_factory=list)

    def step(self, text: str) -> None:
        self.told.append(text)
        raise sqlite3.OperationalError("database is locked")

    line = step

    def is_cancelled(self) -> bool:
        return False


def handed_in(folder: Path, *names: str) -> HandIn:
    """Return a hand-in with files of these names, as an upload keeps them."""
    uploads = folder / "uploads"
    upload = keep(
        [Part(name, BytesIO(b"x = 1\n")) for name in names],
        learner="4711",
        task="neuron",
        incoming=folder / "incoming",
        uploads=uploads,
        now=0.0,
    )
    return HandIn(
        path=path_of(upload, uploads),
        author="Ada",
        members=members_of(upload, uploads),
        submitted_at=datetime.now(UTC),
        task_id="neuron",
    )


def room_of(place: Place) -> EngineRoom:
    return EngineRoom(
        Settings(place.settings.results),
        place.desk.rules,
        place.desk.database,
        lambda order: {},
        lambda order, watcher: {},
        lambda school, is_anonymous: None,
    )


def test_a_worker_whose_answer_was_not_read_is_not_asked_again(place: Place) -> None:
    room = room_of(place)
    worker = Broken(ValueError("no message"))
    room._worker = cast(Worker, worker)
    order = Order(handed_in(place.settings.folder, "solution.py"), again=False)
    with pytest.raises(ValueError, match="no message"):
        room.grade(order, Watched(place.desk.jobs, 1))
    assert worker.is_closed
    assert room._worker is None


def test_a_worker_that_was_told_to_end_gets_no_more_work(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_room, "ASK_SECONDS", 0.01)
    place.learner("4711").hand_in()
    job = place.desk.jobs.claim()
    assert job is not None
    place.desk.jobs.cancel(job.id)
    room = room_of(place)
    room._worker = cast(Worker, Last())
    order = Order(handed_in(place.settings.folder, "solution.py"), again=False)
    with pytest.raises(SubmissionRefused):
        room.grade(order, Watched(place.desk.jobs, job.id))
    assert room._worker is None


def test_a_run_goes_on_where_nobody_can_be_told_of_it(place: Place) -> None:
    room = room_of(place)
    watcher = Locked()
    room._watcher = watcher
    room._tell(STEP, "training")
    room._tell(NOTE, "epoch 1")
    assert watcher.told == ["training", "epoch 1"]


@pytest.mark.parametrize("names", [("a.py", "a.py"), ("a", "a/b.py"), ("a/b.py", "a")], ids=str)
def test_files_that_want_one_place_are_refused_by_their_names(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    hand_in = handed_in(tmp_path, *names)
    with pytest.raises(SubmissionRefused) as refused:
        put_together(hand_in, tmp_path / "scratch")
    assert str(refused.value).startswith(f"'{names[-1]}' and another file")
    assert str(tmp_path) not in str(refused.value)
