"""A word that is no task's name: the tasks that speak of it most are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course.curriculum import find_task
from grader.course.told_about import tasks_about
from grader.errors import UsageError


def made(parent: Path, name: str, title: str, lesson: str) -> Path:
    folder = parent / name
    folder.mkdir()
    (folder / "task.toml").write_text(f'title = "{title}"\n')
    (folder / "README.md").write_text(lesson)
    return folder


def test_a_title_counts_more_than_a_lesson_and_part_of_a_word_counts_nothing(
    tmp_path: Path,
) -> None:
    folders = [
        made(tmp_path, "aside", "Trees", "A loom, a loom, a loom."),
        made(tmp_path, "main", "Looms", ""),
        made(tmp_path, "other", "Bloom", "Looming."),
    ]
    assert tasks_about("LOOM", folders) == ["main", "aside"]
    assert tasks_about("my-loom_2", folders) == ["main", "aside"]
    assert tasks_about("", folders) == tasks_about("of", folders) == []


@pytest.mark.parametrize(
    ("word", "task"),
    [("CNN", "convolution"), ("convolutional", "cifar10"), ("recurrent", "recurrent-cells")],
)
def test_words_of_the_field_lead_to_the_tasks_of_the_course(word: str, task: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_task(word)
    assert task in str(caught.value)
    assert "Tasks that speak of it: " in str(caught.value)
