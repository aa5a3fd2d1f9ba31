"""Texts that a submission chooses, through every door there is, to the page, the terminal and the
files people read.

tests/test_site.py puts hostile texts into results made by hand; here real runs bring them, so that
a door which nobody thought of shows too. A page is compared with that of the same submission whose
texts are plain.
"""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from rich.console import Console
from support.hostile_texts import HOSTILE
from support.paths import SUBMISSIONS
from support.skeleton import Skeleton

from grader.course.curriculum import find_task
from grader.errors import SubmissionRefused
from grader.grading.pipeline import grade
from grader.intake.submission import open_submission
from grader.records import Result, Status
from grader.results import store
from grader.sandbox.process import ProcessSandbox
from grader.terminal import print_board, print_result
from reports.site import Kept, build

PLANTED = SUBMISSIONS / "neuron"
TEXTS = [
    *HOSTILE,
    "\x1b[2J\x1b]0;owned\x07\x1b]8;;https://example.invalid\x1b\\link\x1b]8;;\x1b\\",
    "\x9b31mC1\x9d0;title\x9c",
    "\rPASS  100 of 100 points\x08\x08",
    "[link=https://example.invalid]PASS[/link]",
    "</style><style>body{display:none}</style>",
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "<!-- --!> <![CDATA[ ]]> <?php ?>",
    "+cmd|'/c calc'!A1",
    "@SUM(1+1)",
    "{{ result.__class__ }}{% for x in y %}",
    "a\u0300" + "\u0335" * 2000,
    "\u3164\u115f\u2800",
    "x" * 20_000,
]
DOORS = """
import sys
import types

TEXT = {text!r}
for stream in (sys.stdout, sys.stderr):
    print(TEXT, file=stream)
for name in ("torch", "keras"):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__version__ = TEXT
Odd = type(TEXT.replace("\\0", "") or "Odd", (Exception,), {{}})


def weighted_sum(x, w, b):
    raise Odd(TEXT)


def neuron(x, w, b):
    return [TEXT, TEXT]


def layer(X, W, b):
    return Odd()
"""
AUTHOR_PAGE = re.compile(r"authors/[0-9a-f]{16}\.html")
IN_NOTES = [text for text in TEXTS if any(unicodedata.category(char)[0] in "CZ" for char in text)]


def hand_in(folder: Path, text: str) -> Path:
    """Make a submission that says a text wherever it can say something."""
    folder.mkdir()
    (folder / "solution.py").write_text(DOORS.format(text=text), "utf-8")
    settings = f"author = {json.dumps(text[:9_000])}\nname = {json.dumps(text[:9_000])}\n"
    (folder / "submission.toml").write_text(settings, "utf-8")
    return folder


def site_of(result: Result, log: str, folder: Path) -> dict[str, Skeleton]:
    build([result], folder, tasks=[find_task("neuron")], kept=Kept(log=lambda _: log))
    # The page of an author has a name that comes from the author's, a hash of letters and digits.
    return {
        AUTHOR_PAGE.sub("authors/AUTHOR.html", path.relative_to(folder).as_posix()): Skeleton(
            path.read_text("utf-8")
        )
        for path in folder.rglob("*.html")
    }


def printed(result: Result) -> str:
    """Return what a terminal shows of a result and its board, in the bytes that it would get."""
    out = io.StringIO()
    console = Console(file=out, width=100, color_system=None, force_terminal=False)
    print_result(console, result, "a hint")
    print_board(console, "Board", [(1, result)])
    return out.getvalue()


def steers(text: str) -> list[str]:
    """Return the characters that a terminal or a reader's eye would not see as letters."""
    return [
        char
        for char in text
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and char != "\n"
    ]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder of results for all."""
    return tmp_path_factory.mktemp("stored")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, stored: Path) -> Callable[[str], Result]:
    """Grade a submission that says a text wherever it can, with the name and author it gives
    itself.
    """

    @cache
    def grade_text(text: str) -> Result:
        folder = tmp_path_factory.mktemp("text")
        submission, task = open_submission(
            hand_in(folder / "said", text), folder / "opened", task_id="neuron"
        )
        return grade(submission, task, ProcessSandbox(), stored)

    return grade_text


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_no_text_of_a_submission_adds_to_a_page_or_steers_a_terminal(
    text: str, graded: Callable[[str], Result], stored: Path, tmp_path: Path
) -> None:
    plain, hostile = graded("plain"), graded(text)
    assert plain.verdict.status == hostile.verdict.status == Status.RUNTIME_ERROR
    assert [group.status for group in hostile.cases] == [group.status for group in plain.cases]
    pages = []
    logs = [store.read_log(stored, result) for result in (plain, hostile)]
    if not logs[1].strip():  # of a text that nobody would see, nothing is left to show
        logs[0] = ""
    for result, log in zip((plain, hostile), logs, strict=True):
        pages.append(site_of(result.model_copy(update={"id": "r0"}), log, tmp_path / result.id))
        assert not [char for char in steers(log) if char not in "\t\u00ad"]
    expected, received = pages
    assert expected.keys() == received.keys()
    for name, page in received.items():
        assert page.elements == expected[name].elements, name
        running = [content for attributes, content in page.scripts if "type" not in attributes]
        assert running == [
            content for attributes, content in expected[name].scripts if "type" not in attributes
        ]
    assert steers(printed(hostile)) == []
    assert len(printed(hostile)) < 30_000
    assert max(len(hostile.submission.author), len(hostile.submission.name)) <= 80
    assert steers(hostile.submission.author + hostile.submission.name) == []


@pytest.mark.parametrize("text", IN_NOTES, ids=range(len(IN_NOTES)))
def test_notes_of_a_notebook_neither_steer_nor_grow(
    text: str, tmp_path: Path, grade_folder: Callable[..., Result]
) -> None:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    path = tmp_path / "work.ipynb"
    cells = [cell | {"source": f"%{text}\n!{text}\nx = 1\n"}]
    path.write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells})
    )
    result = grade_folder(path, "neuron")
    assert result.verdict.status in (Status.INVALID_SUBMISSION, Status.RUNTIME_ERROR)
    assert 0 < sum(map(len, result.submission.notes)) < 5_000
    assert steers(printed(result)) == []


def test_what_is_said_of_a_strange_notebook_steers_nothing(tmp_path: Path) -> None:
    path = tmp_path / "work.ipynb"
    path.write_text(json.dumps({"nbformat": "\x1b]0;owned\x07\u202e", "cells": []}))
    with pytest.raises(SubmissionRefused) as caught:
        open_submission(path, tmp_path / "opened", task_id="neuron")
    assert steers(str(caught.value)) == []


def test_a_pages_log_is_marked_as_the_submissions_own_words(tmp_path: Path) -> None:
    """A fake verdict in a log stands under a heading that says whose words these are."""
    folder, stored = PLANTED / "accepted" / "prints_terminal_codes", tmp_path / "stored"
    submission, task = open_submission(folder, tmp_path / "opened", task_id="neuron", author="Ada")
    result = grade(submission, task, ProcessSandbox(), stored)
    log = store.read_log(stored, result)
    assert "award full marks" in log
    site_of(result, log, tmp_path / "site")
    (page,) = (tmp_path / "site" / "results").glob("*.html")
    html = page.read_text("utf-8")
    before = html[: html.index("award full marks")]
    assert before.rindex(
        "what the submitted code printed. Nothing here was checked"
    ) > before.rindex("<h2")
