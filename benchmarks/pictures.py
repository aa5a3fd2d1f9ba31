"""Pictures of a site: `python -m benchmarks.pictures [SITE] [DESTINATION] [--all] [--kinds]`.

SITE is what `make references` writes, DESTINATION the folder of the documentation's pictures: this
is how the README's are made. With --all every page is taken instead, in light, in dark and on a
phone, to be looked at one by one. With --kinds a page of every kind is taken for
docs/learn/pages.md, of a class that never was (tests/support/gallery.py): nothing is graded for
it, and it takes half a minute.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.references import ROOT, SITE, for_container, stored
from grader.course.curriculum import find_task

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 800}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": DESK, "color_scheme": "light"},
    "wide": {"viewport": DESK | {"width": 1480}, "color_scheme": "light"},
    "dark": {"viewport": DESK, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "color_scheme": "light"},
}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LONGEST = 6000  # CSS pixels of a page
KINDS = {  # the name of a picture -> the kind of page, and how it is looked at
    "front": ("index", "light"),
    "board": ("board-mnist", "light"),
    "result": ("result-later", "light"),
    "named-lines": ("result-named", "dark"),
    "functions": ("result-functions", "light"),
    "text": ("result-language", "light"),
    "pictures": ("result-generation", "dark"),
    "author": ("author", "light"),
    "course": ("curriculum", "light"),
    "class": ("class", "light"),
    "frameworks": ("frameworks", "light"),
    "lesson": ("lesson", "light"),
    "comparison": ("comparison", "light"),
}
KIND_HEIGHT = 1100


def of_result(task_id: str) -> str:
    """Return the page of the newest result of the reference that is trained soonest."""
    task = find_task(task_id)
    reference = for_container(task)
    if reference is None:
        raise SystemExit(f"no reference of {task_id} is accepted yet; run `make references`")
    return f"results/{stored(task, reference)[-1].id}.html"


def of_every_page(site: Path) -> Iterator[tuple[str, str, str, int | None]]:
    """Yield name, page and look of every page, whole, in each look but the wide one."""
    for page in sorted(site.rglob("*.html")):
        name = page.relative_to(site)
        for look in LOOKS:
            if look != "wide":
                yield f"{str(name.with_suffix('')).replace('/', '-')}-{look}", str(name), look, None


def of_every_kind(index: Path) -> Iterator[tuple[str, str, str, int | None]]:
    """Yield name, page, look and height of a picture of every kind of page."""
    from support.gallery import pages_of

    pages = pages_of(index)
    for name, (kind, look) in KINDS.items():
        yield name, str(pages[kind].relative_to(index.parent)), look, KIND_HEIGHT


def for_the_readme() -> Iterator[tuple[str, str, str, int | None]]:
    """Yield name, page, look and height of each picture."""
    yield "board", "boards/mnist.html", "wide", 1400
    yield "result", of_result("mnist"), "light", 1500
    yield "frameworks", "frameworks.html", "light", 900
    yield "generated", of_result("gan"), "dark", 1500


def take(browser: Any, page: Path, look: str, target: Path, height: int | None) -> None:
    """Keep a picture of a page: its first `height` CSS pixels, or the whole of it."""
    context = browser.new_context(**LOOKS[look])
    opened = context.new_page()
    opened.goto(page.as_uri())
    opened.wait_for_load_state("load")
    opened.evaluate("async () => { await document.graderDraw?.() }")
    whole = min(LONGEST, opened.evaluate("document.documentElement.scrollHeight"))
    size = LOOKS[look]["viewport"] | {"height": min(whole, height or whole)}
    opened.set_viewport_size(size)
    opened.evaluate("async () => { await document.graderDraw?.() }")
    opened.screenshot(path=target)
    context.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pictures")
    parser.add_argument("site", nargs="?", type=Path, default=SITE)
    parser.add_argument("destination", nargs="?", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--all", action="store_true", help="every page, in every look")
    parser.add_argument("--kinds", action="store_true", help="a page of every kind")
    words = parser.parse_args()
    if words.kinds:
        return take_every_kind(ROOT / "docs" / "images" / "pages")
    site = words.site.resolve()
    wanted: Iterator[tuple[str, str, str, int | None]] = for_the_readme()
    if words.all:
        wanted = of_every_page(site)
    take_all(site, wanted, words.destination)


def take_every_kind(destination: Path) -> None:
    """Keep a picture of every kind of page."""
    sys.path.insert(0, str(ROOT / "tests"))
    from support.gallery import write_gallery

    with tempfile.TemporaryDirectory() as folder:
        index = write_gallery(Path(folder) / "site")
        take_all(index.parent, of_every_kind(index), destination)


def take_all(
    site: Path, wanted: Iterator[tuple[str, str, str, int | None]], destination: Path
) -> None:
    """Keep the pictures that are wanted, in one browser."""
    destination.mkdir(parents=True, exist_ok=True)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(
            executable_path=chromium, headless=True, args=ARGUMENTS
        )
        for name, page, look, height in wanted:
            take(browser, site / page, look, destination / f"{name}.png", height)
            print(name)
        browser.close()


if __name__ == "__main__":
    main()
