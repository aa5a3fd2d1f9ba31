"""A learner's and an instructor's way through the page in Chromium, on a telephone and a desk."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from support.hand_in_page import Place, free_port, make_place

pytestmark = pytest.mark.browser
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDTHS = (390, pytest.param(1280, marks=pytest.mark.nightly))
HEIGHT = 800


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a window, driven by Playwright."""
    api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium, headless=True, args=ARGUMENTS
        )
        yield running
        running.close()


@pytest.fixture
def page_of_class(tmp_path: Path) -> Iterator[Place]:
    """A page that really listens."""
    port = free_port()
    place = make_place(tmp_path / "class", address=f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(place.app, port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield place
    server.should_exit = True
    thread.join()


def look_at(page: Any) -> None:
    """Assert that a page fits its window, and that axe finds nothing serious."""
    from axe_playwright_python.sync_playwright import Axe

    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{page.url} is {wide} pixels too wide"
    found = Axe().run(page).response["violations"]
    serious = [each["id"] for each in found if each["impact"] in ("serious", "critical")]
    assert serious == [], f"{page.url}: {json.dumps(found, indent=1)[:3000]}"


def sign_in(page: Any, address: str, code: str) -> None:
    page.goto(f"{address}/join/{code}")
    look_at(page)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_learner_and_an_instructor_find_their_way(
    browser: Any, page_of_class: Place, tmp_path: Path, width: int
) -> None:
    place = page_of_class
    address = place.settings.address
    solution = tmp_path / "solution.py"
    solution.write_text("x = 1\n")
    folder = tmp_path / "my-work"
    (folder / "parts").mkdir(parents=True)
    (folder / "solution.py").write_text("import parts.layers\n")
    (folder / "parts" / "layers.py").write_text("y = 2\n")
    troubles: list[str] = []
    viewport = {"width": width, "height": HEIGHT}
    context = browser.new_context(viewport=viewport)
    page = context.new_page()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    learner = place.desk.rules.learner("4711")
    assert learner is not None
    sign_in(page, address, place.desk.accounts.invite([learner])["4711"])
    look_at(page)

    page.get_by_role("link", name="Hand in neuron").or_(
        page.get_by_role("link", name="Hand in One neuron")
    ).first.click()
    look_at(page)
    page.get_by_label("A file").set_input_files(solution)
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url("**/jobs/1")
    look_at(page)
    assert "1 of 1 in the queue" in page.locator("[data-place]").inner_text()

    # What happens is seen without reloading, and at the end the page shows how it ended.
    place.grader.meanwhile = lambda _: page_shows_step(place)
    assert place.grade_one()
    page.get_by_text("80.0").first.wait_for()
    assert "epoch 1 loss 0.5" in page.locator("[data-log]").inner_text()
    look_at(page)

    page.goto(f"{address}/upload/neuron")
    page.get_by_label("or a folder").set_input_files(folder)
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url("**/jobs/2")
    assert (
        place.desk.jobs.upload(place.desk.jobs.job(2)).members
        == (
            "my-work/parts/layers.py",
            "my-work/solution.py",
        )
        or len(place.desk.jobs.upload(place.desk.jobs.job(2)).members) == 2
    )
    page.get_by_role("button", name="Take it out of the queue").click()
    page.get_by_text("cancelled").first.wait_for()

    board_is_live(place, page)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/join")

    sign_in(page, address, place.desk.accounts.invite_instructor())
    page.wait_for_url("**/class")
    look_at(page)
    page.get_by_label("Why grading is paused").fill("lunch")
    page.get_by_role("button", name="Pause grading").click()
    page.get_by_text("Grading is paused: lunch").wait_for()
    look_at(page)
    page.get_by_role("button", name="Go on grading").click()
    page.get_by_role("link", name="2026").last.click()
    page.get_by_label("Why it is graded again").fill("a new reference")
    page.get_by_role("button", name="Grade again").click()
    page.wait_for_url("**/jobs/3")
    page.goto(f"{address}/class/journal")
    page.get_by_text("a new reference").first.wait_for()
    look_at(page)
    context.close()
    assert troubles == []


def page_shows_step(place: Place) -> None:
    """Give the browser the time to hear of a step before the job ends."""
    time.sleep(1.0)


def board_is_live(place: Place, page: Any) -> None:
    """Assert that a board shows a new entry without being loaded again."""
    page.goto(f"{place.settings.address}/board/neuron")
    look_at(page)
    page.get_by_text("Nobody is on this board yet").wait_for()
    entry = {"rank": 1, "author": "Red Elk", "status": "accepted", "score": 9.0, "attempts": 1}
    boards = place.settings.site / "boards"
    boards.mkdir(parents=True)
    (boards / "neuron.json").write_text(json.dumps({"entries": [entry]}))
    time.sleep(1.0)
    place.desk.database.set_fact("site", "1")
    page.get_by_text("Red Elk").wait_for()
    look_at(page)
