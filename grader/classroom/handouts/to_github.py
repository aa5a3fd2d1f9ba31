"""Tells GitHub Actions what came of a grading; packed by `grader export actions`.

    python to_github.py RESULT.json ERRORS.txt EXIT_CODE

Writes a table to $GITHUB_STEP_SUMMARY, prints annotations, and ends with the grading's exit code.
Every text in a workflow command is escaped, and in Markdown too: a submission chooses some of them.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

TEXT_CHARACTERS = 1000
MARKDOWN = {ord(each): f"\\{each}" for each in "\\`*_{}[]<>()#+-.!|~&@"}


def main(result: Path, errors: Path, code: int) -> int:
    """Write the summary and the annotations; returns the exit code of the grading."""
    try:
        found = json.loads(result.read_text("utf-8"))
    except (OSError, ValueError):
        said = errors.read_text("utf-8", "replace") if errors.is_file() else ""
        print(command("error", "Not graded", said.strip() or f"the grader ended with {code}"))
        write_summary(f"## Not graded\n\n{plain(said)}\n")
        return code or 1
    for line in commands_for(found):
        print(line)
    write_summary(summary(found))
    return code


def commands_for(found: dict[str, Any]) -> list[str]:
    """Return a command for the outcome, and one for each group of cases that is wrong."""
    verdict = found["verdict"]
    points = 0 if found["score"] is None else found["score"]["total"]
    kind = "notice" if verdict["status"] == "accepted" else "error"
    text = f"{points:g} of 100 points. {verdict['reason']}".strip()
    lines = [command(kind, verdict["status"].replace("_", " "), text)]
    file = found["submission"]["file"]
    for group in found["cases"]:
        if group["status"] in ("fail", "error"):
            name = f"{group['function']}: {group['group']}"
            lines.append(command("error", name, group["message"], file))
    return lines


def command(kind: str, title: str, text: str, file: str = "") -> str:
    """Return one workflow command in which nothing ends it early or begins another."""
    where = f"file={in_property(file)}," if file else ""
    return f"::{kind} {where}title={in_property(title)}::{in_message(text[:TEXT_CHARACTERS])}"


def in_message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def in_property(text: str) -> str:
    return in_message(text).replace(":", "%3A").replace(",", "%2C")


def summary(found: dict[str, Any]) -> str:
    """Return the outcome as Markdown."""
    verdict = found["verdict"]
    score = found["score"]
    points = "no score" if score is None else f"{score['total']:g} of 100 points"
    title = plain(found["task"]["title"])
    lines = [f"## {title}: {points}", "", plain(verdict["status"].replace("_", " ")), ""]
    if verdict["reason"]:
        lines += [plain(verdict["reason"]), ""]
    lines += ["| what | value | unit |", "|---|---:|---|"]
    for name, figure in found["measurements"].items():
        lines.append(f"| {plain(name)} | {figure['value']:.4g} | {plain(figure['unit'])} |")
    for group in found["cases"]:
        name = f"{group['function']}: {group['group']}"
        lines.append(f"| {plain(name)} | {counted(group)} |")
    lines += ["", f"Isolation: tier {plain(found['tier'])}."]
    return "\n".join(lines) + "\n"


def counted(group: dict[str, Any]) -> str:
    """Return how much of a group is right, and its unit, as two cells."""
    if group.get("worth") is None:
        return f"{group['passed']} of {group['cases']} | cases"
    won = "waiting" if group["won"] is None else f"{group['won']:g}"
    return f"{won} of {group['worth']:g} | points"


def plain(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return " ".join(text[:TEXT_CHARACTERS].split()).translate(MARKDOWN)


def write_summary(text: str) -> None:
    """Add to the step's summary, where GitHub runs this."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
