"""Signing in with an account of a provider: a real one, on loopback, and one that lies."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from support.hand_in_page import COURSE, Browser, Place, make_place

pytest.importorskip("authlib", reason="Authlib is a part of the extra `serve`")

from support.provider import CLIENT, SECRET, Provider, provider

from grader.classroom.course_file import SignInTable
from grader.errors import UsageError
from grader.server import sign_in
from grader.server.serving import about_child
from grader.server.settings import SECRET_VARIABLE

ADA = {"email": "Ada@Example.org", "email_verified": True}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)
    with provider() as running:
        running.person = dict(ADA)
        yield running


def place_with(folder: Path, name: str, more: str = "") -> Place:
    table = f'[sign_in]\nprovider = "{name}"\nclient_id = "{CLIENT}"\n{more}'
    return make_place(folder / "class", COURSE + table)


def walk(visitor: Browser, service: Provider) -> Response:
    """Sign in at the provider, and come back."""
    away = visitor.get("/sign-in")
    assert away.status_code == 303, away.text
    return visitor.get(service.sign_in(away.headers["location"]))


def is_in(visitor: Browser) -> bool:
    return visitor.get("/").status_code == 200


def test_a_learner_signs_in_with_an_account(tmp_path: Path, service: Provider) -> None:
    place = place_with(tmp_path, service.address, 'label = "the university"\n')
    visitor = place.visitor()
    assert "Sign in with the university" in visitor.get("/join").text
    answer = walk(visitor, service)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Ada Lovelace" in visitor.get("/").text


@pytest.mark.parametrize(
    "person",
    [
        {"email": "ada@example.org"},
        {"email": "ada@example.org", "email_verified": False},
        {"email": "ada@example.org", "email_verified": "true"},
        {"email": "nobody@example.org", "email_verified": True},
        {"email": "", "email_verified": True},
        {"preferred_username": "ada"},
    ],
)
def test_only_a_verified_e_mail_of_the_roster_lets_in(
    tmp_path: Path, service: Provider, person: dict[str, Any]
) -> None:
    service.person = person
    visitor = place_with(tmp_path, service.address).visitor()
    answer = walk(visitor, service)
    assert answer.status_code == 403
    assert "roster" in answer.text
    assert not is_in(visitor)


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "of another flow"},
        {"aud": "another-page"},
        {"aud": [CLIENT, "another-page"], "azp": "another-page"},
        {"iss": "https://another.example.org"},
        {"exp": int(time.time()) - 3600},
        {"at_hash": "of another token"},
    ],
)
def test_an_id_token_for_another_is_refused(
    tmp_path: Path, service: Provider, lies: dict[str, Any]
) -> None:
    service.lies = lies
    visitor = place_with(tmp_path, service.address).visitor()
    assert walk(visitor, service).status_code == 503
    assert not is_in(visitor)


@pytest.mark.parametrize(("more", "status"), [({}, 303), ({"sub": "18"}, 403)])
def test_an_e_mail_may_come_from_the_userinfo_of_the_same_person(
    tmp_path: Path, service: Provider, more: dict[str, Any], status: int
) -> None:
    service.person = {}
    service.userinfo = ADA | more
    visitor = place_with(tmp_path, service.address).visitor()
    assert walk(visitor, service).status_code == status
    assert is_in(visitor) == (status == 303)


def test_a_token_signed_with_the_clients_secret_is_refused(
    tmp_path: Path, service: Provider
) -> None:
    service.is_symmetric = True
    visitor = place_with(tmp_path, service.address).visitor()
    assert walk(visitor, service).status_code == 503
    assert not is_in(visitor)


def test_a_provider_speaks_for_itself_alone(tmp_path: Path, service: Provider) -> None:
    service.issuer = "https://another.example.org"
    visitor = place_with(tmp_path, service.address).visitor()
    assert visitor.get("/sign-in").status_code == 503


def test_a_way_back_serves_the_browser_that_began_and_once(
    tmp_path: Path, service: Provider
) -> None:
    place = place_with(tmp_path, service.address)
    began = place.visitor()
    back = service.sign_in(began.get("/sign-in").headers["location"])
    other = place.visitor()
    assert other.get(back).status_code == 403
    other.get("/sign-in")
    assert other.get(back).status_code == 403
    assert began.get(back).status_code == 303
    again = place.visitor()
    assert again.get(back).status_code == 403
    assert not is_in(other)


def test_a_forged_cookie_begins_nothing(tmp_path: Path, service: Provider) -> None:
    visitor = place_with(tmp_path, service.address).visitor()
    forged = '{"state": "s", "nonce": "n", "verifier": "v"}.a.b'
    answer = visitor.get(
        "/sign-in/back?code=c&state=s", headers={"cookie": f"grader_sign_in={forged}"}
    )
    assert answer.status_code == 403


def test_nothing_secret_is_logged_or_shown(
    tmp_path: Path, service: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    # What the tests' own browser says of its requests is not the page's.
    for name in ("httpx2", "httpx", "httpcore2", "httpcore"):
        caplog.set_level(logging.WARNING, name)
    visitor = place_with(tmp_path, service.address).visitor()
    assert walk(visitor, service).status_code == 303
    service.lies = {"nonce": "wrong"}
    shown = walk(visitor, service).text
    assert len(service.handed_out) == 6
    for each in (SECRET, *service.handed_out):
        assert each not in caplog.text
        assert each not in shown


def test_a_server_without_the_secret_or_the_setting_says_so(
    tmp_path: Path, service: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SECRET_VARIABLE)
    answer = place_with(tmp_path, service.address).visitor().get("/sign-in")
    assert answer.status_code == 503
    assert SECRET_VARIABLE in answer.text
    plain = make_place(tmp_path / "plain").visitor()
    assert plain.get("/sign-in").status_code == 404
    assert "Sign in with" not in plain.get("/join").text.replace("Sign in with the code", "")


def test_a_provider_that_is_gone_is_said_to_be(tmp_path: Path, service: Provider) -> None:
    visitor = place_with(tmp_path, f"{service.address}/nowhere").visitor()
    answer = visitor.get("/sign-in")
    assert answer.status_code == 503
    assert "code from your instructor" in answer.text


@pytest.mark.parametrize(
    ("person", "more", "status"),
    [
        ({"login": "x", "emails": [{"email": "ada@example.org", "verified": True}]}, "", 303),
        ({"login": "ada", "emails": [{"email": "ada@example.org", "verified": False}]}, "", 403),
        ({"login": "Ada", "emails": []}, 'match = "login"\n', 303),
    ],
)
def test_github(
    tmp_path: Path,
    service: Provider,
    monkeypatch: pytest.MonkeyPatch,
    person: dict[str, Any],
    more: str,
    status: int,
) -> None:
    places = {
        "authorization_endpoint": f"{service.address}/authorize",
        "token_endpoint": f"{service.address}/token",
        "user": f"{service.address}/user",
        "emails": f"{service.address}/user/emails",
    }
    monkeypatch.setattr(sign_in, "GITHUB_PLACES", places)
    service.person = person
    visitor = place_with(tmp_path, "github", more).visitor()
    assert walk(visitor, service).status_code == status
    assert is_in(visitor) == (status == 303)


@pytest.mark.parametrize("name", ["http://login.example.org", "gitlab", "ftp://x", "https://"])
def test_a_provider_has_to_be_encrypted(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="https://"):
        place_with(tmp_path, name)


def test_what_two_learners_share_lets_neither_in() -> None:
    table = SignInTable(provider="github", client_id="x")
    identity = sign_in.Identity(("us@example.org",), "")
    two = [sign_in.Learner(each, email="us@example.org") for each in ("1", "2")]
    with pytest.raises(sign_in.NotTaken):
        sign_in.learner_of(identity, two, table.match)
    assert sign_in.learner_of(identity, two[:1], table.match) == two[0]


def test_the_process_that_grades_does_not_get_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)
    monkeypatch.setenv("ANOTHER", "stays")
    about = about_child()
    assert SECRET not in about.values()
    assert about["ANOTHER"] == "stays"
