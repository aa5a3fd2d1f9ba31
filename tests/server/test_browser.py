"""A learner and an instructor walk through the hand-in page in a browser, wide and narrow."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from support.chromium import running_chromium
from support.hand_in_page import Place, make_place

pytestmark = pytest.mark.browser

WIDTHS = {"desk": 1280, "phone": 390}
SOON = 10_000  # milliseconds
LEARNER_PAGES = ("/", "/upload/neuron", "/jobs/1", "/board", "/board/neuron", "/token", "/no")
TEACHER_PAGES = ("/class", "/class/journal", "/jobs/2", "/jobs/1")
HOSTILE = "<img src=x onerror=alert(1)> \u202e.py"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from running_chromium()


@dataclass
class Served:
    """A hand-in page that answers on a port, and what its visitors' browsers complain about."""

    place: Place
    address: str
    browser: Any
    complaints: list[str] = field(default_factory=list)

    def visitor(self, width: int, scheme: str = "light", **more: Any) -> Any:
        """Return an empty tab of a browser of its own."""
        size = {"width": width, "height": 800}
        context = self.browser.new_context(viewport=size, color_scheme=scheme, **more)
        page = context.new_page()
        page.set_default_timeout(SOON)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)
        page.on("request", self._watch)
        page.on("dialog", self._dismiss)
        return page

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _watch(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:")):
            self.complaints.append(f"asked elsewhere: {request.url}")

    def _dismiss(self, dialog: Any) -> None:
        self.complaints.append(f"a script of somebody ran: {dialog.message}")
        dialog.dismiss()


@pytest.fixture
def served(tmp_path: Path, browser: Any) -> Iterator[Served]:
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    place = make_place(tmp_path / "class", address=address)
    config = uvicorn.Config(
        place.app, access_log=False, log_level="warning", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Served(place, address, browser)
    server.should_exit = True
    thread.join()
    listening.close()


def fits(page: Any, width: int) -> bool:
    """Whether nothing makes the page wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth")) <= width


def looks_like_the_site(page: Any) -> bool:
    """Whether the styles of the site hold: its mark is as small as there, not as wide as a page."""
    return float(page.locator("svg.mark").bounding_box()["width"]) < 40


@pytest.mark.parametrize("width", WIDTHS.values(), ids=list(WIDTHS))
def test_a_learner_and_an_instructor_walk_through(
    served: Served, tmp_path: Path, width: int
) -> None:
    place = served.place
    learner = place.desk.rules.learner("4711")
    assert learner is not None
    code = place.desk.accounts.invite([learner])["4711"]
    script = tmp_path / "solution.py"
    script.write_text("x = 1\n")

    ada = served.visitor(width)
    ada.goto(f"{served.address}/join/{code}")
    ada.get_by_role("button", name="Sign in").click()
    ada.locator('a[href="/upload/neuron"]').click()
    assert fits(ada, width)
    assert looks_like_the_site(ada)
    ada.set_input_files("#file", script)
    ada.get_by_role("button", name="Hand in").click()
    ada.wait_for_url("**/jobs/1")
    assert "1 of 1 in the queue" in ada.inner_text("[data-place]")

    teacher = served.visitor(width)
    teacher.goto(f"{served.address}/join/{place.desk.accounts.invite_instructor()}")
    teacher.get_by_role("button", name="Sign in").click()
    teacher.wait_for_url("**/class")
    assert fits(teacher, width)
    teacher.get_by_label("Why grading is paused").fill(HOSTILE)
    teacher.get_by_role("button", name="Pause grading").click()
    assert "<img src=x" in teacher.inner_text("main")
    teacher.get_by_role("button", name="Go on grading").click()

    # The learner's page has been open all the time, and nobody reloads it.
    assert place.grade_one()
    ada.get_by_text("80.0").wait_for()
    assert "epoch 1" in ada.inner_text("main")
    assert fits(ada, width)
    ada.get_by_role("navigation").get_by_role("link", name="Boards").click()
    ada.get_by_role("button", name="Sign out").click()
    ada.goto(f"{served.address}/jobs/1")
    ada.wait_for_url("**/join")
    assert served.complaints == []


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.nightly)])
def test_axe_finds_nothing_serious_on_any_page(served: Served, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    place = served.place
    place.learner("4711").hand_in(name=HOSTILE)
    place.learner("4712").hand_in(b"y = 2\n")
    place.grade_one()
    learner = place.desk.rules.learner("4711")
    assert learner is not None
    codes = {
        place.desk.accounts.invite([learner])["4711"]: LEARNER_PAGES,
        place.desk.accounts.invite_instructor(): TEACHER_PAGES,
    }
    for code, pages in codes.items():
        # Not bound by the page's own policy, which lets no script in: axe is one.
        visitor = served.visitor(WIDTHS["phone"], scheme, bypass_csp=True)
        visitor.goto(f"{served.address}/join/{code}")
        visitor.get_by_role("button", name="Sign in").click()
        visitor.get_by_role("button", name="Sign out").wait_for()
        for path in pages:
            visitor.goto(served.address + path)
            visitor.evaluate(axe.axe_script)
            found = visitor.evaluate("axe.run()")["violations"]
            grave = [each["id"] for each in found if each["impact"] in ("serious", "critical")]
            assert grave == [], path
            assert fits(visitor, WIDTHS["phone"]), path
