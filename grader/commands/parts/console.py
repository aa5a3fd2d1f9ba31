"""What commands print: text for people, JSON for programs, warnings."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.text import Text

from grader.course.documents import located


def console(*, stderr: bool = False) -> Console:
    """Return a terminal to print on: no colours unless asked for, and `:skull:` stays text."""
    return Console(stderr=stderr, highlight=False, emoji=False)


def say(text: str, *, wrap: bool = True, stderr: bool = False) -> None:
    """Print plain text. wrap: break it at the terminal's width, between words."""
    out = console(stderr=stderr)
    said = Text(located(text))
    if not wrap:
        return out.print(said, soft_wrap=True)
    for row in said.wrap(out, out.width) or [said]:
        row.rstrip()
        out.print(row, soft_wrap=True)


def print_json(value: Any) -> None:
    """Print a value as JSON on standard output."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def warn(lines: Iterable[str]) -> None:
    """Print warnings on standard error."""
    for line in lines:
        print(f"warning: {located(line)}", file=sys.stderr)
