"""The folder of a site: which of its pages are out of date, and how new ones are moved in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence, Set
from pathlib import Path

from reports.contents import AUTHORS, BOARDS, LESSONS, RESULTS
from reports.page_keys import MADE_FROM, Keys, read_keys
from reports.pages.page import GENERATOR

FOLDERS = (RESULTS, BOARDS, AUTHORS, LESSONS)
HEAD_BYTES = 1000  # of a page, in which it says what made it


def prepare(site: Path) -> None:
    """Make the folders of a site."""
    for folder in FOLDERS:
        (site / folder).mkdir(parents=True, exist_ok=True)


def stale_pages(keys: Keys, site: Path) -> set[str]:
    """Return the paths of the pages that are missing, or made from something else."""
    made_from = read_keys(site)
    there = {f"{folder}/{name}" for folder in FOLDERS for name in files_in(site / folder)}
    stale = keys.keys() - there
    for path, key in keys.items():
        if made_from.get(path) != key:
            stale.add(path)
    return stale


def swap_in(
    made: Path, site: Path, stale: Iterable[str], overviews: Sequence[str], wanted: Set[str]
) -> None:
    """Move new pages into a site, and drop pages that nothing links to any more.

    stale: the paths of new pages. overviews: the pages about all results, moved in their order
    after the others. wanted: every path below the folders that the site links to.
    """
    # The list goes first and comes last: a site that is half new is made again as a whole.
    (site / MADE_FROM).unlink(missing_ok=True)
    for path in linked_to_first(move_whole_folders(made, site, stale)):
        if companion(made / path).is_file():
            os.replace(companion(made / path), companion(site / path))
        os.replace(made / path, site / path)
    for name in overviews:
        os.replace(made / name, site / name)
    for folder in FOLDERS:
        for name in files_in(site / folder):
            path = f"{folder}/{name}"
            if path not in wanted and is_ours(site / path):
                os.unlink(site / path)
                companion(site / path).unlink(missing_ok=True)
    os.replace(made / MADE_FROM, site / MADE_FROM)


def move_whole_folders(made: Path, site: Path, stale: Iterable[str]) -> list[str]:
    """Move the folder of results at once where the site has none yet; return what is left to move.

    Ten thousand results are twenty thousand files, and nothing links to them yet.
    """
    left = list(stale)
    if any(os.scandir(site / RESULTS)):
        return left
    os.rmdir(site / RESULTS)
    os.replace(made / RESULTS, site / RESULTS)
    return [path for path in left if not path.startswith(f"{RESULTS}/")]


def companion(page: Path) -> Path:
    """Return the place of the JSON that stands beside a page."""
    return page.with_suffix(".json")


def linked_to_first(paths: Iterable[str]) -> list[str]:
    """Sort pages so that those of results come before the boards that link to them."""
    return sorted(paths, key=lambda path: (not path.startswith(RESULTS), path))


def files_in(folder: Path) -> list[str]:
    """Return the names of the files in a folder."""
    return [entry.name for entry in os.scandir(folder) if entry.is_file()]


def is_ours(page: Path) -> bool:
    """Whether a file is a page that was made here: the folder may hold files of somebody else."""
    if page.suffix != ".html":
        return False
    with page.open("rb") as file:
        return f'content="{GENERATOR}"' in file.read(HEAD_BYTES).decode("utf-8", "replace")
