"""The files that all pages of a site share: Plotly, tables, the site's own script and styles.

A page opened from disk may not import a module from another file, so the bundle that itables brings
as a module is wrapped into a plain script. Names contain a hash of the content: a new version is a
new file, and no browser shows an old one.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.errors import GraderError

SHARED = "shared"
SOURCES = Path(__file__).resolve().parent / "templates"
EXPORTS = re.compile(r"export\s*\{([^{}]*)\}\s*;?")
# What the bundle exports -> what it is called here.
NAMES = {"ITable": "ITable", "default": "DataTable"}


@dataclass(frozen=True)
class Assets:
    """The names of the shared files, below `shared/`."""

    plotly: str
    tables: str
    tables_style: str
    site: str
    style: str


def as_plain_script(module: str) -> str:
    """Return an ES module without imports as a script that sets `globalThis.graderTables`.

    Everything stays inside a function, so that nothing of it is global by accident. Raises
    GraderError if the module does not export what is needed.
    """
    found = EXPORTS.search(module)
    exported = {} if found is None else exported_names(found.group(1))
    if found is None or not NAMES.keys() <= exported.keys():
        raise GraderError(
            "the table bundle of the installed itables exports unexpected names: "
            f"{', '.join(sorted(exported)) or 'none'}; needed: {', '.join(NAMES)}. Install the "
            "version in constraints.txt"
        )
    pairs = ", ".join(f"{ours}: {exported[theirs]}" for theirs, ours in NAMES.items())
    before = module[: found.start()]
    after = module[found.end() :]
    return f"(() => {{\n{before};globalThis.graderTables = {{ {pairs} }};{after}\n}})();\n"


def exported_names(exports: str) -> dict[str, str]:
    """Return what a list such as "a as ITable, b as default" exports: name -> name inside."""
    pairs = {}
    for part in exports.split(","):
        inside, _, outside = part.strip().partition(" as ")
        pairs[outside] = inside
    return pairs


def bundle() -> Path:
    """Return the folder of the bundle that itables brings."""
    return folder_of("itables") / "html"


def folder_of(package: str) -> Path:
    """Return the folder of an installed package.

    It is found but not imported, which would take half a second.
    """
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise GraderError(
            f"the package {package} is not installed; `pip install -c constraints.txt .` installs "
            "it"
        )
    return Path(found.origin).resolve().parent


@cache
def contents() -> dict[str, bytes]:
    """Return every shared file: field of `Assets` -> content."""
    return {
        "plotly": (folder_of("plotly") / "package_data" / "plotly.min.js").read_bytes(),
        "tables": as_plain_script((bundle() / "dt_bundle.js").read_text("utf-8")).encode(),
        "tables_style": (bundle() / "dt_bundle.css").read_bytes(),
        "site": (SOURCES / "site.js").read_bytes(),
        "style": b"".join((SOURCES / name).read_bytes() for name in ("style.css", "pages.css")),
    }


@cache
def assets() -> Assets:
    """Return the names of the shared files."""
    names = {}
    for field, content in contents().items():
        kind = "css" if "style" in field else "js"
        mark = hashlib.sha256(content).hexdigest()[:12]
        names[field] = f"{field.replace('_', '-')}-{mark}.{kind}"
    return Assets(**names)


def write_assets(site: Path) -> None:
    """Write the shared files that a site lacks.

    Those of other versions stay as long as pages name them.
    """
    folder = site / SHARED
    folder.mkdir(parents=True, exist_ok=True)
    for field, content in contents().items():
        target = folder / getattr(assets(), field)
        if not target.is_file() or target.stat().st_size != len(content):
            partial = folder / f".{target.name}-{os.getpid()}"
            partial.write_bytes(content)
            partial.replace(target)


def remove_old_assets(site: Path) -> None:
    """Remove shared files that no page names any more."""
    named = set(vars(assets()).values())
    for path in (site / SHARED).iterdir():
        if path.name not in named and path.is_file() and path.suffix in (".js", ".css"):
            path.unlink(missing_ok=True)
