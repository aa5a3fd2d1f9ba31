"""Renders a template into a page that makes no request but to the site's own files.

Escaping is on for all templates. A page contains no script of its own: it names the shared files,
and its policy lets nothing else run, so a script that got into a page in spite of the escaping
would be refused by the browser.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from pydantic_core import to_json

from grader.text import beginning, page_lines, shown_name
from reports.assets import SHARED, assets
from reports.numbers import finite, points_text
from reports.words import TIERS, VERDICTS, day, machine_text

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
GENERATOR = "grader reports"
# Plotly and the tables set styles on elements; scripts are the site's files alone.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
# The mark: three parts of a score beside par. In an icon it keeps its own colours.
ICON = "data:image/svg+xml," + quote(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
    '<rect x="2" y="4" width="5" height="18" rx="1.2" fill="#3b7ddd"/>'
    '<rect x="9.5" y="9" width="5" height="13" rx="1.2" fill="#128a7d"/>'
    '<rect x="17" y="13" width="5" height="9" rx="1.2" fill="#8b63d8"/>'
    '<path d="M0 7.5h24" stroke="#8b949e" stroke-width="1.6" stroke-dasharray="3 2"/></svg>',
    safe="",
)
FRONT = "index.html"
CURRICULUM = "curriculum.html"
CLASS = "class.html"
FRAMEWORKS = "frameworks.html"
MENU = (
    (FRONT, "Boards"),
    (CURRICULUM, "The course"),
    (CLASS, "The class"),
    (FRAMEWORKS, "Frameworks"),
)
CODE = re.compile(r"`([^`]+)`")
MARKUP = ("<", ">", "&", "\u2028", "\u2029")  # would end a script element, or a line of JavaScript


def strict_templates(*folders: Path) -> Environment:
    """Return the templates of some folders, with escaping on and unknown names an error."""
    return Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,  # or each page looks at the times of five files
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def environment() -> Environment:
    """Return the templates of the site, with what they call by name."""
    made = strict_templates(TEMPLATES)
    made.globals.update(
        verdicts=VERDICTS,
        tiers=TIERS,
        generator=GENERATOR,
        policy=POLICY,
        shared=SHARED,
        assets=assets(),
        pages=MENU,
        icon=ICON,
    )
    made.filters.update(
        name=shown_name,
        block=beginning,
        passage=page_lines,
        points=points_text,
        machine=machine_text,
        day=day,
        data=json_data,
        coded=coded,
    )
    return made


def coded(text: str) -> Markup:
    """Return a line in which everything between backticks is code, and everything is escaped."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))


def render(
    template: str,
    *,
    here: str = "",
    root: str = "",
    has_tables: bool = False,
    has_plots: bool = False,
    **values: Any,
) -> str:
    """Fill a template.

    layout: the template that the page is put into, unless it is named among the values.

    here: the page's file in the site's menu. root: the way from the page's folder to the site's,
    "" or "../".
    """
    made = environment().get_template(template)
    values.setdefault("layout", "base.html")
    return made.render(here=here, root=root, has_tables=has_tables, has_plots=has_plots, **values)


def json_data(value: Any) -> Markup:
    """Return JSON that can stand in a script element: nothing in it ends that or opens another.

    Numbers that are not finite become null: JSON has none.
    """
    text = as_json(value)
    for character in MARKUP:
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def as_json(value: Any) -> str:
    """Return compact JSON, with null for numbers that are not finite.

    By pydantic's writer: a page of a result holds a thousand numbers, and Python's own takes ten
    times as long for them, more than for all the rest of the page.
    """
    try:
        return to_json(value, inf_nan_mode="null").decode()
    except ValueError:
        # Half of a pair of surrogates, which only Python's writer takes.
        return json.dumps(finite(value), ensure_ascii=False, separators=(",", ":"))
