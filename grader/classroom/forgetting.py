"""Everything about one learner, removed: what the law may ask for.

Results with their logs and answers, their lines in the lists of parts, the row of the roster, lines
of the journal, similar pairs, and pages and feedback folders that name the learner. What is to go
is listed first; removing is the second step, so that the list is what somebody agrees to.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.classroom.class_folder import ClassFolder, write_whole
from grader.classroom.journal import JOURNAL_FILE, Line
from grader.classroom.pseudonyms import pseudonyms_of
from grader.classroom.roster import ROSTER_FILE, Roster, roster_content
from grader.classroom.view import SIMILAR_FILE
from grader.records.gradebook import Learner
from grader.results import merging, store
from grader.text import same_name


@dataclass
class Traces:
    """Where a learner is found."""

    learner: Learner
    names: frozenset[str]  # as results may call them, in the form that is compared
    results: list[Path] = field(default_factory=list)  # folders
    result_ids: set[str] = field(default_factory=set)
    journal_lines: int = 0
    pairs: int = 0
    pages: list[Path] = field(default_factory=list)
    part_lists: list[Path] = field(default_factory=list)
    handed_in: list[str] = field(
        default_factory=list
    )  # names of files, as lists of parts have them

    def lines(self) -> list[str]:
        """Return what there is, a line for each kind."""
        return [
            f"{len(self.results)} results, with logs and answers",
            f"{self.journal_lines} lines of the journal",
            f"{self.pairs} similar pairs",
            f"{len(self.pages)} pages and feedback files",
            f"{len(self.part_lists)} lists of parts, their entries about the learner",
            "1 row of the roster",
        ]


def names_of(school: ClassFolder, learner: Learner) -> frozenset[str]:
    """Return what results and the journal may call a learner."""
    texts = [learner.author, learner.name, learner.id, learner.login, learner.email, *learner.also]
    texts.append(pseudonyms_of(school).get(learner.id, ""))
    # A name that two learners have is nobody's key: `author` tells them apart.
    found = {same_name(text) for text in texts if text}
    for other in school.roster.learners:
        if other.id != learner.id:
            found -= {same_name(other.name), same_name(other.author)}
    return frozenset(found)


def traces_of(
    school: ClassFolder, learner: Learner, results: Path, folders: Iterable[Path]
) -> Traces:
    """Return everything about a learner. folders: of pages and feedback."""
    found = Traces(learner, names_of(school, learner))
    known, _ = store.summaries(results)
    for each in known:
        if same_name(each.author) in found.names:
            found.results.append(results / each.path)
            found.result_ids.add(each.id)
    jobs = {job for each in merging.readable_part_lists(results) for job in each.jobs}
    found.handed_in = sorted(job for job in jobs if is_named_after(job, found.names))
    found.part_lists = merging.part_lists_about(results, stored_names(found), found.handed_in)
    lines = school.journal.lines()
    found.journal_lines = sum(is_about(line, found) for line in lines)
    found.pairs = sum(is_in_pair(pair, found) for pair in read_pairs(school))
    for folder in folders:
        found.pages += pages_about(folder, found)
    return found


def stored_names(found: Traces) -> list[str]:
    """Return the learner's results as lists of parts name them: "task/id"."""
    return [f"{folder.parent.name}/{folder.name}" for folder in found.results]


def is_named_after(file: str, names: frozenset[str]) -> bool:
    """Whether the name of a file has one of these in it: as words, or as one word in either order,
    as platforms write it (`roejane_LATE_12_solution.py` of Jane Roe).

    A name that happens to be a word of another's file costs that file's name in the list, which is
    then compared less strictly; a name that stays would break the promise.
    """
    wanted = set()
    for name in names:
        words = words_of(name)
        wanted |= {"".join(words), "".join(reversed(words))}
    words = words_of(file)
    ends = range(1, len(words) + 1)
    runs = ("".join(words[start:end]) for end in ends for start in range(end))
    return any(run in wanted for run in runs if run)


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", same_name(text))


def is_about(line: Line, found: Traces) -> bool:
    """Whether a line of the journal is about the learner."""
    is_named = same_name(str(line.get("author", ""))) in found.names
    return is_named or line.get("result") in found.result_ids


def is_in_pair(pair: dict[str, object], found: Traces) -> bool:
    both = (str(pair.get("one", "")), str(pair.get("other", "")))
    return any(same_name(name) in found.names for name in both)


def read_pairs(school: ClassFolder) -> list[dict[str, object]]:
    """Return the similar pairs that were found last."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        pairs = json.loads((school.path / SIMILAR_FILE).read_text("utf-8"))["pairs"]
        return [dict(pair) for pair in pairs]
    return []


def pages_about(folder: Path, found: Traces) -> list[Path]:
    """Return the files below a folder that name the learner, or one of their results."""
    return [path for path in files_of(folder) if names_learner(path, found)]


def files_of(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".html", ".md", ".csv", ".json", ".xml", ".zip") and path.is_file():
                yield path


def names_learner(path: Path, found: Traces) -> bool:
    """Whether a file names a learner; of a zip, which is made anew in any case, it is assumed."""
    if path.suffix == ".zip":
        return True
    text = path.read_text("utf-8", "replace")
    learner = found.learner
    wanted = [learner.author, learner.name, learner.email, *found.result_ids]
    return any(name in text for name in wanted if name)


def forget(school: ClassFolder, found: Traces) -> None:
    """Remove everything that was listed; what is removed last is the row that says who it was."""
    for folder in found.results:
        shutil.rmtree(folder, ignore_errors=True)
    for path in found.part_lists:
        merging.forget_in_list(path.parent, path, stored_names(found), found.handed_in)
    for page in found.pages:
        page.unlink(missing_ok=True)
    pairs = [pair for pair in read_pairs(school) if not is_in_pair(pair, found)]
    if found.pairs:
        content = json.dumps({"pairs": pairs}, ensure_ascii=False).encode("utf-8", "replace")
        write_whole(school.path / SIMILAR_FILE, content)
    if (school.path / JOURNAL_FILE).is_file():
        school.journal.rewrite(
            lambda line: not is_about(line, found), what="forgotten", lines=found.journal_lines
        )
    left = tuple(each for each in school.roster.learners if each.id != found.learner.id)
    write_whole(school.path / ROSTER_FILE, roster_content(Roster(left)))
