"""The files that pages of the documentation show whole: complete tasks, a data set, a command."""

from __future__ import annotations

import re
from pathlib import Path

from support.paths import ROOT

TASK_PAGES = ROOT / "docs" / "teach" / "tasks"
BLOCK = re.compile(r'^```\w+ title="([^"\n]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
FOLDER = "my-tasks"  # that the pages tell their readers to make
# kind of exam -> the complete task on its page
DOCUMENTED = {
    "functions": "mean-squared-error",
    "classification": "small-digits",
    "regression": "least-squares",
    "generation": "sampled-digits",
    "language": "next-letter",
}


def files_of(page: Path) -> dict[str, str]:
    """Return path -> text of every file that a page shows whole."""
    return dict(BLOCK.findall(page.read_text("utf-8")))


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
