"""docs/learn/roadmap.md names every task of the course, and everything it links to exists."""

from __future__ import annotations

import re
from pathlib import Path

from support.paths import ROOT

from grader.course.curriculum import all_tasks, course_folder

ROADMAP = ROOT / "docs" / "learn" / "roadmap.md"
LINKS = re.findall(r"\]\(([^)#]+)\)", ROADMAP.read_text("utf-8"))


def test_every_task_of_the_course_is_on_the_roadmap() -> None:
    named = {Path(link).parent.name for link in LINKS if link.startswith("../../tasks/")}
    course = {task.id for task in all_tasks() if task.folder.parent == course_folder("tasks")}
    assert course - named == set()


def test_what_the_roadmap_links_to_is_there() -> None:
    assert len(LINKS) > 25
    assert [link for link in LINKS if not (ROADMAP.parent / link).is_file()] == []
