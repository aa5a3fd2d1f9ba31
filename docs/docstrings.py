"""An extension of Griffe: what our docstrings say reads well on the page of the interface.

They are written for people who read code. Markdown would take `>>>` for a quotation, brackets in
code for links, and lines such as "device: cpu, or the UUID of a GPU." for one paragraph.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

PROMPT = re.compile(r"\s*>>> ")
NAMED = re.compile(r"(?P<names>[a-z_]+(?:, [a-z_]+)*): (?P<text>.+)")
PARAGRAPH = re.compile(r"\n\s*\n")


class Docstrings(griffe.Extension):
    """Makes doctests code blocks, and lines that explain a name list items."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring:
            paragraphs = PARAGRAPH.split(obj.docstring.value)
            obj.docstring.value = "\n\n".join(map(as_markdown, paragraphs))


def as_markdown(paragraph: str) -> str:
    """Return a paragraph of a docstring, a doctest or a list of names as Markdown."""
    lines = paragraph.splitlines()
    if lines and PROMPT.match(lines[0]):
        indent = len(lines[0]) - len(lines[0].lstrip())
        return "\n".join(["```pycon", *[line[indent:] for line in lines], "```"])
    if lines and NAMED.fullmatch(lines[0]):
        return "\n".join(map(as_item, lines))
    return paragraph


def as_item(line: str) -> str:
    """Return a line that explains names as a list item, and any other as its continuation."""
    named = NAMED.fullmatch(line)
    if named is None:
        return f"  {line.strip()}"
    names = ", ".join(f"`{name}`" for name in named["names"].split(", "))
    return f"- {names}: {named['text']}"
