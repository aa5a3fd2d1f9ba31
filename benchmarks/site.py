"""How long the site takes to build and to use: 1,000, 3,000 and 10,000 results in 20 tasks, and a
board of 2,000 rows.

Results are generated, with what is kept beside real ones. The commands run as a user starts them,
one after another. The board's time is from the start of the navigation to the drawn table, in
Chromium where there is one.
"""

from __future__ import annotations

import os
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
COUNTS = (1000, 3000, 10_000)
TASKS = 20
BOARD_ROWS = 2000
RUNS, VISITS = 3, 5
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

    root, site = folder / f"results-{count}", folder / f"site-{count}"
    tasks = all_tasks()[:TASKS]
    write_store(root, count, tasks, authors=max(20, count // 20))
    report = [
        sys.executable,
        "-m",
        "grader.cli",
        "report",
        "--results",
        str(root),
        "--site",
        str(site),
    ]
    wall, peak = peak_of(report, str(folder))
    print(
        f"{f'grader report, {count:,} results, whole':<44} {wall:.2f} s, largest process {peak / MIB:.0f} MiB",
        end="",
    )
    print("  (<= 10 s, <= 1024 MiB)" if count == COUNTS[-1] else "")
    import random

    store.save(root, one_run(random.Random(1), count + 1, tasks[3], "Newcomer", 1, 2))
    wall_again, _ = peak_of(report, str(folder))
    print(f"{f'grader report, {count:,} results, after one more':<44} {wall_again:.2f} s", end="")
    print("  (<= 2 s)" if count == COUNTS[-1] else "")
    board = [sys.executable, "-m", "grader.cli", "board", "--results", str(root)]
    subprocess.run(board, cwd=folder, capture_output=True, check=True)  # makes the index
    taken = seconds(board, str(folder), RUNS)
    print(
        f"{f'grader board, {count:,} results':<44} median {statistics.median(taken):.2f} s", end=""
    )
    print("  (<= 0.5 s)" if count == COUNTS[-1] else "")
    return wall


def board_times(folder: Path) -> None:
    """Print how large and how quick the page of one long board is."""
    from support.synthetic import make_class

    from reports.site import build

    tasks = [task for task in all_tasks() if task.id == "mnist"]
    results = [
        each.model_copy(
            update={"submission": each.submission.model_copy(update={"author": f"author {number}"})}
        )
        for number, each in enumerate(make_class(BOARD_ROWS, tasks))
    ]
    index = build(results, folder / "long", tasks=tasks)
    page = index.parent / "boards" / "mnist.html"
    print(
        f"{f'a board of {BOARD_ROWS:,} rows, its page':<44} {page.stat().st_size / MIB:.2f} MiB  (<= 2 MB)"
    )
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    if chromium is None:
        print("no Chromium, or no Playwright: how quick it is was not measured")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        times = []
        for _ in range(VISITS):
            visit = browser.new_page()
            visit.goto(page.as_uri())
            visit.wait_for_function(READY)
            times.append(visit.evaluate(READY) / 1000)
            visit.close()
        browser.close()
    median, worst = statistics.median(times), max(times)
    print(
        f"{f'a board of {BOARD_ROWS:,} rows, ready for use':<44} median {median:.2f} s, worst {worst:.2f} s  (<= 1.5 s)"
    )


if __name__ == "__main__":
    main()
