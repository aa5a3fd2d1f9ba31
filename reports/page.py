"""Render a template into one self-contained page: styles inside, a policy that forbids every request.

Escaping is on for all templates. The policy names the scripts of a page by their hashes, so that a script which got
into a page in another way would not run.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader.records import Result
from reports import display

TEMPLATES = Path(__file__).resolve().parent / "templates"
GENERATOR = "grader reports"
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


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
    made.globals.update(verdicts=display.VERDICTS, tiers=display.TIERS, generator=GENERATOR)
    made.filters.update(
        name=display.shown_name,
        block=display.block,
        points=display.points,
        machine=display.machine_text,
        moment=display.moment,
        day=display.day,
    )
    return made


def render(template: str, *, scripts: Sequence[str] = (), loose_styles: bool = False, **values: Any) -> str:
    """Fill a template. `loose_styles` allows styles set by a script, which Plotly needs."""
    styles = (TEMPLATES / "style.css").read_text("utf-8")
    style_source = "'unsafe-inline'" if loose_styles else source_hash(styles)
    script_source = " ".join(source_hash(script) for script in scripts) or "'none'"
    policy = (
        f"default-src 'none'; script-src {script_source}; style-src {style_source}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        environment()
        .get_template(template)
        .render(
            policy=policy,
            # Markup: both come from this package or from Plotly, never from a result.
            styles=Markup(styles),
            scripts=[Markup(script) for script in scripts],
            **values,
        )
    )


def source_hash(text: str) -> str:
    """Return how a content security policy names an inline script or style."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def page_names(results: Sequence[Result]) -> dict[str, str]:
    """Return the file name of each result's page, by the result's fingerprint."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for result in results:
        mark = fingerprint(result)
        if mark in names:
            continue
        # An id comes from a file; it must not choose a path, and two must not share one.
        stem = result.id if SAFE_NAME.fullmatch(result.id) and result.id.lower() not in taken else mark
        taken.add(stem.lower())
        names[mark] = f"{stem}.html"
    return names


def fingerprint(result: Result) -> str:
    """Return 24 hexadecimal digits that two different results do not share."""
    return hashlib.sha256(result.model_dump_json().encode("utf-8", "surrogatepass")).hexdigest()[:24]
