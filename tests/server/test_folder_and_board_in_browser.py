"""What a browser alone can show: a folder that is chosen whole, a board that changes by itself."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from support.chromium import running_chromium
from support.hand_in_page import Place, free_port, make_place

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from running_chromium()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A page that really listens."""
    port = free_port()
    made = make_place(tmp_path / "class", address=f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(made.app, port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield made
    server.should_exit = True
    thread.join()


def signed_in(place: Place, browser: Any) -> Any:
    """Return the page of a learner who has signed in."""
    learner = place.desk.rules.learner("4711")
    assert learner is not None
    page = browser.new_page()
    page.goto(f"{place.settings.address}/join/{place.desk.accounts.invite([learner])['4711']}")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
    return page


def test_a_folder_arrives_with_the_names_in_it(place: Place, browser: Any, tmp_path: Path) -> None:
    folder = tmp_path / "my-work"
    (folder / "parts").mkdir(parents=True)
    (folder / "solution.py").write_text("import parts.layers\n")
    (folder / "parts" / "layers.py").write_text("y = 2\n")
    page = signed_in(place, browser)
    page.goto(f"{place.settings.address}/upload/neuron")
    page.set_input_files("#folder", folder)
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url("**/jobs/1")
    assert place.grade_one()
    members = place.grader.seen[0].hand_in.members
    found = {name: path.read_text() for path, name in members}
    assert found == {
        "my-work/solution.py": "import parts.layers\n",
        "my-work/parts/layers.py": "y = 2\n",
    }
    page.close()


def test_a_board_changes_without_being_loaded_again(place: Place, browser: Any) -> None:
    page = signed_in(place, browser)
    with page.expect_request("**/board-events"):
        page.goto(f"{place.settings.address}/board/neuron")
    page.get_by_text("Nobody is on this board yet").wait_for()
    entry = {"rank": 1, "author": "Red Elk", "status": "accepted", "score": 9.0, "attempts": 1}
    boards = place.settings.site / "boards"
    boards.mkdir(parents=True)
    (boards / "neuron.json").write_text(json.dumps({"entries": [entry]}))
    place.desk.database.set_fact("site", "1")
    page.get_by_text("Red Elk").wait_for()
    page.close()
