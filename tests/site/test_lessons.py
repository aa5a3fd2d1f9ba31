"""Lessons as pages: everything of the text is there, and nothing of it runs or loads anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from support.factories import make_result, make_task
from support.paths import ROOT
from support.skeleton import Skeleton

from grader.course.curriculum import Task, all_tasks
from reports.lessons import read_lesson
from reports.site import Kept, build

PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Asked:
    text: str
    choices: tuple[str, ...]


def task_with(folder: Path, text: str, task_id: str = "mnist") -> Task:
    """Return a task whose folder holds a lesson."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(text, "utf-8")
    return replace(make_task(task_id), folder=folder)


def body_of(folder: Path, text: str) -> str:
    return read_lesson(task_with(folder, text), {"digits": "digits.html"}).body


def test_html_in_a_lesson_is_shown_as_text(tmp_path: Path) -> None:
    body = body_of(tmp_path, "# Title\n\nA <b onclick=x>word</b>\n\n<script>x()</script>\n")
    names = {name for name, *_ in Skeleton(body).elements}
    assert names == {"p"}
    assert "&lt;b onclick=x&gt;word" in body
    assert "&lt;script&gt;" in body


@pytest.mark.parametrize(
    "address", ["javascript:x()", "data:text/html,x", "file:///etc/passwd", "other.html", "//x.y/z"]
)
def test_a_link_that_leads_nowhere_is_text(address: str, tmp_path: Path) -> None:
    body = body_of(tmp_path, f"See [this]({address}).\n")
    assert "href" not in body
    assert "this" in body


def test_links_lead_to_other_lessons_and_to_the_web(tmp_path: Path) -> None:
    body = body_of(tmp_path, "[a](../digits/README.md) [b](https://example.invalid/x)\n")
    assert 'href="digits.html"' in body
    assert 'href="https://example.invalid/x"' in body


def test_a_picture_beside_the_lesson_is_taken_in_and_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "task"
    (tmp_path / "outside.png").write_bytes(PNG)
    folder.mkdir()
    (folder / "own.png").write_bytes(PNG)
    (folder / "linked.png").symlink_to(tmp_path / "outside.png")
    body = body_of(folder, "![Four curves](own.png)\n")
    assert '<img class="drawing" src="data:image/png;base64,' in body
    assert 'alt="Four curves"' in body
    for name in ("../outside.png", "linked.png", "https://example.invalid/a.png", "none.png"):
        body = body_of(folder, f"![Four curves]({name})\n")
        assert "<img" not in body, name
        assert "Four curves" in body


def test_tables_and_programs_scroll_by_themselves(tmp_path: Path) -> None:
    body = body_of(tmp_path, "| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nx = 1\n```\n\n    y = 2\n")
    assert '<div class="scroll" tabindex="0" role="region" aria-label="Table 1"><table>' in body
    assert body.count('<pre tabindex="0">') == 2


def test_a_corner_without_a_name_is_no_heading(tmp_path: Path) -> None:
    body = body_of(tmp_path, "|  | a |\n|---|---|\n| 1 | 2 |\n")
    assert "<td></td>" in body
    assert body.count("<th>") == body.count("</th>") == 1


def test_every_lesson_of_the_course_is_whole() -> None:
    course = [task for task in all_tasks() if task.folder.parent == ROOT / "tasks"]
    assert len(course) > 30
    for task in course:
        lesson = read_lesson(task, {})
        assert lesson.title, task.id
        assert lesson.body.count("<h2>") >= 3, task.id
        assert "](" not in lesson.body, task.id
        assert lesson.body.count("<img") == task_pictures(task), task.id


def task_pictures(task: Task) -> int:
    return (task.folder / "README.md").read_text("utf-8").count("![")


def test_the_lesson_is_a_page_that_course_board_and_result_link_to(tmp_path: Path) -> None:
    task = task_with(tmp_path / "task", "# What a digit is\n\nA `word`.\n")
    kept = Kept(questions=lambda task: [Asked("How many digits are there?", ("nine", "ten"))])
    site = build([make_result()], tmp_path / "site", tasks=[task], kept=kept).parent
    page = (site / "lessons" / "mnist.html").read_text("utf-8")
    for text in ("<h1>What a digit is</h1>", "<code>word</code>", "How many digits", "nine"):
        assert text in page
    assert "boards/mnist.html" in page
    for path in (site / "curriculum.html", *site.glob("boards/*.html"), *site.glob("results/*.h*")):
        assert "lessons/mnist.html" in path.read_text("utf-8"), path.name


def test_a_lesson_that_changed_is_made_again_and_one_that_is_gone_goes(tmp_path: Path) -> None:
    task = task_with(tmp_path / "task", "# One\n")
    site = build([], tmp_path / "site", tasks=[task]).parent
    page = site / "lessons" / "mnist.html"
    assert "<h1>One</h1>" in page.read_text("utf-8")
    (task.folder / "README.md").write_text("# Two\n", "utf-8")
    build([], site, tasks=[task])
    assert "<h1>Two</h1>" in page.read_text("utf-8")
    (task.folder / "README.md").unlink()
    build([], site, tasks=[task])
    assert not page.exists()
