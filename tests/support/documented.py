"""The files that pages of the documentation show whole: complete tasks, a data set, a command."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from support.paths import ROOT

TASK_PAGES = ROOT / "docs" / "teach" / "tasks"
BLOCK = re.compile(r'^```\w+ title="([^"\n]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
FOLDER = "my-tasks"  # that the pages tell their readers to make


def files_of(page: Path) -> dict[str, str]:
    """Return path -> text of every file that a page shows whole."""
    return dict(BLOCK.findall(page.read_text("utf-8")))


def documented_tasks() -> dict[str, str]:
    """Return kind of exam -> the complete task on the page of that name."""
    found = {}
    for page in sorted(TASK_PAGES.glob("*.md")):
        for name, text in files_of(page).items():
            folder = Path(name).parent
            if Path(name).name != "task.toml" or folder.parent != Path(FOLDER):
                continue
            if tomllib.loads(text)["exam"] == page.stem:
                found[page.stem] = folder.name
    return found


DOCUMENTED = documented_tasks()


def write_documented_tasks(root: Path) -> Path:
    """Write every documented task below a folder, as a reader would, and return their folder."""
    for page in TASK_PAGES.glob("*.md"):
        for name, text in files_of(page).items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    return root / FOLDER


def reference_of(task: Path) -> Path:
    """Return the one reference of a documented task."""
    (found,) = (task / "reference").iterdir()
    return found
