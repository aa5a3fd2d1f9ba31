"""How long the site takes to build and to use: up to 10,000 results, and a board of 2,000 rows.

Results are generated, with what is kept beside real ones. The commands run as a user starts them,
one after another. The board's time is from the start of the navigation to the drawn table, in
Chromium where there is one.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.commands import peak_of, seconds
from grader.course.curriculum import all_tasks
from grader.results import store

TESTS = Path(__file__).resolve().parent.parent / "tests"
GRADER = (sys.executable, "-m", "grader")
COUNTS = (1000, 3000, 10_000)
TASKS = 20
BOARD_ROWS = 2000
RUNS = 3
VISITS = 5
MIB = 1 << 20
CHROMIUM = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
READY = "performance.getEntriesByName('table-ready')[0]?.startTime"


def main() -> None:
    sys.path.insert(0, str(TESTS))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GRADER_CACHE"] = str(Path(folder) / "cache")
        sizes = [build_times(Path(folder), count) for count in COUNTS]
        per_result = ", ".join(
            f"{1000 * wall / count:.2f} ms" for count, wall in zip(COUNTS, sizes, strict=True)
        )
        print(f"{'a result costs, at each size':<44} {per_result}")
        board_times(Path(folder))


def build_times(folder: Path, count: int) -> float:
    """Print what building costs at one size, and return the seconds of a whole build."""
    from support.synthetic import one_run, write_store

    root = folder / f"results-{count}"
    site = folder / f"site-{count}"
    tasks = all_tasks()[:TASKS]
    is_largest = count == COUNTS[-1]
    write_store(root, count, tasks, authors=max(20, count // 20))
    report = [*GRADER, "report", "--results", str(root), "--site", str(site)]
    wall, peak = peak_of(report, str(folder))
    figures = f"{wall:.2f} s, largest process {peak / MIB:.0f} MiB"
    limit = "<= 10 s, <= 1024 MiB" if is_largest else ""
    print_line(f"grader report, {count:,} results, whole", figures, limit)

    store.save(root, one_run(random.Random(1), count + 1, tasks[3], "Newcomer", 1, 2))
    wall_again, _ = peak_of(report, str(folder))
    what = f"grader report, {count:,} results, after one more"
    print_line(what, f"{wall_again:.2f} s", "<= 2 s" if is_largest else "")

    board = [*GRADER, "board", "--results", str(root)]
    subprocess.run(board, cwd=folder, capture_output=True, check=True)  # makes the index
    median = statistics.median(seconds(board, str(folder), RUNS))
    limit = "<= 0.5 s" if is_largest else ""
    print_line(f"grader board, {count:,} results", f"median {median:.2f} s", limit)
    return wall


def print_line(what: str, figures: str, limit: str) -> None:
    """Print what was measured; limit: what was asked for, if anything was."""
    print(f"{what:<44} {figures}" + (f"  ({limit})" if limit else ""))


def board_times(folder: Path) -> None:
    """Print how large and how quick the page of one long board is."""
    page = long_board(folder)
    size = page.stat().st_size / MIB
    print_line(f"a board of {BOARD_ROWS:,} rows, its page", f"{size:.2f} MiB", "<= 2 MB")
    times = visits(page)
    if not times:
        print("no Chromium, or no Playwright: how quick it is was not measured")
        return
    figures = f"median {statistics.median(times):.2f} s, worst {max(times):.2f} s"
    print_line(f"a board of {BOARD_ROWS:,} rows, ready for use", figures, "<= 1.5 s")


def long_board(folder: Path) -> Path:
    """Write a site with one long board, and return the board's page."""
    from support.synthetic import make_class

    from reports.site import build

    tasks = [task for task in all_tasks() if task.id == "mnist"]
    results = []
    for number, each in enumerate(make_class(BOARD_ROWS, tasks)):
        submission = each.submission.model_copy(update={"author": f"author {number}"})
        results.append(each.model_copy(update={"submission": submission}))
    index = build(results, folder / "long", tasks=tasks)
    return index.parent / "boards" / "mnist.html"


def visits(page: Path) -> list[float]:
    """Return the seconds until the table is drawn, of each visit; none without a browser."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return []
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        return []
    times = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        for _ in range(VISITS):
            visit = browser.new_page()
            visit.goto(page.as_uri())
            visit.wait_for_function(READY)
            times.append(visit.evaluate(READY) / 1000)
            visit.close()
        browser.close()
    return times


if __name__ == "__main__":
    main()
