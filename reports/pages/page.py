"""Render a template into a page: one look, and a policy that forbids every request but to the
site's own files.

Escaping is on for all templates. No script stands inside a page: a page names the shared files, and
the policy lets nothing else run, so that a script which got into a page in another way would be
refused by the browser.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader.results.runs import Run
from reports import display
from reports.assets import SHARED, assets

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
GENERATOR = "grader reports"
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
# Plotly and the tables set styles on elements; scripts are the site's files alone.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
PAGES = (("index.html", "Boards"), ("curriculum.html", "The course"), ("class.html", "The class"))
FRAMEWORKS = ("frameworks.html", "Frameworks")


@cache
def environment() -> Environment:
    """Return the templates, with escaping on and unknown names an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        verdicts=display.VERDICTS, tiers=display.TIERS, generator=GENERATOR, policy=POLICY
    )
    made.globals.update(shared=SHARED, assets=assets(), pages=(*PAGES, FRAMEWORKS))
    made.filters.update(
        name=display.shown_name,
        block=display.block,
        passage=display.passage,
        points=display.points,
        machine=display.machine_text,
        day=display.day,
        data=json_data,
    )
    return made


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

    here: the page's name in the site's menu. root: the way from the page's folder to the site's, ""
    or "../".
    """
    made = environment().get_template(template)
    return made.render(here=here, root=root, has_tables=has_tables, has_plots=has_plots, **values)


def json_data(value: Any) -> Markup:
    """Return JSON that can stand inside a script element: nothing in it ends the element or opens
    another.

    Numbers that are not finite become null: JSON has none.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        text = json.dumps(
            display.finite(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
    for character in ("<", ">", "&", "\u2028", "\u2029"):
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def page_names(runs: Sequence[Run]) -> dict[str, str]:
    """Return the file name of each run's page, by the run's mark."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for run in runs:
        mark, own = run.summary.mark, run.summary.id
        if mark in names:
            continue
        # An id comes from a file; it must not choose a path, and two must not share one.
        stem = own if SAFE_NAME.fullmatch(own) and own.lower() not in taken else mark
        taken.add(stem.lower())
        names[mark] = f"{stem}.html"
    return names


def digest(*texts: str) -> str:
    """Return 24 hexadecimal digits of texts, told apart from each other."""
    whole = "".join(f"{len(text)}:{text}" for text in texts)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:24]
