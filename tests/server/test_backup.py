"""A copy of a class whose page runs: what is in it belongs together, and a page goes on with it."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from support.hand_in_page import Place, make_place

from grader.errors import GraderError, UsageError
from grader.server import backup
from grader.server.backup import back_up
from grader.server.desk import Desk
from grader.server.settings import Settings
from grader.server.uploads import path_of, stored_uploads


def copy_of(place: Place, target: Path) -> Settings:
    back_up(place.settings, target)
    return Settings(target, target / "results")


def test_every_row_in_a_copy_has_its_upload_while_others_come_in(tmp_path: Path) -> None:
    place = make_place(tmp_path / "class", attempts_free(), uploads_per_hour=10_000)
    ada = place.learner("4711")
    ada.hand_in(b"before")
    stop = threading.Event()
    taken: list[bytes] = []

    def hand_in() -> None:
        while not stop.is_set():
            content = f"x = {len(taken)}\n".encode()
            if ada.hand_in(content).status_code == 303:
                taken.append(content)

    busy = threading.Thread(target=hand_in)
    busy.start()
    try:
        copies = [copy_of(place, tmp_path / f"copy-{number}") for number in range(5)]
    finally:
        stop.set()
        busy.join()
    assert taken
    for copy in copies:
        restored = Desk(copy)
        named = {row["id"] for row in restored.database.rows("SELECT id FROM uploads")}
        there = {upload.id: upload for upload in stored_uploads(copy.uploads)}
        assert named
        assert named <= set(there)
        restored.open_up()
        jobs = restored.database.rows("SELECT upload FROM jobs")
        assert sorted(row["upload"] for row in jobs) == sorted(there)
        for upload in there.values():
            assert path_of(upload, copy.uploads).stat().st_size == upload.bytes


def attempts_free() -> str:
    return 'title = "C"\ntimezone = "UTC"\n[[tasks]]\nid = "neuron"\n'


def test_what_comes_in_after_the_database_was_copied_is_found_by_its_receipt(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = place.learner("4711")
    ada.hand_in(b"early")
    copy_database = backup.copy_database

    def slowly(source: Path, target: Path) -> None:
        copy_database(source, target)
        ada.hand_in(b"late")

    monkeypatch.setattr(backup, "copy_database", slowly)
    copy = copy_of(place, tmp_path / "copy")
    restored = Desk(copy)
    assert len(restored.database.rows("SELECT id FROM uploads")) == 1
    restored.open_up()
    found = [path_of(each, copy.uploads).read_bytes() for each in stored_uploads(copy.uploads)]
    assert sorted(found) == [b"early", b"late"]
    assert len(restored.jobs.newest()) == 2


def test_whoever_was_signed_in_is_so_in_the_copy(place: Place, tmp_path: Path) -> None:
    ada = place.learner("4711")
    ada.hand_in()
    (place.settings.course / ".pseudonyms").write_text("a name may begin with a dot")
    copy = copy_of(place, tmp_path / "copy")
    cookie = next(iter(ada.client.cookies.values()))
    person = Desk(copy, place.clock).accounts.person_of_cookie(cookie)
    assert person is not None
    assert person.learner == "4711"
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0
    assert (copy.course / "roster.csv").is_file()
    assert (copy.course / ".pseudonyms").is_file()


def test_results_come_along_wherever_they_lie(place: Place, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    (outside / "neuron" / "one").mkdir(parents=True)
    (outside / "neuron" / "one" / "result.json").write_text("{}")
    (outside / "neuron" / ".partial-two").mkdir()
    settings = Settings(place.settings.course, outside)
    back_up(settings, tmp_path / "copy")
    names = [path.name for path in (tmp_path / "copy" / "results" / "neuron").iterdir()]
    assert names == ["one"]


def test_a_copy_that_lacks_an_upload_is_none(place: Place, tmp_path: Path) -> None:
    ada = place.learner("4711")
    ada.hand_in()
    shutil.rmtree(next(place.settings.uploads.iterdir()))
    with pytest.raises(GraderError, match="not whole"):
        back_up(place.settings, tmp_path / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["class"]


def test_a_copy_goes_over_nothing_and_not_into_the_class(place: Place, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("keep")
    with pytest.raises(UsageError, match="exists already"):
        back_up(place.settings, tmp_path / "full")
    with pytest.raises(UsageError, match="is inside"):
        back_up(place.settings, place.settings.course / "copy")
    with pytest.raises(UsageError, match="no hand-in page"):
        back_up(Settings(tmp_path / "full", tmp_path / "results"), tmp_path / "copy")
