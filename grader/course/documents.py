"""Where the documentation is that a message names.

Messages name pages as they are called in a clone, such as docs/learn/verdicts.md. A wheel brings
the same pages inside the package, so a message that is shown says where they really are.
"""

from __future__ import annotations

import re
from pathlib import Path

PAGE = re.compile(r"\bdocs/[\w/-]+\.md\b")


def located(text: str) -> str:
    """Return a message with the place of every page it names, as seen from the current folder."""
    return PAGE.sub(lambda found: place_of(found.group()), text)


def place_of(page: str) -> str:
    """Return the path of a page that is there; its name where it is nowhere."""
    if Path(page).is_file():
        return page
    # Here, because most messages name no page.
    from grader.course.curriculum import course_folder

    installed = course_folder("docs").parent / page
    return str(installed) if installed.is_file() else page
