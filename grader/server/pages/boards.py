"""Boards: the live one of each task, and the pages of the site behind it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from starlette.responses import FileResponse, HTMLResponse, Response

from grader.server.desk import Desk, NotTaken
from grader.server.guards import SITE_POLICY
from grader.server.pages.page import Visit
from grader.server.pages.site_links import with_open_links

SAFE_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.(html|json|css|js)")
KINDS = {".html": "text/html", ".json": "application/json", ".css": "text/css"}
OPEN_PAGES = ("index.html", "curriculum.html", "frameworks.html")
OPEN_FOLDERS = ("boards", "lessons", "shared")
TEACHER_PAGES = ("class.html", "results.json")
AUTHORS = "authors"
RESULTS = "results"
MOST_ROWS = 500


def board_list(visit: Visit) -> Response:
    """List the boards."""
    rules = visit.desk.rules
    boards = [(task.id, rules.title(task.id)) for task in rules.course.spec.tasks]
    return visit.page("boards.html", boards=boards)


def board(visit: Visit) -> Response:
    """Show a board as it is now; its page has it replaced when there is news."""
    desk = visit.desk
    task = visit.path("task")
    desk.table_of(task)
    found = read_board(desk, task)
    return visit.page(
        "board.html",
        title=desk.rules.title(task),
        task=task,
        entries=found.get("entries", [])[:MOST_ROWS],
        has_page=bool(found),
    )


def read_board(desk: Desk, task: str) -> dict[str, Any]:
    """Return the first board of a task, as the site has it for programs; empty if there is none."""
    try:
        found = json.loads((public_site(desk) / "boards" / f"{task}.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def public_site(desk: Desk) -> Path:
    """Return the folder of the pages that everybody in the class sees."""
    is_anonymous = desk.rules.course.spec.anonymous_boards
    return desk.settings.public_site if is_anonymous else desk.settings.site


def site_page(visit: Visit) -> Response:
    """Serve one of the site's overviews."""
    name = visit.path("name")
    if name in TEACHER_PAGES and visit.somebody.is_instructor:
        return served(visit, visit.desk.settings.site, name)
    if name in OPEN_PAGES:
        return served(visit, public_site(visit.desk), name)
    raise NotTaken("this page is not there, or it is for instructors", 404)


def site_file(visit: Visit) -> Response:
    """Serve a page of a board, a lesson, or what pages share."""
    folder = visit.path("folder")
    name = visit.path("name")
    if folder not in OPEN_FOLDERS or not SAFE_FILE.fullmatch(name):
        raise NotTaken("this page is not there", 404)
    return served(visit, public_site(visit.desk), f"{folder}/{name}")


def author_page(visit: Visit) -> Response:
    """Serve the page of one author's attempts to instructors."""
    name = visit.path("name")
    if not visit.somebody.is_instructor or not SAFE_FILE.fullmatch(name):
        raise NotTaken("this page is not there, or it is for instructors", 404)
    return served(visit, visit.desk.settings.site, f"{AUTHORS}/{name}")


def result_page(visit: Visit) -> Response:
    """Serve the page of a result to whoever it belongs to."""
    name = visit.path("name")
    is_safe = SAFE_FILE.fullmatch(name) is not None
    if not is_safe or not visit.desk.owns_result(visit.somebody, name.rpartition(".")[0]):
        raise NotTaken("there is no such result, or it is somebody else's", 404)
    return served(visit, visit.desk.settings.site, f"{RESULTS}/{name}")


def served(visit: Visit, site: Path, name: str) -> Response:
    """Return a file of the site, with the policy that its pages need."""
    path = site / name
    if not path.is_file():
        raise NotTaken("this page is not there yet; it is made when there are results", 404)
    policy = {"content-security-policy": SITE_POLICY}
    kind = KINDS.get(path.suffix, "text/javascript")
    if path.suffix != ".html":
        return FileResponse(path, media_type=kind, headers=policy)
    own = visit.desk.results_of(visit.somebody)

    def is_open(linked: str) -> bool:
        return may_open(linked, own) and (site / linked).is_file()

    page = with_open_links(path.read_text("utf-8"), name.rpartition("/")[0], is_open)
    return HTMLResponse(page, headers=policy)


def may_open(path: str, own: Collection[str] | None) -> bool:
    """Whether somebody may open a file of the site. own: their results; None: an instructor."""
    folder, _, name = path.rpartition("/")
    if own is None:
        return path in (*OPEN_PAGES, *TEACHER_PAGES) or folder in (*OPEN_FOLDERS, AUTHORS, RESULTS)
    if folder == RESULTS:
        return name.rpartition(".")[0] in own
    return path in OPEN_PAGES or folder in OPEN_FOLDERS
