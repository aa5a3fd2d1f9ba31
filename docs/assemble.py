"""Put the pages of the documentation site together. `make docs` runs this around zensical.

    python docs/assemble.py            docs/, lessons, CONTRIBUTING ... -> build/docs-pages
    python docs/assemble.py --built    the built site must not ask another machine for anything

In the repository, pages link to each other and to code by relative paths, which work in an editor
and on a code host. The site holds the pages alone. So each link is resolved here: to a page of the
site it stays a link, to another file of the repository only its text stays, and to nothing at all
it is an error with its file and line. Anchors are left to zensical's strict mode.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = ROOT / "build" / "docs-pages"
BUILT = ROOT / "build" / "docs"
VENDOR = ROOT / "build" / "vendor"

OF_THE_ROOT = {
    "CONTRIBUTING.md": "build/contributing.md",
    "CHANGELOG.md": "build/changes.md",
    "reference/RESULTS.md": "measure/references.md",
}
ONLY_CHECKED = ("README.md",)  # the front of the repository; the site has docs/index.md
LISTED_ELSEWHERE = ("learn/lessons/", "build/decisions/")  # pages that an index page lists
PAGE_FILES = (".md", ".png", ".svg", ".css", ".js")

LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
CODE = re.compile(
    r"^[ \t]*(?P<fence>```+|~~~+).*?^[ \t]*(?P=fence)[`~]*[ \t]*$"
    r"|(?<!`)(?P<ticks>`+)(?!`)(?:.(?!\n\s*\n))+?(?<!`)(?P=ticks)(?!`)",
    re.MULTILINE | re.DOTALL,
)
ELSEWHERE = re.compile(r"^[a-z]+:")
DIAGRAM = "```mermaid"
ASKS_ANOTHER_MACHINE = re.compile(
    r"<(?:script|img|iframe|source)\b[^>]*\ssrc=[\"']?(?:https?:)?//[^>]*>"
    r"|<link\b[^>]*\brel=[\"']?(?:stylesheet|preconnect|preload|icon)[^>]*\shref=[\"']?(?:https?:)?//[^>]*>",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Script:
    """A script of a npm package that the site ships, so that no reader's browser fetches it."""

    package: str
    inside: str  # its path in the package
    name: str  # what the site calls it
    sha256: str
    without: str  # stands in for it where npm is not installed


SCRIPTS = (
    Script(
        package="mermaid@12.3.0",
        inside="package/dist/mermaid.min.js",
        name="mermaid.min.js",
        sha256="336df803d87a38b70a01e736e666c8f7601d2ce42f5e47c8fafe5d721074b9a3",
        # the theme fetches mermaid from the network unless something of this name is there
        without="""
window.mermaid = {
  initialize() {},
  async render(id, text) {
    const box = document.createElement("pre");
    box.textContent = text;
    return { svg: box.outerHTML };
  },
};
""",
    ),
    Script(
        package="iframe-worker@1.0.4",
        inside="package/shim/index.js",
        name="iframe-worker.js",
        sha256="e8e412dbcfea9b7e31b5ffa288d7b6035915e714c542f4176a0cdbe262fc9609",
        without="",
    ),
)


class BadPages(Exception):
    """What is wrong with the pages, a line each."""


def main(arguments: list[str]) -> int:
    try:
        if arguments == ["--built"]:
            check_built()
        else:
            assemble()
    except BadPages as problems:
        print(problems, file=sys.stderr)
        return 1
    return 0


def assemble() -> None:
    """Fill build/docs-pages; BadPages if a link leads nowhere or the navigation misses a page."""
    shutil.rmtree(PAGES, ignore_errors=True)
    places = place_files()
    problems: list[str] = []
    for source, target in sorted(places.items()):
        copy = PAGES / target
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix == ".md":
            text = resolve_links(source, target, places, problems)
            copy.write_text(text + diagram_script(text, target), "utf-8")
        else:
            shutil.copyfile(source, copy)
    for name in ONLY_CHECKED:
        resolve_links(ROOT / name, name, places, problems)
    write_index("learn/lessons", "All lessons", lesson_groups(places))
    write_index("build/decisions", "Decisions", [("", decision_entries(places))])
    problems += navigation_problems()
    if problems:
        raise BadPages("\n".join(problems))
    ship_scripts(PAGES / "javascripts")


def place_files() -> dict[Path, str]:
    """Return where each file that the site has comes from, and its path in the site."""
    places = {path: path.relative_to(DOCS).as_posix() for path in page_files(DOCS)}
    for name, target in OF_THE_ROOT.items():
        places[ROOT / name] = target
    for lesson in sorted((ROOT / "tasks").glob("*/README.md")):
        task = lesson.parent.name
        places[lesson] = f"learn/lessons/{task}.md"
        for picture in page_files(lesson.parent):
            if picture.suffix != ".md":
                places[picture] = f"learn/lessons/{task}-{picture.name}"
    return places


def page_files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.suffix in PAGE_FILES)


