"""One page for each lesson: what a task teaches, and the questions that go with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from grader.course.curriculum import Task
from reports.contents import Contents
from reports.lessons import read_lesson
from reports.pages.page import CURRICULUM, render


class Question(Protocol):
    """One question of `grader ask`; its answer stays in the terminal, where it comes in time."""

    @property
    def text(self) -> str: ...
    @property
    def choices(self) -> Sequence[str]: ...


def lesson_page(task: Task, contents: Contents, questions: Sequence[Question] = ()) -> str:
    """Return the HTML page."""
    names = {each: address.rpartition("/")[2] for each, address in contents.lessons.items()}
    lesson = read_lesson(task, names)
    titles = {each.id: each.spec.title for each in contents.tasks}
    needs = [(titles.get(need, need), names.get(need, "")) for need in task.spec.needs]
    return render(
        "lesson.html",
        root="../",
        here=CURRICULUM,
        task=task,
        title=lesson.title or task.spec.title,
        body=lesson.body,
        board=contents.first_board(task.id),
        needs=needs,
        questions=[(each.text.strip(), list(each.choices)) for each in questions],
    )
