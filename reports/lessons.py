"""Lessons as HTML: the README.md of a task, with the pictures that lie beside it.

Markdown is read by markdown-it-py, the parser of CommonMark that Rich brings along anyway. Tasks
may come from anywhere (`GRADER_TASKS`), so a lesson is treated as hostile: HTML in it is shown as
text, addresses that run something are refused by the parser, a picture is taken in only from the
task's own folder, and nothing is loaded from anywhere else.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from grader.course.curriculum import Task
from grader.text import page_line, page_lines

LESSON_FILE = "README.md"
MOST_BYTES = 512 << 10  # of a lesson
MOST_PICTURE_BYTES = 2 << 20
KINDS = {".png": "png", ".svg": "svg+xml", ".jpg": "jpeg", ".jpeg": "jpeg"}
ELSEWHERE = ("http://", "https://")


@dataclass(frozen=True)
class Lesson:
    """A lesson as its page shows it. title: its first heading; empty without one."""

    title: str
    body: Markup


def lesson_text(task: Task) -> str:
    """Return the lesson of a task as it lies on disk; empty where there is none."""
    try:
        with (task.folder / LESSON_FILE).open("rb") as file:
            return file.read(MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def read_lesson(task: Task, pages: Mapping[str, str]) -> Lesson:
    """Return a task's lesson.

    pages: task id -> the page of its lesson, for links from one lesson to another.
    """
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=Writer).enable("table")
    tokens = parser.parse(page_lines(lesson_text(task)))
    title, tokens = without_title(tokens)
    for token in tokens:
        for inner in token.children or []:
            resolve(inner, task.folder, pages)
    return Lesson(title, Markup(parser.renderer.render(tokens, parser.options, {})))


def without_title(tokens: list[Token]) -> tuple[str, list[Token]]:
    """Return the first heading, which the page shows by itself, and everything after it."""
    if len(tokens) > 2 and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        return page_line(tokens[1].content), tokens[3:]
    return "", tokens


def resolve(token: Token, folder: Path, pages: Mapping[str, str]) -> None:
    """Give a picture or a link the address that it has on the page; take it where it has none."""
    if token.type == "image":
        token.meta = {"picture": picture(folder, str(token.attrs.get("src", "")))}
    if token.type == "link_open":
        address = str(token.attrs.pop("href", ""))
        target = address if address.startswith((*ELSEWHERE, "#")) else pages.get(other(address))
        if target:
            token.attrs["href"] = target


def other(address: str) -> str:
    """Return the id of the task whose lesson a link such as ../mnist/README.md leads to."""
    parts = address.partition("#")[0].split("/")
    is_lesson = len(parts) == 3 and parts[0] == ".." and parts[2] == LESSON_FILE
    return parts[1] if is_lesson else ""


def picture(folder: Path, name: str) -> str:
    """Return a picture beside a lesson as an address that holds it; empty if it is none."""
    kind = KINDS.get(Path(name).suffix.lower())
    if kind is None or Path(name).name != name:
        return ""
    path = folder / name
    try:
        if path.is_symlink() or path.stat().st_size > MOST_PICTURE_BYTES:
            return ""
        content = path.read_bytes()
    except (OSError, ValueError):
        return ""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def pictures_stamp(task: Task) -> str:
    """Return a text that changes when a picture beside a lesson does."""
    marks = []
    for path in sorted(task.folder.glob("*")):
        if path.suffix.lower() in KINDS and path.is_file():
            about = path.stat()
            marks.append(f"{path.name} {about.st_size} {about.st_mtime_ns}")
    return "\n".join(marks)


class Writer(RendererHTML):
    """Writes lessons so that they fit a phone: tables and programs scroll by themselves."""

    def table_open(
        self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]
    ) -> str:
        env["tables"] = env.get("tables", 0) + 1
        label = f'aria-label="Table {env["tables"]}"'
        return f'<div class="scroll" tabindex="0" role="region" {label}><table>\n'

    def table_close(
        self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]
    ) -> str:
        return "</table></div>\n"

    def th_open(
        self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]
    ) -> str:
        # An empty heading is none: a screen reader would announce a column without a name.
        env["heading"] = "th" if tokens[idx + 1].content.strip() else "td"
        return f"<{env['heading']}>"

    def th_close(
        self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]
    ) -> str:
        return f"</{env['heading']}>\n"

    def fence(
        self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]
    ) -> str:
        return Markup('<pre tabindex="0"><code>{}</code></pre>\n').format(tokens[idx].content)

    def code_block(
        self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]
    ) -> str:
        return self.fence(tokens, idx, options, env)

    def image(
        self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]
    ) -> str:
        token = tokens[idx]
        said = self.renderInlineAsText(token.children, options, env)
        address = token.meta.get("picture", "")
        if not address:
            return Markup('<span class="soft">[{}]</span>').format(said)
        return Markup('<img class="drawing" src="{}" alt="{}">').format(address, said)