def resolve_links(source: Path, target: str, places: dict[Path, str], problems: list[str]) -> str:
    """Return a page's text with its links as the site needs them; adds to `problems`."""
    code: list[str] = []

    def hide(match: re.Match[str]) -> str:
        code.append(match.group())
        return f"\0{len(code) - 1}\0"

    def shown(text: str) -> str:
        return re.sub("\0(\\d+)\0", lambda match: code[int(match[1])], text)

    def resolve(match: re.Match[str]) -> str:
        mark, label, link = match.groups()
        path, _, anchor = link.partition("#")
        if ELSEWHERE.match(link) or not path:
            return match.group()
        wanted = Path(os.path.normpath(source.parent / path))
        if wanted in places:
            to = os.path.relpath(places[wanted], os.path.dirname(target) or ".")
            return f"{mark}[{label}]({to}{'#' * bool(anchor)}{anchor})"
        if wanted.exists():
            return label
        line = shown(match.string[: match.start()]).count("\n") + 1
        problems.append(f"{source.relative_to(ROOT)}:{line}: {link} leads nowhere")
        return match.group()

    return shown(LINK.sub(resolve, CODE.sub(hide, source.read_text("utf-8"))))


def diagram_script(text: str, target: str) -> str:
    """Return the tag that a page with a diagram ends with: the script is too large for the rest."""
    if DIAGRAM not in text:
        return ""
    script = os.path.relpath("javascripts/mermaid.min.js", os.path.dirname(target))
    return f'\n<script src="{script}"></script>\n'


def lesson_groups(places: dict[Path, str]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return the lessons by stage, in the order of the course: title, page and one sentence."""
    sys.path.insert(0, str(ROOT))
    from grader.course.curriculum import all_tasks

    groups: dict[str, list[tuple[str, str, str]]] = {}
    for task in all_tasks():
        page = places.get(task.folder / "README.md")
        if page is not None:
            entry = (task.spec.title, Path(page).name, task.spec.about)
            groups.setdefault(task.spec.stage.capitalize(), []).append(entry)
    return list(groups.items())


def decision_entries(places: dict[Path, str]) -> list[tuple[str, str, str]]:
    entries = []
    for source, target in sorted(places.items()):
        if target.startswith("build/decisions/"):
            title = source.read_text("utf-8").splitlines()[0].removeprefix("# ")
            entries.append((title, Path(target).name, ""))
    return entries


def write_index(
    folder: str, title: str, groups: list[tuple[str, list[tuple[str, str, str]]]]
) -> None:
    """Write the page that lists the pages of a folder; an introduction in docs/ stays above it."""
    page = PAGES / folder / "index.md"
    lines = [page.read_text("utf-8") if page.exists() else f"# {title}\n"]
    for name, entries in groups:
        if name:
            lines.append(f"## {name}\n")
        for label, target, about in entries:
            lines.append(f"- [{label}]({target}){': ' if about else ''}{about}")
        lines.append("")
    page.write_text("\n".join(lines), "utf-8")


def navigation_problems() -> list[str]:
    """Return what zensical's strict mode lets pass: pages that the navigation lacks, or invents."""
    config = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))
    listed = list(pages_of(config["project"]["nav"]))
    there = {path.relative_to(PAGES).as_posix() for path in PAGES.rglob("*.md")}
    problems = [
        f"zensical.toml: the navigation lists {name}, which does not exist"
        for name in listed
        if name not in there
    ]
    for name in sorted(there - set(listed)):
        if not name.startswith(LISTED_ELSEWHERE):
            problems.append(f"zensical.toml: the navigation lacks {name}")
    return problems


def pages_of(entry: object) -> Iterator[str]:
    """Return the pages of a navigation entry: a path, a list, or a title with either."""
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, list):
        for each in entry:
            yield from pages_of(each)
    elif isinstance(entry, dict):
        for each in entry.values():
            yield from pages_of(each)


def ship_scripts(folder: Path) -> None:
    """Put the scripts of SCRIPTS into the site: from npm, once, or what stands in for them."""
    folder.mkdir(parents=True, exist_ok=True)
    for script in SCRIPTS:
        kept = VENDOR / script.name
        if not kept.is_file() or digest(kept.read_bytes()) != script.sha256:
            if shutil.which("npm") is None:
                stand_in(script, folder)
                continue
            fetch(script, kept)
        shutil.copyfile(kept, folder / script.name)


def stand_in(script: Script, folder: Path) -> None:
    """Do without a script; BadPages in CI, where the site must be whole."""
    problem = f"npm is not installed, so the site has no {script.package}"
    if os.environ.get("CI") == "true":
        raise BadPages(f"{problem}; install Node.js")
    print(f"{problem}: diagrams are shown as text and search needs a web server", file=sys.stderr)
    (folder / script.name).write_text(script.without, "utf-8")


def fetch(script: Script, kept: Path) -> None:
    """Get a script from its npm package; BadPages if it is not the one that was looked at."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        command = ["npm", "pack", "--silent", "--pack-destination", scratch, script.package]
        packed = subprocess.run(command, capture_output=True, text=True, check=False)
        if packed.returncode:
            raise BadPages(f"npm could not get {script.package}:\n{packed.stderr}")
        (archive,) = Path(scratch).glob("*.tgz")
        with tarfile.open(archive) as package:
            file = package.extractfile(script.inside)
            content = file.read() if file else b""
    if digest(content) != script.sha256:
        raise BadPages(f"{script.inside} of {script.package} has the wrong checksum")
    kept.write_bytes(content)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def check_built() -> None:
    """Look over the built pages; BadPages names what would be fetched from another machine."""
    problems = []
    for page in sorted(BUILT.rglob("*.html")):
        for tag in ASKS_ANOTHER_MACHINE.findall(page.read_text("utf-8")):
            problems.append(f"{page.relative_to(ROOT)}: {tag} is fetched from another machine")
    if problems:
        raise BadPages("\n".join(problems))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
