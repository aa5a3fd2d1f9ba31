"""Results -> a folder of pages: the first page, boards, the course, the class, results.

Only pages whose content can have changed are made again; see `page_keys`. `python -m benchmarks
site` measures how long that takes after one more run, and how long the whole site takes.

New pages are made in a folder of their own and moved in one by one, those that are linked to before
those that link. Whatever ends this half-way, every page is whole and every link leads somewhere.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from grader.course.curriculum import Task, all_tasks
from grader.errors import UsageError
from grader.records import Result
from grader.records.gradebook import ClassView
from grader.results.runs import Run
from reports.assets import remove_old_assets, write_assets
from reports.contents import Contents, gather
from reports.for_programs import (
    BADGES,
    FEED_FILE,
    RESULTS_FILE,
    SCHEMA_FILES,
    SCHEMAS,
    badges,
    feed,
    results_file,
    schemas,
)
from reports.kept import Kept
from reports.making import Pages, made, write
from reports.page_keys import page_keys, read_keys, write_keys
from reports.pages.class_overview import class_page
from reports.pages.curriculum import curriculum_page
from reports.pages.frameworks import framework_page
from reports.pages.front import front_page
from reports.pages.page import CLASS, CURRICULUM, FRAMEWORKS, FRONT
from reports.site_folder import prepare, stale_pages, swap_in

__all__ = ["Kept", "build"]

# About all results, so always made again. The first page links to the others and comes last.
OVERVIEWS: dict[str, Callable[[Contents], str]] = {
    CURRICULUM: curriculum_page,
    CLASS: class_page,
    FRAMEWORKS: framework_page,
    FRONT: front_page,
}


def build(
    results: Sequence[Result | Run],
    destination: Path,
    *,
    latest: bool = False,
    tasks: Sequence[Task] | None = None,
    kept: Kept | None = None,
    left_out: Sequence[str] = (),
    on_boards: Sequence[Run] | None = None,
    school: ClassView | None = None,
) -> Path:
    """Write the site and return the path of its index.html.

    latest: boards show each author's newest entry, not the best.
    tasks: the curriculum; the installed one if it is not given.
    left_out: a line about everything that could not be read, for the first page.
    on_boards: the runs that boards show, where the rules of a class choose them; else all.
    school: grades by the rules of a class.

    Raises UsageError if the destination is a file.
    """
    must_be_a_folder(destination)
    kept = kept or Kept()
    contents = gather(
        results,
        all_tasks() if tasks is None else tasks,
        latest=latest,
        left_out=left_out,
        on_boards=on_boards,
        school=school,
    )
    keys = page_keys(contents, kept.stamp)
    prepare(destination)
    stale = stale_pages(keys, destination)
    # Beside the destination and not in the system's temporary folder: a page can only be renamed
    # within one file system.
    with tempfile.TemporaryDirectory(
        dir=destination.parent, prefix=f".{destination.name}-"
    ) as folder:
        new = Path(folder)
        prepare(new)
        with made(Pages(contents, new, kept), stale):
            write_assets(destination)
            for name, page_of in OVERVIEWS.items():
                write(new / name, page_of(contents))
            write_for_programs(contents, destination, has_schemas(destination))
            write_keys(keys, new)
        swap_in(new, destination, stale, list(OVERVIEWS), keys.keys())
    remove_old_assets(destination)
    return destination / FRONT


def has_schemas(site: Path) -> bool:
    """Whether the schemas in a site are those of this version."""
    return bool(read_keys(site)) and all((site / SCHEMAS / name).is_file() for name in SCHEMA_FILES)


def must_be_a_folder(destination: Path) -> None:
    """Raise UsageError if a file lies where the pages are to be written."""
    if destination.exists() and not destination.is_dir():
        raise UsageError(
            f"{destination} is a file; give a folder for the pages, or a path that does not exist"
        )


def write_for_programs(contents: Contents, site: Path, is_as_new: bool = False) -> None:
    """Write what programs read about all results: the list, the feed, badges, schemas.

    is_as_new: this version wrote the site before, so its schemas are there.
    """
    files = {RESULTS_FILE: results_file(contents), FEED_FILE: feed(contents)}
    files |= {f"{BADGES}/{name}": text for name, text in badges(contents).items()}
    if not is_as_new:
        files |= {f"{SCHEMAS}/{name}": text for name, text in schemas().items()}
    for name, text in files.items():
        target = site / name
        target.parent.mkdir(exist_ok=True)
        half = target.with_name(f".{target.name}-{os.getpid()}")
        write(half, text)
        half.replace(target)
