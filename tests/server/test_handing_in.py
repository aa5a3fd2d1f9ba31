"""From an invitation to a result, and what the queue does on the way; nothing is really graded."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from io import BytesIO
from pathlib import Path

import pytest
from support.hand_in_page import COURSE, DAY, DEADLINE, ROSTER, Clock, Place, make_place

from grader.classroom.class_folder import open_class
from grader.errors import UsageError
from grader.server import rules
from grader.server.accounts import LEARNER, Person
from grader.server.desk import Desk, NotTaken
from grader.server.jobs import Jobs
from grader.server.rules import Rules
from grader.server.serving import grading_alone, pages_alone
from grader.server.settings import Settings
from grader.server.uploads import Part

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


def test_rules_saved_by_half_hold_for_nobody(tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / "roster.csv").write_text(ROSTER)
    file = tmp_path / "course.toml"
    file.write_text(COURSE)
    found = Rules(tmp_path, 1.0, clock)
    before = found.course
    # What an editor has written so far is a course too, of one task fewer.
    file.write_text(COURSE[: COURSE.rindex("[[tasks]]")])
    assert found.course is before
    clock.moment += 0.9
    file.write_text(COURSE.replace("attempts = 3", "attempts = 30"))
    assert found.course is before
    clock.moment += 0.9
    assert found.course is before
    clock.moment += 0.2
    assert found.course.spec.attempts == 30
    assert len(found.course.spec.tasks) == 2


def test_an_emptied_file_of_rules_never_holds_and_is_said(place: Place) -> None:
    ada = place.learner("4711")
    (place.settings.course / "course.toml").write_text("")
    assert ada.hand_in().status_code == 303
    assert "has no task any more" in place.instructor().get("/class").text


def test_of_two_uploads_at_once_one_sees_the_other(place: Place) -> None:
    """Both were let in when one attempt was left; the first is being graded by now."""
    ada = place.learner("4711")
    for content in (b"1", b"2"):
        ada.hand_in(content)
        place.grade_one()
    person = Person(LEARNER, "4711")
    desk = place.desk
    for _ in range(2):
        desk.refuse_if_closed(person, "neuron", 0)
    desk.take_in(person, "neuron", [Part("a.py", BytesIO(b"3"))])
    assert desk.jobs.claim() is not None
    with pytest.raises(NotTaken, match="all 3 attempts"):
        desk.take_in(person, "neuron", [Part("a.py", BytesIO(b"4"))])
    assert len(list(place.settings.uploads.iterdir())) == 3


def test_of_many_uploads_at_once_no_more_are_taken_than_attempts(place: Place) -> None:
    together = threading.Barrier(8)
    taken: list[int] = []

    def upload(number: int) -> None:
        together.wait()
        # Graded at once, as fast as uploads come: what waits would be replaced, and not counted.
        with suppress(NotTaken):
            part = Part("a.py", BytesIO(b"%d" % number))
            receipt = place.desk.take_in(Person(LEARNER, "4711"), "neuron", [part])
            place.desk.database.write("UPDATE jobs SET state = 'grading' WHERE state = 'waiting'")
            taken.append(receipt.job)

    threads = [threading.Thread(target=upload, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    graded = [job for job in place.desk.jobs.newest() if job.state == "grading"]
    assert 1 <= len(graded) <= 3
    learner = place.desk.rules.learner("4711")
    assert learner is not None
    assert place.desk.attempts(learner, "neuron") == len(graded)


def test_what_was_cancelled_costs_no_attempt_and_a_result_does(place: Place) -> None:
    ada = place.learner("4711")
    ada.hand_in(b"1")
    place.grader.meanwhile = lambda watcher: ada.post("/jobs/1/cancel") and None
    place.grade_one()
    assert states(place) == ["cancelled"]
    assert ">0 of 3<" in ada.get("/").text
    # Asked for when the result was there already: that stays, and counts.
    ada.hand_in(b"2")
    place.grader.meanwhile = lambda watcher: None
    job = place.desk.jobs.claim()
    assert job is not None
    place.grading.do(job)
    assert ada.post("/jobs/2/cancel").status_code == 409
    assert ">1 of 3<" in ada.get("/").text


def test_pages_of_the_site_link_to_what_their_reader_may_open(place: Place) -> None:
    links = {
        "../index.html": "the front",
        "../results/mine.html": "my run",
        "../results/theirs.html": "their run",
        "../authors/abc.html": "all of theirs",
        "../class.html": "the class",
        "../lessons/gone.html": "a lesson that is not there",
        "https://example.org/": "elsewhere",
        "#top": "up",
    }
    board = "".join(f'<li><a class="x" href="{to}"><b>{text}</b></a>' for to, text in links.items())
    site = place.settings.site
    for name in ("index.html", "class.html", "results/mine.html", "results/theirs.html"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text("")
    for name in ("authors/abc.html", "boards/neuron.html"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(board)
    place.desk.database.write("INSERT INTO owners VALUES ('mine', '4711')")

    def leads_to(page: str) -> list[str]:
        assert all(f"<b>{text}</b>" in page for text in links.values())
        return re.findall(r'<a class="x" href="([^"]*)"', page)

    own = leads_to(place.learner("4711").get("/boards/neuron.html").text)
    assert own == ["../index.html", "../results/mine.html", "https://example.org/", "#top"]
    every = leads_to(place.instructor().get("/boards/neuron.html").text)
    assert every == [to for to in links if "gone" not in to]


def test_whose_a_result_is_follows_the_roster_before_the_next_one(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    grading = place.grading
    published: list[int] = []

    def publish() -> None:
        published.append(len(place.desk.rules.course.spec.teams))
        if published == [0]:
            team = '[[teams]]\nmembers = ["ada", "ben"]\n'
            (place.settings.course / "course.toml").write_text(f"{COURSE}{team}")
        else:
            stop.set()

    monkeypatch.setattr(place.grader, "publish", publish)
    grading.run(stop)
    assert published == [0, 1]
