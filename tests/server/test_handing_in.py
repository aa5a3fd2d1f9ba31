"""From an invitation to a result, and what the queue does on the way; nothing is really graded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from support.hand_in_page import DAY, DEADLINE, Place, make_place

from grader.classroom.class_folder import open_class
from grader.errors import UsageError
from grader.server import rules
from grader.server.desk import Desk
from grader.server.jobs import Jobs
from grader.server.serving import grading_alone, pages_alone
from grader.server.settings import Settings

Held = Callable[[Settings, float], AbstractContextManager[None]]


def states(place: Place) -> list[str]:
    """Return the state of every job, oldest first."""
    return [job.state for job in reversed(place.desk.jobs.newest())]


def test_a_learner_hands_in_and_sees_the_result(place: Place) -> None:
    ada = place.learner("4711")
    assert "in time" in ada.get("/").text
    answer = ada.hand_in(b"print(1)\n")
    assert (answer.status_code, answer.headers["location"]) == (303, "/jobs/1")
    page = ada.get("/jobs/1").text
    assert "1</b> of 1 in the queue" in page
    assert hashlib.sha256(b"print(1)\n").hexdigest() in page
    assert place.grade_one()
    order = place.grader.seen[0]
    assert order.hand_in.author == "Ada Lovelace"
    assert order.hand_in.task_id == "neuron"
    assert order.hand_in.path.read_bytes() == b"print(1)\n"
    page = ada.get("/jobs/1").text
    assert "80.0" in page
    assert "epoch 1 loss 0.5" in page
    assert place.grader.published == 1
    assert place.desk.rules.school.journal.lines()[-1]["what"] == "hand-in"


def test_a_folder_keeps_its_names_and_lies_under_numbers(place: Place) -> None:
    ada = place.learner("4711")
    files = [
        ("file", ("work/solution.py", b"a")),
        ("file", ("work/parts/layers.py", b"bb")),
    ]
    fields = {"csrf": ada.csrf}
    assert ada.client.post("/upload/neuron", data=fields, files=files).status_code == 303
    place.grade_one()
    members = place.grader.seen[0].hand_in.members
    assert [name for _, name in members] == ["work/solution.py", "work/parts/layers.py"]
    assert [path.read_bytes() for path, _ in members] == [b"a", b"bb"]
    assert [path.name for path, _ in members] == ["0000", "0001"]


def test_a_second_upload_takes_the_place_of_one_that_waits(place: Place) -> None:
    ada = place.learner("4711")
    ada.hand_in(b"1")
    ada.hand_in(b"2")
    ada.hand_in(b"3", task="digits")
    assert states(place) == ["superseded", "waiting", "waiting"]


def test_what_was_in_time_stays_when_a_late_one_comes(place: Place) -> None:
    ada = place.learner("4711")
    place.clock.moment = DEADLINE - 1
    ada.hand_in(b"1")
    place.clock.moment = DEADLINE + 1
    assert "1 day late" in ada.get("/upload/neuron").text
    ada.hand_in(b"2")
    assert states(place) == ["waiting", "waiting"]
    ada.hand_in(b"3")
    assert states(place) == ["waiting", "superseded", "waiting"]


def test_nothing_is_taken_when_the_task_is_closed(place: Place) -> None:
    ada = place.learner("4711")
    place.clock.moment = DEADLINE + 5 * DAY
    assert "Nothing is taken" in ada.get("/upload/neuron").text
    answer = ada.hand_in()
    assert answer.status_code == 409
    assert "4 days late" in answer.text
    assert not list(place.settings.uploads.glob("*"))


def test_attempts_are_counted_by_bytes_and_end(place: Place) -> None:
    ada = place.learner("4711")
    for content in (b"1", b"1", b"2", b"3"):
        assert ada.hand_in(content).status_code == 303
        place.grade_one()
    answer = ada.hand_in(b"4")
    assert answer.status_code == 409
    assert "all 3 attempts are used up" in answer.text
    assert ada.hand_in(b"4", task="digits").status_code == 303


def test_refused_work_costs_no_attempt(place: Place) -> None:
    ada = place.learner("4711")
    place.grader.refuses = "solution.py is not there"
    ada.hand_in()
    place.grade_one()
    page = ada.get("/jobs/1").text
    assert "solution.py is not there" in page
    assert "costs no attempt" in page
    assert ">0 of 3<" in ada.get("/").text


def test_forty_uploads_of_one_delay_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # More tasks than there are, and none of them is graded here.
    monkeypatch.setattr(rules, "course_in", lambda folder: open_class(folder).course)
    tasks = "".join(f'[[tasks]]\nid = "t{number}"\n' for number in range(40))
    place = make_place(tmp_path / "class", f'title = "C"\n{tasks}')
    ada = place.learner("4711")
    ben = place.learner("4712")
    for number in range(40):
        place.clock.moment += 1
        ada.hand_in(task=f"t{number}")
    place.clock.moment += 1
    ben.hand_in(task="t0")
    assert [job.learner for job in place.desk.jobs.line()[:3]] == ["4711", "4712", "4711"]
    # One that is being graded is a turn that was taken.
    place.desk.jobs.claim()
    assert place.desk.jobs.line()[0].learner == "4712"


def test_an_upload_that_waits_or_is_graded_can_be_cancelled(place: Place) -> None:
    ada = place.learner("4711")
    ada.hand_in(b"1")
    assert ada.post("/jobs/1/cancel").status_code == 303
    assert states(place) == ["cancelled"]
    assert ada.post("/jobs/1/cancel").status_code == 409
    ada.hand_in(b"2")
    place.grader.meanwhile = lambda watcher: ada.post("/jobs/2/cancel") and None
    place.grade_one()
    assert states(place) == ["cancelled", "cancelled"]


def test_while_the_engine_is_gone_uploads_keep_their_place(place: Place) -> None:
    ada = place.learner("4711")
    ada.hand_in()
    place.grader.troubles = 2
    assert not place.grade_one()
    page = ada.get("/jobs/1").text
    assert "no engine answers" in page
    assert "not yours" in page
    assert not place.grade_one()
    assert place.grade_one()
    assert states(place) == ["done"]
    assert "no engine answers" not in ada.get("/jobs/1").text


def test_a_killed_grading_process_loses_no_job(place: Place) -> None:
    place.learner("4711").hand_in()
    assert place.desk.jobs.claim() is not None
    assert place.desk.jobs.claim() is None
    place.desk.jobs.put_back_all()
    assert place.grade_one()
    assert states(place) == ["done"]


def test_an_upload_without_a_row_is_found_by_its_receipt(place: Place) -> None:
    ada = place.learner("4711")
    ada.hand_in(b"precious")
    with place.desk.database.writing() as rows:
        rows.execute("DELETE FROM jobs")
        rows.execute("DELETE FROM uploads")
    (place.settings.incoming / "half").mkdir(parents=True)
    Desk(place.settings, place.clock).open_up()
    assert states(place) == ["waiting"]
    assert not list(place.settings.incoming.iterdir())
    place.grade_one()
    assert place.grader.seen[0].hand_in.path.read_bytes() == b"precious"


def test_instructors_pause_reorder_and_grade_again(place: Place) -> None:
    ada = place.learner("4711")
    ben = place.learner("4712")
    teacher = place.instructor()
    ada.hand_in()
    ben.hand_in()
    assert teacher.post("/class/pause", why="lunch").status_code == 303
    assert not place.grade_one()
    assert "lunch" in ada.get("/jobs/1").text
    teacher.post("/class/jobs/2/first")
    teacher.post("/class/resume")
    place.grade_one()
    assert place.grader.seen[0].hand_in.author == "Ben Roe"
    assert "2026" in teacher.get("/class").text
    teacher.post("/class/jobs/2/regrade", why="a new reference")
    place.grade_one()
    place.grade_one()
    assert [order.again for order in place.grader.seen] == [False, False, True]
    assert "a new reference" in teacher.get("/class/journal").text


def test_rules_that_cannot_be_read_change_nothing(place: Place) -> None:
    ada = place.learner("4711")
    teacher = place.instructor()
    (place.settings.course / "course.toml").write_text("title = [nonsense")
    assert ada.hand_in().status_code == 303
    assert "not valid TOML" in teacher.get("/class").text
    assert "not valid TOML" not in ada.get("/").text
    assert place.grade_one()
    assert states(place) == ["done"]


@pytest.mark.parametrize("text", [f"a = {'9' * 9000}", f"a = {'[' * 30000}"], ids=["int", "list"])
def test_rules_that_no_parser_ends_on_change_nothing(place: Place, text: str) -> None:
    (place.settings.course / "course.toml").write_text(text)
    assert len(place.desk.rules.course.roster.learners) == 3
    assert place.desk.rules.problem


@pytest.mark.parametrize("held", [pages_alone, grading_alone])
def test_a_class_has_one_page_and_one_grading_process(place: Place, held: Held) -> None:
    with held(place.settings, 0.0):
        with pytest.raises(UsageError, match="end that one first"), held(place.settings, 0.0):
            pass
        other = grading_alone if held is pages_alone else pages_alone
        with other(place.settings, 0.0):
            pass
    with held(place.settings, 0.0):
        pass


def test_places_and_times_are_told(place: Place) -> None:
    for learner in ("4711", "4712", "4713"):
        place.learner(learner).hand_in()
        place.clock.moment += 1
    jobs = Jobs(place.desk.database, place.clock)
    each = jobs.expected_seconds("neuron")
    starts = [round(when.start - place.clock.moment) for when in jobs.times().values()]
    assert starts == [0, round(each), round(2 * each)]
    jobs.claim()
    place.clock.moment += 7
    place.grading.do(jobs.job(1))
    assert jobs.expected_seconds("neuron") == 7


def test_programs_hand_in_and_follow(place: Place) -> None:
    token = place.learner("4711").token()
    program = place.visitor().client
    program.headers["authorization"] = f"Bearer {token}"
    sent = program.post("/api/v1/uploads?task=neuron&file=a.zip", content=b"PK")
    assert sent.status_code == 200, sent.text
    assert sent.json()["sha256"] == hashlib.sha256(b"PK").hexdigest()
    assert program.get("/api/v1/jobs/1").json()["place"] == 1
    place.grade_one()
    ended = program.get("/api/v1/jobs/1").json()
    assert (ended["state"], ended["score"]) == ("done", 80.0)
    assert program.get("/api/v1/tasks").json()[0]["attempts"] == 1
    paths = program.get("/api/v1/openapi.json").json()["paths"]
    assert "/api/v1/uploads" in paths


def test_what_happens_is_streamed_and_ends_with_the_job(place: Place) -> None:
    ada = place.learner("4711")
    ada.hand_in()
    place.grade_one()
    with ada.client.stream("GET", "/jobs/1/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        text = "".join(answer.iter_text())
    assert "event: step\ndata: training\n" in text
    assert "event: log\ndata: epoch 1 loss 0.5\n" in text
    assert text.endswith("event: end\ndata: done\n\n")


@pytest.mark.parametrize("anonymous", [False, True])
def test_boards_show_what_the_course_says(tmp_path: Path, anonymous: bool) -> None:
    spec = f'title = "C"\nanonymous_boards = {str(anonymous).lower()}\n[[tasks]]\nid = "neuron"\n'
    place = make_place(tmp_path / "class", spec)
    for folder, author in (
        (place.settings.site, "Ben Roe"),
        (place.settings.public_site, "Red Elk"),
    ):
        entry = {"rank": 1, "author": author, "status": "accepted", "score": 9.0, "attempts": 1}
        (folder / "boards").mkdir(parents=True)
        (folder / "boards" / "neuron.json").write_text(json.dumps({"entries": [entry]}))
    page = place.learner("4711").get("/board/neuron").text
    assert ("Red Elk" in page) == anonymous
    assert ("Ben Roe" in page) != anonymous


def test_one_upload_that_no_grader_survives_holds_up_nobody(place: Place) -> None:
    place.learner("4711").hand_in()
    place.grader.troubles = 3
    for _ in range(3):
        assert not place.grade_one()
    place.learner("4712").hand_in()
    place.grade_one()
    assert states(place) == ["waiting", "done"]
    place.grade_one()
    assert states(place) == ["done", "done"]


def test_whoever_was_first_while_the_engine_was_gone_is_first_again(place: Place) -> None:
    for learner in ("4711", "4712", "4713"):
        place.learner(learner).hand_in()
    place.grader.troubles = 3
    for _ in range(6):
        place.grade_one()
    graded = [order.hand_in.author for order in place.grader.seen]
    assert graded == ["Ben Roe", "Ada Lovelace", "Cleo Doe"]


def test_what_was_cancelled_is_not_graded_after_a_kill(place: Place) -> None:
    ada = place.learner("4711")
    ada.hand_in()
    assert place.desk.jobs.claim() is not None
    ada.post("/jobs/1/cancel")
    place.desk.jobs.put_back_all()
    assert states(place) == ["cancelled"]


def test_what_was_in_time_stays_though_its_row_came_after_a_restart(place: Place) -> None:
    ada = place.learner("4711")
    ada.hand_in(b"in time")
    with place.desk.database.writing() as rows:
        rows.execute("DELETE FROM jobs")
        rows.execute("DELETE FROM uploads")
    place.clock.moment = DEADLINE + 60
    Desk(place.settings, place.clock).open_up()
    ada.hand_in(b"late")
    assert states(place) == ["waiting", "waiting"]


def test_lessons_open_from_the_pages_of_the_course(place: Place) -> None:
    lesson = place.settings.site / "lessons" / "neuron.html"
    lesson.parent.mkdir(parents=True)
    lesson.write_text("how a neuron learns")
    assert "learns" in place.learner("4711").get("/lessons/neuron.html").text
    assert "learns" not in place.visitor().get("/lessons/neuron.html").text
