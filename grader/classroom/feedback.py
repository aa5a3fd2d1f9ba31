"""What goes back to each learner: a page and a summary, in the folders that platforms take.

Nothing in one learner's folder holds another one's name or figure: a page is made of one result,
and where a team handed in together, everybody's is in their own name.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.classroom.matching import match
from grader.classroom.roster import Roster
from grader.intake.hand_ins import HandIn
from grader.intake.platforms import canvas, moodle
from grader.records import Result
from grader.records.gradebook import Grade, Gradebook, Learner
from grader.text import beginning, page_line

ZIP_TIME = (1980, 1, 1, 0, 0, 0)
MOST_CASES = 12
MESSAGE_CHARACTERS = 600
MARKDOWN = str.maketrans({each: f"\\{each}" for each in "\\`*_{}[]<>#|~"})
CASE_WORDS = {
    "pass": "passed",
    "fail": "wrong",
    "error": "error",
    "not_attempted": "not attempted",
    "skipped": "waiting for another function",
    "by_hand": "graded by hand",
}


@dataclass(frozen=True)
class Returned:
    """What one learner gets back for one task."""

    learner: Learner
    grade: Grade
    result: Result  # in the learner's own name


def returned(
    book: Gradebook, results: Mapping[str, Result], task_ids: Iterable[str]
) -> list[Returned]:
    """Return what there is to give back, in the order of the roster."""
    wanted = list(task_ids)
    found = []
    for row in book.rows:
        for task_id in wanted:
            grade = row.grades[task_id]
            result = results.get(grade.path)
            if result is not None:
                found.append(Returned(row.learner, grade, in_own_name(result, row.learner)))
    return found


def in_own_name(result: Result, learner: Learner) -> Result:
    """Return a result under the name of the learner who gets it: a teammate may have handed in."""
    if result.submission.author == learner.author:
        return result
    changes = {"author": learner.author, "name": "your team's submission"}
    submission = result.submission.model_copy(update=changes)
    return result.model_copy(update={"submission": submission})


def summary_of(each: Returned, next_steps: Iterable[str]) -> str:
    """Return a summary in Markdown, as platforms take it as a comment."""
    result = each.result
    verdict = result.verdict
    lines = [f"**{plain(result.task.title)}**: {plain(verdict.status.value.replace('_', ' '))}"]
    if each.grade.points is not None:
        remarks = "".join(f"; {plain(remark)}" for remark in each.grade.remarks)
        lines += ["", f"{each.grade.points:g} of 100 points{remarks}"]
    if verdict.reason:
        lines += ["", plain(verdict.reason)]
    lines += case_lines(result)
    for diagnosis in result.diagnoses:
        where = f" ({plain(diagnosis.where)})" if diagnosis.where else ""
        lines += ["", f"Looks like: {plain(diagnosis.title)}{where}"]
    # Steps are the grader's and the task's own words, in which code stands in backticks.
    steps = [plain(step).replace("\\`", "`") for step in next_steps]
    lines += ["", "What next:", "", *(f"- {step}" for step in steps)] if steps else []
    return "\n".join(lines) + "\n"


def case_lines(result: Result) -> list[str]:
    """Return a line for each group of cases, and the smallest failure of those that are wrong."""
    lines = []
    for group in result.cases[:MOST_CASES]:
        word = CASE_WORDS[group.status]
        counts = group.count.removesuffix(" cases")
        lines.append(f"- `{code(group.function)}`, {plain(group.group)}: {word}, {counts}")
        if group.message and group.status in ("fail", "error", "by_hand"):
            shown = beginning(group.message, MESSAGE_CHARACTERS)
            lines += ["", *(f"      {line}" for line in shown.split("\n")), ""]
    return ["", *lines] if lines else []


def plain(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return page_line(text).translate(MARKDOWN)


def code(text: str) -> str:
    return page_line(text).replace("`", "'")


# Where a platform wants the files.


def folder_names(learners: Iterable[Learner]) -> dict[str, str]:
    """Return a folder's name for each learner by id: readable, and no two the same."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for learner in learners:
        letters = [each if each.isalnum() else "-" for each in learner.author]
        name = "".join(letters).strip("-") or "learner"
        if name.casefold() in taken:
            plain_id = "".join(each if each.isalnum() else "-" for each in learner.id)
            name = f"{name}-{plain_id}"
        taken.add(name.casefold())
        names[learner.id] = name
    return names


def names_on_platform(hand_ins: Iterable[HandIn], roster: Roster) -> dict[str, str]:
    """Return learner's author -> how the platform's download named what they handed in.

    Those that belong to nobody, or to several, are left out.
    """
    found = match(hand_ins, roster, lambda hand_in: hand_in.path.stem)
    return {each.author: each.path.name for each in found.hand_ins}


def name_for_upload(downloaded: str, file: str) -> str:
    """Return the name under which a platform takes a file back.

    Moodle takes folders that are called like the ones it gave, Canvas files that begin like them.
    """
    found = moodle.NAMED.fullmatch(downloaded)
    if found is not None:
        folder = f"{found['name']}_{found['participant']}_assignsubmission_file_"
        return f"{folder}/{file}"
    named = canvas.NAMED.fullmatch(downloaded) or canvas.ANONYMOUS.fullmatch(downloaded)
    if named is not None:
        return f"{downloaded.removesuffix(named['file'])}{file}"
    return f"{downloaded}/{file}"


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return a zip that is the same whenever it is made, with names in UTF-8."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return content.getvalue()
