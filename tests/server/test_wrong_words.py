"""What instructors and learners mistype: each is answered before anything is done with it."""

from __future__ import annotations

import email.message
import importlib
import io
import re
import socket
import urllib.error
from pathlib import Path

import pytest
from support.hand_in_page import COURSE, DAY, ROSTER, Place, free_port, make_place

from grader.cli import about_number, app
from grader.commands.parts.handing_in import page_of
from grader.commands.serve import must_be_an_address, serve
from grader.errors import GraderError, UsageError
from grader.server.client import refusal
from grader.server.serving import listening

init = importlib.import_module("grader.commands.class").init
MISTYPED = COURSE.replace('id = "neuron"', 'id = "nueron"')


def test_a_task_that_is_not_there_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"course\.toml: .*'nueron'\. Did you mean 'neuron'"):
        make_place(tmp_path / "class", MISTYPED)


def test_a_task_that_is_mistyped_later_changes_nothing_for_learners(place: Place) -> None:
    (place.settings.course / "course.toml").write_text(MISTYPED)
    assert place.desk.rules.task("neuron") is not None
    assert place.desk.rules.task("nueron") is None
    assert "Did you mean 'neuron'" in place.desk.rules.problem
    assert "Did you mean" in place.instructor().get("/class").text
    assert place.learner("4711").hand_in().status_code == 303


def test_a_port_that_somebody_has_is_said_with_another_way() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        taken.listen()
        with (
            pytest.raises(UsageError, match=f"port {port}: .*in use.* another --port"),
            listening("127.0.0.1", port),
        ):
            pass


@pytest.mark.parametrize("address", ["foo", "ftp://host", "http://", "https://host/class"])
def test_an_address_that_no_link_can_begin_with_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="expected https://HOST"):
        must_be_an_address(address)


def test_a_certificate_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--certificate: there is no file .*no\.pem"):
        serve(tmp_path, certificate=tmp_path / "no.pem")


@pytest.mark.parametrize("to", ["127.0.0.1:8000", "grader.example.org:443/", "localhost:8000/x"])
def test_an_address_without_http_is_no_name_of_a_zip(to: str) -> None:
    with pytest.raises(UsageError, match=f"write --to http://{to}"):
        page_of(to, "", wait=False)


def test_a_page_under_another_name_says_which_it_has() -> None:
    headers = email.message.Message()
    headers["content-type"] = "text/plain; charset=utf-8"
    body = io.BytesIO(b"this page answers under http://127.0.0.1:8000 only\n")
    error = urllib.error.HTTPError("http://localhost:8000", 421, "", headers, body)
    said = str(refusal("http://localhost:8000", error))
    assert said.endswith("this page answers under http://127.0.0.1:8000 only")


def test_without_a_token_nobody_is_sent_to_a_page_that_is_not_there() -> None:
    with pytest.raises(GraderError, match="does not answer"):
        page_of(f"http://127.0.0.1:{free_port()}", "", wait=False)


def test_a_token_that_is_not_good_is_told_from_none(place: Place) -> None:
    program = place.visitor().client
    assert "no token came" in program.get("/api/v1/tasks").json()["problem"]
    program.headers["authorization"] = "Bearer grader-of-last-year"
    answer = program.get("/api/v1/tasks")
    assert answer.status_code == 401
    assert "is not good" in answer.json()["problem"]


def test_a_program_that_sends_a_form_is_told_what_is_expected(place: Place) -> None:
    program = place.visitor().client
    program.headers["authorization"] = f"Bearer {place.learner('4711').token()}"
    answer = program.post("/api/v1/uploads", data={"task": "neuron"})
    assert answer.status_code == 422
    assert answer.json()["problem"].startswith("task: it is missing, file: it is missing; expected")
    address = "/api/v1/uploads?task=neuron&file=a.py"
    answer = program.post(address, files={"file": ("a.py", b"x = 1")})
    assert answer.status_code == 415
    assert "with the bytes of the file as the body" in answer.json()["problem"]
    assert "job: " in program.get("/api/v1/jobs/first").json()["problem"]


def test_each_wrong_code_is_told_what_is_wrong_with_it(place: Place) -> None:
    def heading_for(code: str) -> str:
        answer = place.visitor().client.post("/join", data={"code": code})
        assert answer.status_code == 403
        found = re.search("<h1>(.*)</h1>", answer.text)
        assert found
        return found.group(1)

    learner = place.desk.rules.learner("4711")
    assert learner is not None
    code = place.desk.accounts.invite([learner])["4711"]
    assert heading_for(code[:-2]) == "This is not a whole code"
    assert heading_for("2222-3333-4444-5555") == "There is no such code"
    place.clock.moment += 400 * DAY
    assert heading_for(code) == "This code is too old"
    code = place.desk.accounts.invite([learner])["4711"]
    place.signed_in(code)
    assert heading_for(code) == "This code was used already"


def test_a_file_in_the_place_of_a_class_is_said(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER)
    (tmp_path / "other.csv").write_text(ROSTER)
    with pytest.raises(UsageError, match=f"is a file; expected .* class, which is {tmp_path}"):
        serve(roster)
    roster.rename(tmp_path / "names.csv")
    with pytest.raises(UsageError, match=r"`grader class init .*other\.csv` makes one"):
        serve(tmp_path / "other.csv")
    with pytest.raises(UsageError, match="does not exist; expected the folder of a class"):
        serve(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["serve", "--port", "eighty"], "--port eighty: expected a whole number"),
        (["serve", "--port", "70000"], "--port 70000: expected at most 65535"),
        (["serve", "--port=-1"], "--port -1: expected at least 1"),
    ],
)
def test_a_number_that_an_option_cannot_have_is_told_what_is_expected(
    words: list[str], said: str
) -> None:
    with pytest.raises(Exception) as raised:  # noqa: PT011 (Typer's own copy of Click has its class)
        app(words, prog_name="grader", standalone_mode=False)
    assert about_number(raised.value).startswith(said)


def test_where_learners_hand_in_is_said_when_a_class_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "roster.csv").write_text(ROSTER)
    init(tmp_path / "roster.csv", tmp_path / "class")
    assert "grader serve" in capsys.readouterr().out
