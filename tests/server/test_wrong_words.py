"""What instructors and learners mistype: each is answered before anything is done with it."""

from __future__ import annotations

import email.message
import io
import socket
import urllib.error
from pathlib import Path

import pytest
from support.hand_in_page import COURSE, Place, make_place

from grader.commands.parts.handing_in import page_of
from grader.commands.serve import must_be_an_address, serve
from grader.errors import UsageError
from grader.server.client import refusal
from grader.server.serving import listening

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
