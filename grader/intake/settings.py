"""submission.toml, and which task a submission is for."""

from __future__ import annotations

import tomllib
from pathlib import Path

from grader.course.curriculum import Task, find_task
from grader.errors import SubmissionRefused, UsageError
from grader.text import cut, terminal_line

SETTINGS_FILE = "submission.toml"
KEYS = ("task", "author", "name", "network")
MAX_SETTINGS_BYTES = 32 << 10  # names within names take time that grows with their square
MOST_BELOW = 6
SHOWN = 120  # characters of what somebody wrote, in a message


def read_settings(folder: Path) -> dict[str, str]:
    """Return task, author, name and network from submission.toml, as far as they are there.

    Raises SubmissionRefused if the file is too large, no TOML, or holds anything else.
    """
    path = folder / SETTINGS_FILE
    if not path.is_file():
        return {}
    if path.stat().st_size > MAX_SETTINGS_BYTES:
        raise SubmissionRefused(
            f"{SETTINGS_FILE} is larger than {MAX_SETTINGS_BYTES >> 10} KiB; it should hold task, "
            "author and name, one line each"
        )
    try:
        # Some editors put a byte order mark in front.
        found = tomllib.loads(path.read_text("utf-8-sig"))
    # Brackets within brackets exhaust the parser's stack, and a number of 5,000 digits is a plain
    # ValueError, as what is no TOML or no UTF-8 is.
    except (ValueError, RecursionError) as error:
        raise SubmissionRefused(
            f"{SETTINGS_FILE} is not valid TOML: {terminal_line(cut(str(error), SHOWN))}. "
            'Example: author = "Ada"'
        ) from None
    for key, value in found.items():
        if key not in KEYS or not isinstance(value, str):
            raise SubmissionRefused(
                f"{SETTINGS_FILE} has {in_words(key, value)}; it may hold task, author, name and "
                "network, as strings"
            )
    return found


def in_words(key: str, value: object) -> str:
    """Return what stands in a line that may not be there.

    Only a text is quoted: a table in tables in tables has no text that Python could write.
    """
    shown = repr(value) if isinstance(value, str) else f"a value of type {type(value).__name__}"
    return terminal_line(cut(f"{key} = {shown}", SHOWN))


def which_task(path: Path, settings: dict[str, str], task_id: str | None) -> Task:
    """Return the task of the submission at `path`.

    It is taken from --task (task_id), submission.toml, the submission's own name or its folder's,
    in that order. Raises UsageError if none of them names a task.
    """
    if task_id or settings.get("task"):
        return find_task(task_id or settings["task"])
    resolved = path.resolve()
    own = resolved.stem if resolved.is_file() else resolved.name
    for name in (own, resolved.parent.name):
        try:
            return find_task(name)
        except UsageError:
            continue
    raise UsageError(
        f"which task is {path} for?{solutions_below(path)} Pass `--task ID`, or write task = "
        f'"ID" into {SETTINGS_FILE}; `grader tasks` lists the ids'
    )


def solutions_below(path: Path) -> str:
    """Return what to say where a folder is no solution itself and folders in it are."""
    if not path.is_dir() or any(each.suffix in (".py", ".ipynb") for each in path.iterdir()):
        return ""
    found = []
    for folder in sorted(each for each in path.iterdir() if each.is_dir()):
        if (folder / SETTINGS_FILE).is_file() or (folder / "solution.py").is_file():
            found.append(terminal_line(cut(folder.name, SHOWN)))
    if not found:
        return " There is no script and no notebook in it: go to your solution, or `grader start`."
    names = ", ".join(found[:MOST_BELOW])
    return f" It holds no solution itself; folders in it do: {names}. `grader run {found[0]}`?"
