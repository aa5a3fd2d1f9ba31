"""Requests that somebody hostile would send: each is refused, and changes nothing.

A table of each kind: where it goes, what it carries, what it is answered with. After each the page
has stored nothing new, and nobody sees what is another's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from support.hand_in_page import ADDRESS, DAY, DEADLINE, Browser, Place, make_place
from support.here import grader_here
from support.skeleton import Skeleton

from grader.errors import UsageError
from grader.server.desk import Desk, NotTaken
from grader.server.forgetting import TABLES, forget, handed_in

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
REVERSED = "\u202egnp.py"


def kept_files(place: Place) -> list[Path]:
    """Return everything that was ever stored of uploads."""
    folders = (place.settings.uploads, place.settings.incoming)
    return [path for folder in folders if folder.is_dir() for path in folder.rglob("*")]


# Names of files.

REFUSED_NAMES = [
    "../../etc/passwd",
    "..\\..\\autoexec.bat",
    "work/../../solution.py",
    "/etc/cron.d/job",
    "\\\\server\\share\\solution.py",
    REVERSED,
    "a\u2028b.py",
    "solution.py\u0007",
]
KEPT_NAMES = {
    "C:\\Users\\ada\\solution.py": "solution.py",
    "work/solution.py": "solution.py",
    ".../solution.py": "solution.py",
    "\u200bsolution.py": "solution.py",
    "L" * 1500 + ".py": None,
    "ñ" * 300 + ".py": None,
    "--rm.py": "--rm.py",
    "solution.PY": "solution.py",
    "CON": "CON",
    f"{SCRIPT}.py": "script>.py",
    "receipt.json": None,
}


@pytest.mark.parametrize("name", REFUSED_NAMES, ids=ascii)
def test_names_that_lead_elsewhere_or_trick_their_reader_are_refused(
    place: Place, name: str
) -> None:
    token = place.learner("4711").token()
    headers = {"authorization": f"Bearer {token}"}
    words = {"task": "neuron", "file": name}
    program = place.visitor().client
    answer = program.post("/api/v1/uploads", params=words, content=b"x", headers=headers)
    assert answer.status_code == 400, answer.text
    assert not kept_files(place)


@pytest.mark.parametrize("name", KEPT_NAMES, ids=lambda name: ascii(name)[:40])
def test_other_names_stay_inside_the_folder_of_the_upload(place: Place, name: str) -> None:
    token = place.learner("4711").token()
    headers = {"authorization": f"Bearer {token}"}
    words = {"task": "neuron", "file": name}
    program = place.visitor().client
    answer = program.post("/api/v1/uploads", params=words, content=b"mine", headers=headers)
    assert answer.status_code == 200, answer.text
    place.grade_one()
    path = place.grader.seen[0].hand_in.path
    assert path.parent.parent.parent == place.settings.uploads
    assert path.read_bytes() == b"mine"
    if KEPT_NAMES[name] is not None:
        assert path.name == KEPT_NAMES[name]


@pytest.mark.parametrize("name", ["../x.py", "a/../../x.py", "/x.py"])
def test_names_in_a_folder_are_refused_as_well(place: Place, name: str) -> None:
    ada = place.learner("4711")
    files = [("file", ("work/solution.py", b"a")), ("file", (name, b"b"))]
    answer = ada.client.post("/upload/neuron", data={"csrf": ada.csrf}, files=files)
    assert answer.status_code == 400
    assert not kept_files(place)


# Sizes and bodies.


@pytest.fixture
def narrow(tmp_path: Path) -> Place:
    return make_place(tmp_path / "class", upload_bytes=1000, files=3, uploads_per_hour=4)


def test_what_is_too_large_is_refused_by_its_length(narrow: Place) -> None:
    ada = narrow.learner("4711")
    answer = ada.hand_in(b"x" * 300_000)
    assert answer.status_code == 413
    assert not kept_files(narrow)


def chunks(count: int, size: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b"x" * size


@pytest.mark.parametrize("said", ["", "10", "0"])
def test_a_body_that_hides_its_length_ends_at_the_bound(narrow: Place, said: str) -> None:
    headers = {"authorization": f"Bearer {narrow.learner('4711').token()}"}
    if said:
        headers["content-length"] = said
    program = narrow.visitor().client
    path = "/api/v1/uploads?task=neuron&file=a.zip"
    answer = program.post(path, content=chunks(100, 100), headers=headers)
    assert answer.status_code == 413
    assert not kept_files(narrow)


BAD_BODIES = {
    "no form": ({"content-type": "text/plain"}, b"hello", 415),
    "no boundary": ({"content-type": "multipart/form-data"}, b"hello", 400),
    "an empty form": ({"content-type": "multipart/form-data; boundary=x"}, b"", 403),
    "torn": ({"content-type": "multipart/form-data; boundary=x"}, b"--x\r\nContent-Di", 403),
    "no headers": ({"content-type": "multipart/form-data; boundary=x"}, b"--x\r\n\r\nhi\r\n", 400),
    "nameless": (
        {"content-type": "multipart/form-data; boundary=x"},
        b"--x\r\nContent-Disposition: form-data\r\n\r\nhi\r\n--x--\r\n",
        400,
    ),
    "endless header": (
        {"content-type": "multipart/form-data; boundary=x"},
        b"--x\r\n" + b"A: " + b"a" * 60_000,
        400,
    ),
    "odd charset": (
        {"content-type": "multipart/form-data; boundary=x; charset=utf-7"},
        b"--x\r\nContent-Disposition: form-data; name=csrf\r\n\r\nhi\r\n--x--\r\n",
        403,
    ),
}


@pytest.mark.parametrize("case", BAD_BODIES)
def test_bodies_that_are_no_form_are_refused(place: Place, case: str) -> None:
    headers, body, status = BAD_BODIES[case]
    ada = place.learner("4711")
    answer = ada.client.post("/upload/neuron", headers=headers, content=body)
    assert answer.status_code == status, answer.text
    assert not kept_files(place)


def test_too_many_files_and_fields_are_refused(narrow: Place) -> None:
    ada = narrow.learner("4711")
    files = [("file", (f"{number}.py", b"x")) for number in range(4)]
    fields = {"csrf": ada.csrf}
    assert ada.client.post("/upload/neuron", data=fields, files=files).status_code == 400
    many = {f"field{number}": "x" for number in range(30)} | fields
    one = {"file": ("a.py", b"x")}
    assert ada.client.post("/upload/neuron", data=many, files=one).status_code == 400
    long = {"note": "x" * 10_000} | fields
    assert ada.client.post("/upload/neuron", data=long, files=one).status_code in (400, 413)
    assert not kept_files(narrow)


def test_an_empty_upload_is_refused_and_not_kept(place: Place) -> None:
    ada = place.learner("4711")
    assert ada.hand_in(b"").status_code == 400
    assert not kept_files(place)
    assert (
        ada.client.post(
            "/upload/neuron", data={"csrf": ada.csrf}, files={"other": ("", b"")}
        ).status_code
        == 400
    )


def test_who_uploads_too_often_waits(narrow: Place) -> None:
    ada = narrow.learner("4711")
    for number in range(4):
        assert ada.hand_in(str(number).encode()).status_code == 303
    answer = ada.hand_in(b"5")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert narrow.learner("4712").hand_in().status_code == 303
    narrow.clock.moment += 3601
    assert ada.hand_in(b"5").status_code == 303


def test_a_full_disk_is_said_before_anything_is_read(tmp_path: Path) -> None:
    place = make_place(tmp_path / "class", free_bytes=1 << 62)
    answer = place.learner("4711").hand_in()
    assert answer.status_code == 507
    assert "disk" in answer.text
    assert not kept_files(place)


def test_a_disk_that_fills_while_writing_keeps_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("grader.server.uploads.os.fsync", full)
    answer = place.learner("4711").hand_in()
    assert answer.status_code == 507
    assert not [path for path in kept_files(place) if path.is_file()]
    assert place.desk.jobs.newest() == []


SMALL_FORMS = ["/join", "/token", "/leave", "/class/pause", "/jobs/1/cancel"]


@pytest.mark.parametrize("path", SMALL_FORMS)
def test_small_forms_are_small(place: Place, path: str) -> None:
    ada = place.learner("4711")
    answer = ada.client.post(path, data={"csrf": ada.csrf, "why": "x" * 100_000})
    assert answer.status_code == 413
    answer = ada.client.post(path, content=chunks(10, 10))
    assert answer.status_code == 411


# Who asks.

HOSTS = [
    "evil.example",
    "127.0.0.1:8000.evil.example",
    "127.0.0.1",
    "127.0.0.1:9000",
    "",
    "127.0.0.1:8000@evil.example",
    "localhost:8000",
]


@pytest.mark.parametrize("host", HOSTS)
def test_other_names_of_this_computer_are_not_answered(place: Place, host: str) -> None:
    ada = place.learner("4711")
    answer = ada.get("/", headers={"host": host})
    assert answer.status_code == 421
    assert "evil" not in answer.text


ORIGINS = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:8000.evil.example"},
    {"origin": "http://[::1"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
]


@pytest.mark.parametrize("headers", ORIGINS, ids=str)
def test_forms_of_other_sites_are_refused(place: Place, headers: dict[str, str]) -> None:
    ada = place.learner("4711")
    files = {"file": ("solution.py", b"x")}
    answer = ada.client.post(
        "/upload/neuron", data={"csrf": ada.csrf}, files=files, headers=headers
    )
    assert answer.status_code == 403
    assert not kept_files(place)


FORMS = ["/upload/neuron", "/jobs/1/cancel", "/token", "/leave"]
TEACHER_FORMS = [
    "/class/pause",
    "/class/resume",
    "/class/revoke",
    "/class/jobs/1/first",
    "/class/jobs/1/regrade",
]


@pytest.mark.parametrize("csrf", ["", "0" * 64, "another's", "ünicode"])
@pytest.mark.parametrize("path", FORMS)
def test_forms_without_the_token_of_the_session_are_refused(
    place: Place, path: str, csrf: str
) -> None:
    ada = place.learner("4711")
    ada.hand_in()
    given = place.learner("4712").csrf if csrf == "another's" else csrf
    files = {"file": ("solution.py", b"x")} if path.startswith("/upload") else None
    answer = ada.client.post(path, data={"csrf": given}, files=files)
    assert answer.status_code == 403
    assert [job.state for job in place.desk.jobs.newest()] == ["waiting"]
    assert ada.get("/").status_code == 200


@pytest.mark.parametrize("path", TEACHER_FORMS)
def test_instructors_forms_are_for_instructors(place: Place, path: str) -> None:
    ada = place.learner("4711")
    ada.hand_in()
    assert ada.post(path, learner="4711", why="x").status_code == 403
    assert not place.desk.jobs.paused()
    assert len(place.desk.jobs.newest()) == 1


PAGES = [
    "/",
    "/upload/neuron",
    "/jobs/1",
    "/board",
    "/board/neuron",
    "/token",
    "/class",
    "/index.html",
]


@pytest.mark.parametrize("path", PAGES)
def test_nobody_sees_a_page_without_signing_in(place: Place, path: str) -> None:
    place.learner("4711").hand_in()
    answer = place.visitor().get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/join")


OTHERS = [
    ("GET", "/jobs/1"),
    ("GET", "/jobs/1/events"),
    ("POST", "/jobs/1/cancel"),
    ("GET", "/results/20261201T000000Z-aaaaaaaa.html"),
    ("GET", "/results/20261201T000000Z-aaaaaaaa.json"),
    ("GET", "/authors/abc.html"),
    ("GET", "/class"),
    ("GET", "/class/journal"),
    ("GET", "/class.html"),
]


@pytest.mark.parametrize(("method", "path"), OTHERS)
def test_what_is_another_learners_is_not_there(place: Place, method: str, path: str) -> None:
    place.learner("4711").hand_in(b"secret = 1")
    for name in ("results/20261201T000000Z-aaaaaaaa", "authors/abc", "class"):
        for suffix in ("html", "json"):
            page = place.settings.site / f"{name}.{suffix}"
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text("Ada's log")
    ben = place.learner("4712")
    answer = ben.client.request(method, path, data={"csrf": ben.csrf} if method == "POST" else None)
    assert answer.status_code in (403, 404)
    assert "Ada" not in answer.text
    assert place.desk.jobs.newest()[0].state == "waiting"


@pytest.mark.parametrize("path", ["/jobs/1", "/jobs/1/result", "/jobs/1/cancel", "/jobs/99"])
def test_programs_see_their_own_only(place: Place, path: str) -> None:
    place.learner("4711").hand_in()
    headers = {"authorization": f"Bearer {place.learner('4712').token()}"}
    method = "POST" if path.endswith("cancel") else "GET"
    answer = place.visitor().client.request(method, f"/api/v1{path}", headers=headers)
    assert answer.status_code == 404
    assert place.desk.jobs.newest()[0].state == "waiting"


BAD_TOKENS = ["", "Bearer", "Bearer ", "Bearer grader-", "Bearer x", "Basic YQ==", "Bearer \xe9"]


@pytest.mark.parametrize("token", BAD_TOKENS, ids=ascii)
def test_programs_need_a_token(place: Place, token: str) -> None:
    browser = place.learner("4711")  # a cookie is no token
    headers = {"authorization": token.encode("latin-1")} if token else {}
    answer = browser.client.get("/api/v1/jobs", headers=headers)
    assert answer.status_code == 401


# Codes, cookies, tokens.


def test_a_link_works_once_and_looking_at_it_uses_nothing_up(place: Place) -> None:
    learner = place.desk.rules.learner("4711")
    assert learner is not None
    code = place.desk.accounts.invite([learner])["4711"]
    assert code in place.visitor().get(f"/join/{code}").text
    first = place.visitor().client.post("/join", data={"code": code.lower().replace("-", " ")})
    assert first.status_code == 303
    assert code not in first.headers["location"]
    again = place.visitor().client.post("/join", data={"code": code})
    assert again.status_code == 403


def test_new_codes_make_old_ones_void(place: Place) -> None:
    learner = place.desk.rules.learner("4711")
    assert learner is not None
    old = place.desk.accounts.invite([learner])["4711"]
    place.desk.accounts.invite([learner])
    assert place.visitor().client.post("/join", data={"code": old}).status_code == 403
    link = place.desk.accounts.invite_instructor()
    place.clock.moment += 2 * 3600
    assert place.visitor().client.post("/join", data={"code": link}).status_code == 403


def test_codes_can_not_be_tried_out(place: Place) -> None:
    visitor = place.visitor().client
    statuses = [visitor.post("/join", data={"code": str(n)}).status_code for n in range(25)]
    assert statuses == [403] * 20 + [429] * 5
    place.clock.moment += 61
    assert visitor.post("/join", data={"code": "n"}).status_code == 403


def test_who_mistypes_locks_nobody_out_who_has_the_same_address(place: Place) -> None:
    mistyping = place.visitor().client
    for number in range(30):
        mistyping.post("/join", data={"code": str(number)})
    assert mistyping.post("/join", data={"code": "again"}).status_code == 429
    # Which asserts that the code is taken.
    place.learner("4711")
    place.instructor()


def test_addresses_that_were_wrong_once_are_forgotten(place: Place) -> None:
    for number in range(50):
        with pytest.raises(NotTaken):
            place.desk.sign_in("wrong", f"2001:db8::{number}")
        place.clock.moment += 10
    assert len(place.desk._wrong_codes) <= 7


def test_a_wrong_code_waits_for_nobody_who_writes(place: Place) -> None:
    with place.desk.database.writing():
        answer = place.visitor().client.post("/join", data={"code": "wrong"})
    assert answer.status_code == 403


def test_the_database_holds_no_code_cookie_or_token(place: Place) -> None:
    learner = place.desk.rules.learner("4711")
    assert learner is not None
    code = place.desk.accounts.invite([learner])["4711"]
    browser = place.signed_in(place.desk.accounts.invite([learner])["4711"])
    token = browser.token()
    cookie = browser.client.cookies["grader_session"]
    place.desk.database.close()
    stored = b"".join(path.read_bytes() for path in place.settings.folder.glob("hand-in.sqlite3*"))
    for secret in (code, token, cookie.rpartition(".")[0]):
        assert secret.encode() not in stored


def forged(cookie: str) -> list[str]:
    session, _, signature = cookie.rpartition(".")
    return [session, f"{session}.", f"x{cookie}", f"{session}.{signature[::-1]}", "é", "." * 5000]


def test_forged_and_ended_cookies_are_nobodys(place: Place) -> None:
    ada = place.learner("4711")
    cookie = ada.client.cookies["grader_session"]
    for each in forged(cookie):
        answer = place.visitor().get("/", headers={"cookie": f"grader_session={each}".encode()})
        assert answer.status_code == 303
    assert ada.post("/leave").status_code == 303
    old = place.visitor().get("/", headers={"cookie": f"grader_session={cookie}"})
    assert old.headers["location"] == "/join"


def test_sessions_end_by_time_and_by_the_instructor(place: Place) -> None:
    ada = place.learner("4711")
    token = ada.token()
    ben = place.learner("4712")
    teacher = place.instructor()
    teacher.post("/class/revoke", learner="4711")
    assert ada.get("/").status_code == 303
    headers = {"authorization": f"Bearer {token}"}
    assert place.visitor().get("/api/v1/jobs", headers=headers).status_code == 401
    assert ben.get("/").status_code == 200
    place.clock.moment += 31 * DAY
    assert ben.get("/").status_code == 303


def test_cookies_are_kept_from_scripts_and_other_sites(place: Place) -> None:
    code = place.desk.accounts.invite_instructor()
    said = place.visitor().client.post("/join", data={"code": code}).headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=lax" in said


def test_who_left_the_roster_is_let_out(place: Place) -> None:
    ada = place.learner("4711")
    roster = place.settings.course / "roster.csv"
    roster.write_text("\n".join(roster.read_text().splitlines()[::2]) + "\n")
    assert ada.hand_in().status_code == 403


def test_who_left_the_roster_sees_nothing_of_the_class(place: Place) -> None:
    ada = place.learner("4711")
    token = {"authorization": f"Bearer {ada.token()}"}
    assert ada.get("/board").status_code == 200
    assert ada.client.get("/api/v1/jobs", headers=token).status_code == 200
    roster = place.settings.course / "roster.csv"
    kept = [line for line in roster.read_text().splitlines() if "Ada" not in line]
    roster.write_text("\n".join(kept) + "\n")
    assert ada.get("/board").headers["location"] == "/join"
    assert ada.get("/board-events").status_code == 403
    assert ada.client.get("/api/v1/jobs", headers=token).status_code == 401


# Texts on pages.

TEXTS = [SCRIPT, IMAGE, "{{ 7 * 7 }}", "javascript:alert(1)", "' onmouseover='x", "\x1b[31mred"]


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_texts_of_strangers_stay_text(place: Place, text: str) -> None:
    ada = place.learner("4711")
    plain = shape_of(place, ada, "plain")
    assert shape_of(place, ada, text) == plain


def shape_of(place: Place, ada: Browser, text: str) -> list[object]:
    """Return the elements of every page that shows a text, but nothing of what stands in them."""
    place.grader.refuses = text
    place.clock.moment += 1
    name = text.replace("/", "").replace("\x1b", "")
    ada.hand_in(text.encode(), name=f"{name}.py", task="digits")
    place.grade_one()
    number = place.desk.jobs.newest()[0].id
    teacher = place.instructor()
    teacher.post("/class/pause", why=text)
    place.desk.jobs.tell(number, "log", text)
    place.desk.jobs.tell(number, "step", text)
    pages = [ada.get(f"/jobs/{number}").text, teacher.get(f"/jobs/{number}").text]
    pages.append(place.visitor().get(f"/join/{quote(text.replace('/', ''))}").text)
    teacher.post("/class/resume")
    return [Skeleton(page).elements for page in pages]


def test_pages_allow_no_inline_script_and_no_frame(place: Place) -> None:
    ada = place.learner("4711")
    ada.hand_in()
    for path in ("/", "/upload/neuron", "/jobs/1", "/board/neuron", "/token", "/nowhere/at/all"):
        answer = ada.get(path)
        policy = answer.headers["content-security-policy"]
        assert "unsafe-inline" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        scripts = [text for _, text in Skeleton(answer.text).scripts if text.strip()]
        assert scripts == []


# Paths.

PATHS = [
    "/static/../settings.py",
    "/static/%2e%2e%2fsettings.py",
    "/boards/..%2f..%2fcookies.secret",
    "/boards/%2e%2e/%2e%2e/hand-in.sqlite3",
    "/shared/..%5c..%5ccookies.secret",
    "/results/..%2f..%2f..%2froster.csv",
    "/uploads/",
    "/cookies.secret",
    "/hand-in.sqlite3",
    "/boards/",
    "/boards/.hidden.html",
    "/index.html%00.png",
    "/jobs/1e3",
    "/jobs/-1",
    "/jobs/99999999999999999999",
    "/jobs/\u0661",
    "/upload/../../etc",
    "/upload/nonsense",
    "/board/%3Cscript%3E",
]


@pytest.mark.parametrize("path", PATHS, ids=ascii)
def test_paths_reach_no_file_but_pages(place: Place, path: str) -> None:
    ada = place.learner("4711")
    answer = ada.get(path)
    assert answer.status_code == 404, answer.text
    assert "Ada Lovelace,A" not in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_do_nothing(place: Place, method: str) -> None:
    ada = place.learner("4711")
    answer = ada.client.request(method, "/upload/neuron")
    assert answer.status_code in (403, 404, 405)


def test_long_addresses_are_refused(place: Place) -> None:
    assert place.visitor().get(f"/join/{'x' * 3000}").status_code == 414


# Two at once.


def both(*actions: Callable[[], object]) -> list[object]:
    """Do several things at the same time, and return what came of each."""
    found: list[object] = [None] * len(actions)
    barrier = threading.Barrier(len(actions))

    def do(number: int) -> None:
        barrier.wait()
        found[number] = actions[number]()

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_two_uploads_at_the_deadline_both_get_their_due(place: Place) -> None:
    ada = place.learner("4711")
    place.clock.moment = DEADLINE - 0.5
    first, second = both(
        lambda: ada.hand_in(b"1").status_code,
        lambda: ada.hand_in(b"2").status_code,
    )
    assert {first, second} == {303}
    states = sorted(job.state for job in place.desk.jobs.newest())
    assert states in (["superseded", "waiting"], ["waiting", "waiting"])
    place.clock.moment = DEADLINE + 0.5
    ada.hand_in(b"3")
    waiting = [job for job in place.desk.jobs.newest() if job.state == "waiting"]
    assert len(waiting) >= 2


def test_one_code_used_twice_at_once_lets_one_in(place: Place) -> None:
    code = place.desk.accounts.invite_instructor()
    one = place.visitor()
    other = place.visitor()
    statuses = both(
        lambda: one.client.post("/join", data={"code": code}).status_code,
        lambda: other.client.post("/join", data={"code": code}).status_code,
    )
    assert sorted(statuses) == [303, 403]


def test_one_job_claimed_twice_at_once_is_graded_once(place: Place) -> None:
    place.learner("4711").hand_in()
    claimed = both(place.desk.jobs.claim, place.desk.jobs.claim)
    assert sum(job is not None for job in claimed) == 1


def test_the_address_of_a_page_is_never_taken_from_a_request(place: Place) -> None:
    ada = place.learner("4711")
    answer = ada.get("/join", headers={"x-forwarded-host": "evil.example", "forwarded": "host=e"})
    assert "evil" not in answer.text
    assert place.settings.address == ADDRESS


# What the law may ask for.


def test_nothing_of_a_forgotten_learner_stays(place: Place) -> None:
    ada, ben = place.learner("4711"), place.learner("4712")
    ada.token()
    ada.hand_in(b"written by ada")
    place.grade_one()
    ben.hand_in(b"written by ben")
    ada.hand_in(b"ada again", task="digits")
    assert len(handed_in(place.settings, "4711")) == 2
    course = place.settings.course
    words = ("forget", "4711", "--class", str(course), "--results", str(place.settings.results))
    assert "2 uploads to the hand-in page" in grader_here(*words, cwd=course).stdout
    assert len(handed_in(place.settings, "4711")) == 2
    assert grader_here(*words, "--yes", cwd=course).returncode == 0
    assert handed_in(place.settings, "4711") == []
    kept = [path.read_bytes() for path in place.settings.folder.rglob("*") if path.is_file()]
    assert not any(b"4711" in each or b"ada" in each for each in kept)
    assert any(b"written by ben" in each for each in kept)
    Desk(place.settings, place.clock).open_up()
    assert states_of(place) == ["waiting"]
    assert ada.get("/board").headers["location"] == "/join"


def test_every_table_that_knows_learners_is_forgotten_from(place: Place) -> None:
    database = place.desk.database
    names = [row["name"] for row in database.rows("SELECT name FROM sqlite_master")]
    columns = {name: database.rows(f"PRAGMA table_info({name})") for name in names}
    knows = {name for name, each in columns.items() if "learner" in {row["name"] for row in each}}
    assert knows == set(TABLES)


def test_nobody_is_forgotten_while_being_graded(place: Place) -> None:
    place.learner("4711").hand_in()
    assert place.desk.jobs.claim() is not None
    with pytest.raises(UsageError, match="being graded"):
        forget(place.settings, "4711")
    assert len(handed_in(place.settings, "4711")) == 1


def states_of(place: Place) -> list[str]:
    return [job.state for job in place.desk.jobs.newest()]
