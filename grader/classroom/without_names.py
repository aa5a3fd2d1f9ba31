"""What leaves without names: gradebooks and results in which a pseudonym stands for each learner.

A name can hide in more places than the author's: in what a submission is called, in its file's
name, in what it printed. Whatever a learner chose is left out or replaced; figures stay.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import PurePath

from grader.classroom.export_order import Order
from grader.records import Result, Summary
from grader.records.gradebook import ClassView, Gradebook, Learner, LearnerGrades
from grader.text import same_name

NOBODY = "not on the roster"


def anonymous(order: Order, names: Mapping[str, str]) -> Order:
    """Return an order whose learners are called by their pseudonyms. names: by learner's id."""
    authors = authors_of(order.grades, names)
    results = {}
    for path, result in order.results.items():
        results[path] = nameless(result, authors)
    book = without_names(order.grades, names)
    return dataclasses.replace(order, gradebook=book, results=results, is_anonymous=True)


def authors_of(book: Gradebook, names: Mapping[str, str]) -> dict[str, str]:
    """Return what results may call their author -> the pseudonym."""
    found: dict[str, str] = {}
    for row in book.rows:
        learner = row.learner
        pseudonym = names[learner.id]
        texts = (learner.author, learner.name, learner.id, learner.login, learner.email, pseudonym)
        found |= {same_name(text): pseudonym for text in (*texts, *learner.also) if text}
    return found


def without_names(book: Gradebook, names: Mapping[str, str]) -> Gradebook:
    """Return a gradebook in the order of its pseudonyms: a roster's order says who is who."""
    rows = []
    for row in book.rows:
        pseudonym = names[row.learner.id]
        learner = Learner(id=pseudonym, name=pseudonym, author=pseudonym)
        grades = {}
        for task_id, grade in row.grades.items():
            grades[task_id] = dataclasses.replace(grade, learner=pseudonym)
        rows.append(LearnerGrades(learner, grades, row.total, row.so_far, row.bank_left))
    rows.sort(key=lambda each: each.learner.id)
    return dataclasses.replace(book, rows=tuple(rows), unknown=())


def nameless(result: Result, authors: Mapping[str, str]) -> Result:
    """Return a result without anything that its author chose to call themselves or their files."""
    author = authors.get(same_name(result.submission.author), NOBODY)
    suffix = PurePath(result.submission.file).suffix
    submission = result.submission.model_copy(
        update={
            "author": author,
            "name": author,
            "file": f"solution{suffix}",
            "notes": [],
            "reported": framework_of(result),
            "network": "",
        }
    )
    diagnoses = [each.model_copy(update={"where": ""}) for each in result.diagnoses]
    verdict = result.verdict
    if is_named_in(verdict.reason, result):
        verdict = verdict.model_copy(update={"reason": "the reason names a file or a person"})
    changes = {"submission": submission, "diagnoses": diagnoses, "verdict": verdict}
    return result.model_copy(update=changes)


def framework_of(result: Result) -> dict[str, str]:
    """Return the framework alone of what the runner reported."""
    framework = result.submission.reported.get("framework")
    return {"framework": framework} if isinstance(framework, str) else {}


def is_named_in(text: str, result: Result) -> bool:
    """Whether a text holds the author's name, a word of it, or the name of a file of theirs."""
    said = same_name(text)
    words = [*result.submission.author.split(), result.submission.name, result.submission.file]
    return any(len(word) > 2 and same_name(word) in said for word in words)


def nameless_summary(summary: Summary, authors: Mapping[str, str]) -> Summary:
    """Return a summary under a pseudonym."""
    author = authors.get(same_name(summary.author), NOBODY)
    return summary._replace(author=author, network="")


def view_without_names(
    view: ClassView, names: Mapping[str, str], authors: Mapping[str, str]
) -> ClassView:
    """Return a class page's content under pseudonyms, without anybody's reasons."""
    regrades = []
    for each in view.regrades:
        author = authors.get(same_name(each.author), NOBODY)
        regrades.append(dataclasses.replace(each, author=author, why="", by=""))
    pairs = []
    for pair in view.similar:
        one = authors.get(same_name(pair.one), NOBODY)
        other = authors.get(same_name(pair.other), NOBODY)
        pairs.append(dataclasses.replace(pair, one=one, other=other))
    return ClassView(without_names(view.gradebook, names), tuple(regrades), tuple(pairs))
