"""A class: rules, exports and page for 500 learners, and how well similar submissions are found.

Seconds are those of the processor, so that other programs on the machine change them less.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from grader.classroom.course_file import Course, CourseSpec, LateTable, TaskTable
from grader.classroom.export_order import Order, all_exports
from grader.classroom.reckoning import by_the_rules
from grader.classroom.roster import Roster, with_authors
from grader.classroom.rules import gradebook_of
from grader.classroom.similarity.pairs import Pair, Source, similar_pairs
from grader.records import Summary
from grader.records.gradebook import ClassView, Gradebook, Learner
from grader.results.runs import Run
from reports.contents import Contents, gather
from reports.pages.class_overview import class_page

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
LEARNERS, TASKS, ATTEMPTS = 500, 35, 5
START = datetime(2026, 9, 1, 12, tzinfo=UTC)
HONEST = 100
COPIES_OF = 20  # of the honest ones; each is copied at every level
CLASS_OF = 300
LEAST_LINES = 25


def main() -> None:
    sys.path.insert(0, str(TESTS))
    rules()
    similarity()


def rules() -> None:
    """Print how long rules, exports and the class page take."""
    course, summaries = made_class()
    print(f"{LEARNERS} learners x {TASKS} tasks x {ATTEMPTS} attempts, {len(summaries)} results")
    began = time.process_time()
    book = gradebook_of(course, summaries, START, versions={f"t{n}": "e" for n in range(TASKS)})
    ruled = time.process_time()
    print(f"{'rules':<44} {ruled - began:.2f} s")
    order = Order(gradebook=book, chosen=book.tasks)
    for name, each in all_exports().items():
        if each.needs == "grades":
            before = time.process_time()
            each.module.files_of(order)
            print(f"{f'export {name}':<44} {time.process_time() - before:.2f} s")
    exported = time.process_time()
    contents = contents_of(book, summaries)
    gathered = time.process_time()
    size = len(class_page(contents).encode())
    paged = time.process_time()
    print(f"{'sorting 87,500 runs onto boards':<44} {gathered - exported:.2f} s")
    print(f"{'class page, ' + f'{size / 2**20:.1f} MiB':<44} {paged - gathered:.2f} s")
    together = exported - began + paged - gathered
    print(f"{'rules, exports and page together':<44} {together:.2f} s  (<= 2 s)")


def made_class() -> tuple[Course, list[Summary]]:
    """Return a large class, and the summaries of what it handed in."""
    learners = [Learner(id=str(n), login=f"u{n}", name=f"Learner {n}") for n in range(LEARNERS)]
    roster = Roster(tuple(with_authors(learners)))
    tasks = []
    for number in range(TASKS):
        deadline = datetime(2026, 9, 1) + timedelta(days=3 * number)
        tasks.append(TaskTable(id=f"t{number}", deadline=deadline))
    late = LateTable(bank_days=5, penalty_percent_per_day=10)
    course = Course(CourseSpec(timezone="Europe/Berlin", late=late, tasks=tasks), roster)
    return course, list(runs(roster))


def runs(roster: Roster) -> Iterator[Summary]:
    draw = random.Random(1)
    number = 0
    for learner in roster.learners:
        for task in range(TASKS):
            for _ in range(ATTEMPTS):
                number += 1
                moment = START + timedelta(days=3 * task - 2 + 4 * draw.random())
                yield one_run(learner, task, number, moment.timestamp(), 100 * draw.random())


def one_run(learner: Learner, task: int, number: int, moment: float, points: float) -> Summary:
    return Summary(
        path=f"t{task}/r{number}",
        stamp="",
        mark=f"{number:024x}",
        task=f"t{task}",
        id=f"r{number}",
        exam_version="e",
        tier="container",
        device="cpu",
        author=learner.author,
        status="accepted" if points > 40 else "below_target",
        total=points,
        value=points,
        created=moment,
        seconds=1.0,
        framework="",
        network="",
        sha256=f"{number:064x}",
        submitted=moment,
    )


def contents_of(book: Gradebook, summaries: list[Summary]) -> Contents:
    """Return what the site of the class shows."""
    from support.factories import make_function_result, make_task

    result = make_function_result("x", 5)
    tasks = [make_task(f"t{number}", exam_version="e", exam="functions") for number in range(TASKS)]
    every = [Run(each, result) for each in summaries]
    shown = by_the_rules(book, every)
    return gather(every, tasks, on_boards=shown, school=ClassView(book))


# Similar submissions.


def similarity() -> None:
    """Print how well copies are told from honest work, and how long a class takes."""
    from support.disguises import LEVELS, disguised

    honest = honest_sources()[:HONEST]
    print(f"\n{len(honest)} independent programs")
    began = time.process_time()
    found = similar_pairs(honest, least=0.0)
    seconds = time.process_time() - began
    shares = sorted((pair.share for pair in found), reverse=True)
    print_pairs(found)
    count = len(honest) * (len(honest) - 1) // 2
    said = sum(share >= 0.2 for share in shares)
    print(f"{'honest pairs that are listed':<44} {said} of {count}, in {seconds:.1f} s")
    for level in LEVELS:
        planted = []
        for number, source in enumerate(honest[:COPIES_OF]):
            other = honest[-1 - number].text
            text = disguised(source.text, level, other, seed=number)
            planted.append(Source(f"copy of {source.author}", source.file, text))
        ranks = ranks_of(similar_pairs([*honest, *planted]), COPIES_OF)
        print(f"level {level}: {ranks}")
    time_of_class(honest)


def honest_sources() -> list[Source]:
    """Return programs that were written independently: scripts as found, a reference a task."""
    found = []
    seen: set[str] = set()
    data = TESTS / "data"
    places = [*(data / "as_found").rglob("*.py"), *(data / "doctor_unseen").rglob("*.py")]
    for task in sorted((ROOT / "reference").iterdir()):
        places += sorted(task.glob("*/solution.py"))[:1]
    for path in sorted(places):
        text = path.read_text("utf-8", "replace")
        is_long = len(text.splitlines()) >= LEAST_LINES
        if is_long and text not in seen and parses(text):
            seen.add(text)
            found.append(Source(path.relative_to(ROOT).as_posix(), path.name, text))
    random.Random(3).shuffle(found)
    return found


def parses(text: str) -> bool:
    try:
        compile(text, "x", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def print_pairs(found: list[Pair]) -> None:
    for pair in found[:6]:
        print(f"  {pair.share:.2f} {pair.marks:4} {pair.one.author} | {pair.other.author}")


def ranks_of(found: list[Pair], copies: int) -> str:
    """Say how many copies are listed, how many stand before every other pair, and their share."""
    is_copy = [
        pair.one.author == pair.other.author.removeprefix("copy of ")
        or pair.other.author == pair.one.author.removeprefix("copy of ")
        for pair in found
    ]
    listed = sum(is_copy)
    first = 0
    for each in is_copy:
        if not each:
            break
        first += 1
    shares = [pair.share for pair, each in zip(found, is_copy, strict=True) if each] or [0.0]
    return (
        f"{listed} of {copies} listed, {first} before any other pair, "
        f"share {min(shares):.2f} to {max(shares):.2f}, median {statistics.median(shares):.2f}"
    )


def time_of_class(honest: list[Source]) -> None:
    """Print how long a class of 300 takes."""
    sources = []
    for number in range(CLASS_OF):
        source = honest[number % len(honest)]
        sources.append(Source(f"learner {number}", source.file, source.text + f"# {number}\n"))
    with tempfile.TemporaryDirectory():
        began = time.process_time()
        similar_pairs(sources)
    print(f"{f'{CLASS_OF} submissions':<44} {time.process_time() - began:.1f} s  (<= 30 s)")


if __name__ == "__main__":
    main()
