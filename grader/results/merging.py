"""Results of several folders in one: each part of a class was graded somewhere else.

A part that `grader batch --part` graded carries a list of its results, with the SHA-256 of every
file, as they were when they were stored. What has changed since, on a disk or on the way, is found
before a single result is copied. The same result may come from two folders, as long as it is the
same; two that differ under one id are a conflict, and then nothing is copied at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from grader.errors import GraderError, UsageError
from grader.host.ownership import ownership_mark
from grader.records import Record, Result
from grader.results import store
from grader.results.index import RESULT_FILE

LISTS = "part-*-of-*.json"
SHOWN = 5  # of many problems
FORGOTTEN = (
    "forgotten"  # in the place of what a learner handed in, whose name is to be known no more
)

Files = dict[str, str]  # of one result: name -> SHA-256


class PartList(Record):
    """What one part of a batch stored: the results by "task/id", each file with its SHA-256."""

    part: int  # from 1
    of: int
    jobs: tuple[str, ...] = ()  # the names of what lay in the folder, all parts together
    results: dict[str, Files] = {}  # noqa: RUF012 - pydantic copies it


@dataclass
class Merged:
    """What came together."""

    copied: int = 0
    there_before: int = 0
    missing_parts: list[str] = field(default_factory=list)


def write_part_list(root: Path, part: int, of: int, jobs: Sequence[str]) -> Path:
    """Write the list of everything that lies in a folder of results, as part `part` of `of`."""
    found = PartList(part=part, of=of, jobs=tuple(jobs), results=hashes_in(root))
    root.mkdir(parents=True, exist_ok=True)
    return store_list(root, found)


def store_list(root: Path, found: PartList) -> Path:
    path = root / f"part-{found.part}-of-{found.of}.json"
    partial = root / f"{store.PARTIAL}{ownership_mark()}-{path.name}"
    store.write_synced(partial, found.model_dump_json(indent=2).encode())
    partial.replace(path)
    return path


def note_replaced(root: Path, replaced: Iterable[Result]) -> None:
    """Have the lists of parts in a folder say what results are after they were scored anew.

    Nothing else of a list changes, so that what was damaged stays known. A list that cannot be read
    is left to `merge`, which says so.
    """
    names = [f"{result.task.id}/{result.id}" for result in replaced]
    for path in root.glob(LISTS) if names else ():
        with suppress(OSError, ValidationError):
            renew_list(root, PartList.model_validate_json(path.read_bytes()), names)


def readable_part_lists(root: Path) -> list[PartList]:
    """Return the lists of the parts in a folder, without those that cannot be read."""
    found = []
    for path in sorted(root.glob(LISTS)):
        with suppress(OSError, ValidationError):
            found.append(PartList.model_validate_json(path.read_bytes()))
    return found


def part_lists_about(root: Path, names: Iterable[str], files: Iterable[str]) -> list[Path]:
    """Return the lists that name one of these results, or what was handed in for them.

    names: results as "task/id". files: names of what lay in the folder that was graded. Of a list
    that cannot be read nobody knows whom it names, so it is among them.
    """
    found = []
    wanted = set(names)
    handed_in = set(files)
    for path in sorted(root.glob(LISTS)):
        try:
            there = PartList.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            found.append(path)
            continue
        if wanted & set(there.results) or handed_in & set(there.jobs):
            found.append(path)
    return found


def forget_in_list(root: Path, path: Path, names: Iterable[str], files: Iterable[str]) -> None:
    """Store a list without these results and names; one that cannot be read is removed."""
    try:
        found = PartList.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        path.unlink(missing_ok=True)
        return
    gone = set(names)
    handed_in = set(files)
    left = {name: hashes for name, hashes in found.results.items() if name not in gone}
    jobs = tuple(FORGOTTEN if job in handed_in else job for job in found.jobs)
    store_list(root, found.model_copy(update={"results": left, "jobs": jobs}))


def renew_list(root: Path, found: PartList, names: Sequence[str]) -> None:
    """Store a list with the hashes that these results have now, as far as it lists them."""
    results = dict(found.results)
    for name in set(names) & set(results):
        content = (root / name / RESULT_FILE).read_bytes()
        results[name] = results[name] | {RESULT_FILE: hashlib.sha256(content).hexdigest()}
    store_list(root, found.model_copy(update={"results": results}))


def merge(sources: Sequence[Path], target: Path) -> Merged:
    """Copy the results of several folders into one.

    UsageError, before anything is copied, for a folder without results, a damaged result, or a
    conflict, or parts of different listings: every problem is named.
    """
    lists = [each for source in sources for each in read_part_lists(source)]
    found: dict[str, tuple[Path, Files]] = {}
    problems = different_listings(lists)
    for source in sources:
        there = hashes_in(source)
        problems += damaged(source, there)
        if not there and not readable_part_lists(source):
            problems.append(f"{source} holds no result")
        for name, files in there.items():
            first, hashes = found.setdefault(name, (source, files))
            if hashes != files:
                problems.append(f"{name} differs between {first} and {source}")
    merged = Merged(missing_parts=missing_parts(lists))
    new = []
    before = hashes_in(target)
    for name, (source, files) in found.items():
        if name not in before:
            new.append((source, name, files))
        elif before[name] == files:
            merged.there_before += 1
        else:
            problems.append(f"{name} differs between {source} and {target}")
    if problems:
        raise UsageError(f"nothing was copied: {listed(problems)}")
    for source, name, files in new:
        copy_result(source / name, target / name, files)
        merged.copied += 1
    return merged


def listed(problems: Sequence[str]) -> str:
    """Return the first problems as one text, and how many more there are."""
    more = len(problems) - SHOWN
    also = f"; and {more} more" if more > 0 else ""
    return "; ".join(problems[:SHOWN]) + also


def hashes_in(root: Path) -> dict[str, Files]:
    """Return every result of a folder by "task/id", its files with their SHA-256."""
    found = {}
    for path in sorted(root.glob("[!.]*/[!.]*/result.json")):
        folder = path.parent
        found[folder.relative_to(root).as_posix()] = hashes_of(folder)
    return found


def hashes_of(folder: Path) -> Files:
    """Return the SHA-256 of each file that belongs to a result; a link belongs to none."""
    content = {}
    for name in store.FILES:
        path = folder / name
        if path.is_file() and not path.is_symlink():
            content[name] = path.read_bytes()
    return hashes(content)


def hashes(content: Mapping[str, bytes]) -> Files:
    """Return the SHA-256 of each of these files."""
    return {name: hashlib.sha256(each).hexdigest() for name, each in content.items()}


def read_part_lists(root: Path) -> Iterable[PartList]:
    """Return the lists of the parts in a folder. UsageError for one that cannot be read."""
    found = []
    for path in sorted(root.glob(LISTS)):
        try:
            found.append(PartList.model_validate_json(path.read_bytes()))
        except (OSError, ValidationError):
            raise UsageError(
                f"{path} cannot be read as the list of a part; bring that part again"
            ) from None
    return found


def damaged(source: Path, there: dict[str, Files]) -> list[str]:
    """Return a line for each listed result that is gone or is not what it was."""
    lines = []
    for part in read_part_lists(source):
        for name, files in part.results.items():
            if name not in there:
                lines.append(f"{source / name} is listed and is not there")
            elif there[name] != files:
                changed = sorted(set(there[name].items()) ^ set(files.items()))
                lines.append(f"{source / name / changed[0][0]} is not what was stored")
    return lines


def different_listings(lists: Sequence[PartList]) -> list[str]:
    """Return a line for each part that was cut from another listing than the first of its size.

    Then a submission may be in no part at all. A list that names none says nothing.
    """
    first: dict[int, PartList] = {}
    lines = []
    for each in lists:
        if not each.jobs:
            continue
        other = first.setdefault(each.of, each)
        differing = sorted(set(other.jobs) ^ set(each.jobs)) or ["the number of submissions"]
        if not are_alike(each.jobs, other.jobs):
            lines.append(
                f"part {each.part}/{each.of} was cut from another listing than part "
                f"{other.part}/{other.of} ({listed(differing)}); repeat the parts on the same "
                "folder, which grades only what has no result, or merge each class by itself"
            )
    return lines


def are_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two listings have the same names; what was forgotten in either may be any."""
    if len(one) != len(other):
        return False
    pairs = zip(one, other, strict=True)
    return all(first == second or FORGOTTEN in (first, second) for first, second in pairs)


def missing_parts(lists: Sequence[PartList]) -> list[str]:
    """Return the parts that other parts imply and that nobody brought, as "3/16"."""
    brought = {(each.part, each.of) for each in lists}
    sizes = sorted({of for _, of in brought})
    return [
        f"{part}/{of}" for of in sizes for part in range(1, of + 1) if (part, of) not in brought
    ]


def copy_result(folder: Path, target: Path, files: Files) -> None:
    """Copy a result in one step. GraderError if it is no longer what was read before."""
    try:
        content = {name: (folder / name).read_bytes() for name in files}
        if hashes(content) != files:
            raise GraderError(f"{folder} changed while it was copied; merge again")
        store.put(target, content)
    except OSError as error:
        raise GraderError(
            f"{folder} could not be copied to {target}: {store.refusal(error)}"
        ) from None
