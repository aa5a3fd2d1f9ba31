"""The quick check: held when an upload comes, kept away from timings, told beside the receipt."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from support.hand_in_page import Place

from grader.commands.serve import Checks
from grader.errors import GraderError, SubmissionRefused
from grader.exams.timing.locks import timing_lock
from grader.grading.settings import Settings
from grader.host.machine import CPU
from grader.intake.hand_ins import HandIn
from grader.server import checking
from grader.server.checked import BOX, LATER, READ, checked_of
from grader.server.checking import Checking
from grader.server.engine_room import EngineRoom
from grader.server.order import Order


def checks(place: Place) -> Checking:
    return Checking(place.desk.jobs, place.grader, place.grading.order_of)


def held(place: Place, number: int) -> str:
    job = place.desk.jobs.job(number)
    assert job is not None
    return checked_of(job.checked).held


def test_an_upload_is_read_and_tried_out_while_it_waits(place: Place) -> None:
    ada = place.learner("4711")
    ada.hand_in()
    assert "read within seconds" in ada.get("/jobs/1").text
    thread = checks(place)
    assert thread.next() == 0.0
    assert held(place, 1) == READ
    assert "tried out in a box within seconds" in ada.get("/jobs/1").text
    assert thread.next() == checking.PAUSE_SECONDS
    assert held(place, 1) == BOX
    page = ada.get("/jobs/1").text
    assert "can be graded" in page
    assert "looks fine" in page
    assert thread.next() == checking.LOOK_SECONDS


def test_what_was_tried_out_is_not_tried_out_again_at_its_turn(place: Place) -> None:
    place.learner("4711").hand_in()
    thread = checks(place)
    thread.next()
    thread.next()
    place.grader.refuses = "it was checked twice"
    assert place.grade_one()
    assert [job.state for job in place.desk.jobs.newest()] == ["done"]


@pytest.mark.parametrize("unread", [True, False], ids=["read", "box"])
def test_what_cannot_be_graded_is_refused_before_its_turn(place: Place, unread: bool) -> None:
    ada = place.learner("4711")
    if unread:
        place.grader.refuses_unread = "solution.py is not there"
    else:
        place.grader.refuses = "solution.py is not there"
    ada.hand_in()
    thread = checks(place)
    thread.next()
    thread.next()
    assert [job.state for job in place.desk.jobs.newest()] == ["refused"]
    page = ada.get("/jobs/1").text
    assert "solution.py is not there" in page
    assert "costs no attempt" in page
    assert ">0 of 3<" in ada.get("/").text


def test_while_something_is_timed_nothing_is_tried_out_and_the_page_says_so(place: Place) -> None:
    ada = place.learner("4711")
    place.grader.is_timed = True
    ada.hand_in()
    thread = checks(place)
    thread.next()
    thread.next()
    assert held(place, 1) == READ
    assert "being timed on this computer" in ada.get("/jobs/1").text
    place.grader.is_timed = False
    thread.next()
    assert held(place, 1) == BOX


def test_trouble_of_the_grader_puts_the_check_off_and_refuses_nobody(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(order: Order, watcher: object) -> dict[str, object]:
        raise GraderError("no engine answers")

    ada = place.learner("4711")
    ada.hand_in()
    with monkeypatch.context() as patched:
        patched.setattr(place.grader, "check", gone)
        thread = checks(place)
        thread.next()
        thread.next()
    assert held(place, 1) == LATER
    assert "trouble of its own" in ada.get("/jobs/1").text
    assert place.grade_one()
    assert held(place, 1) == BOX


def test_a_turn_that_comes_during_a_check_waits_for_it(place: Place) -> None:
    begun = threading.Event()
    go_on = threading.Event()

    def slow(order: Order, watcher: object) -> dict[str, object]:
        begun.set()
        assert go_on.wait(20)
        raise SubmissionRefused("it has no train()")

    place.learner("4711").hand_in()
    grading = place.grading
    place.grader.check = slow  # type: ignore[method-assign]
    with grading._checking.beside():
        assert begun.wait(20)
        job = place.desk.jobs.claim()
        assert job is not None
        turn = threading.Thread(target=grading.do, args=(job,))
        turn.start()
        time.sleep(0.05)
        go_on.set()
        turn.join(20)
    assert [each.state for each in place.desk.jobs.newest()] == ["refused"]
    assert place.grader.seen == []


def test_a_check_keeps_timings_away_and_a_timing_keeps_checks_away(place: Place) -> None:
    room = EngineRoom(
        Settings(place.settings.results),
        place.desk.rules,
        place.desk.database,
        lambda order: {},
        lambda order, watcher: {},
        lambda school, is_anonymous: None,
    )
    with room.untimed(1.0) as is_quiet:
        assert is_quiet
        assert not can_be_had()
    assert can_be_had()
    with timing_lock(CPU), room.untimed(0.01) as is_quiet:
        assert not is_quiet


def can_be_had() -> bool:
    """Whether another one gets the lock of the timed phases."""
    found: list[bool] = []

    def ask() -> None:
        lock = timing_lock(CPU)
        try:
            lock.acquire(timeout=0.01)
        except TimeoutError:
            return found.append(False)
        lock.release()
        found.append(True)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return found == [True]


def read(folder: Path, task: str = "neuron") -> list[object]:
    """Return what is said of a folder that was handed in, without running any of it."""
    order = Order(HandIn(path=folder, author="Ada", task_id=task), again=False)
    lines = Checks(Settings(folder / "results")).read(order)["lines"]
    assert isinstance(lines, list)
    return lines


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def weighted_sum(x, w, b): ...\nneuron = layer = print\n", ""),
        ("from elsewhere import *\n", ""),
        ("def neuron(x, w, b): ...\nclass layer: ...\n", "defines no weighted_sum();"),
        ("x = 1\ndef neuron(x, w, b)\n    return 0\n", "line 2 of solution.py does not read"),
        ("x = " + "(" * 30_000, "does not read"),
    ],
)
def test_functions_that_are_not_there_are_seen_without_running_it(
    tmp_path: Path, source: str, said: str
) -> None:
    (tmp_path / "solution.py").write_text(f"{source}open('here', 'w')\n")
    lines = " ".join(map(str, read(tmp_path)))
    assert said in lines
    assert bool(said) == bool(lines)
    assert not (tmp_path / "here").exists()


def test_work_for_another_task_is_refused_with_where_it_belongs(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text("def train(data): ...\n")
    (tmp_path / "submission.toml").write_text('task = "digits"\n')
    assert read(tmp_path, "digits") == []
    with pytest.raises(SubmissionRefused, match=r"'digits'.*handed in for 'neuron'"):
        read(tmp_path)
