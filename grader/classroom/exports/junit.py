"""`grader export junit`: results as JUnit XML, which every CI system shows.

A test suite for each task, a test case for each learner, or for each group of cases where a result
has them. What was not accepted is a failure, what the grader could not do an error. The structure
is that of the widely used schema (testsuites > testsuite > testcase > failure | error | skipped),
with counts that add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from grader.classroom.export_order import Order
from grader.records import CaseGroup, Result, Status
from grader.records.gradebook import Grade, LearnerGrades, PlannedTask
from grader.text import page_line, page_lines

NEEDS = "results"


def files_of(order: Order) -> dict[str, bytes]:
    """Return one XML file."""
    root = ElementTree.Element("testsuites", name=page_line(order.grades.title))
    for task in order.chosen:
        root.append(suite_of(task, order))
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return {"junit.xml": content + b"\n"}


def suite_of(task: PlannedTask, order: Order) -> ElementTree.Element:
    """Return the suite of one task, with counts that add up."""
    suite = ElementTree.Element("testsuite", name=task.id)
    seconds = 0.0
    for row in order.grades.rows:
        grade = row.grades[task.id]
        result = order.results.get(grade.path)
        seconds += 0.0 if result is None else result.elapsed_seconds
        suite.extend(cases_of(row, task, grade, result))
    suite.set("tests", str(len(suite)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in suite)))
    suite.set("time", f"{seconds:.3f}")
    return suite


def cases_of(
    row: LearnerGrades, task: PlannedTask, grade: Grade, result: Result | None
) -> Iterator[ElementTree.Element]:
    """Yield the cases of one learner: of each group of cases, or one for the whole."""
    who = page_line(row.learner.author)
    if result is None:
        case = ElementTree.Element("testcase", classname=f"{task.id}.{who}", name=task.title)
        why = "; ".join(grade.remarks) or "nothing was handed in"
        ElementTree.SubElement(case, "skipped", message=why)
        yield case
        return
    for group in result.cases:
        yield case_of_group(group, who, task)
    if not result.cases:
        yield case_of_whole(result, who, task)


def case_of_group(group: CaseGroup, who: str, task: PlannedTask) -> ElementTree.Element:
    name = f"{group.function}: {group.group}"
    case = ElementTree.Element("testcase", classname=f"{task.id}.{who}", name=name)
    tags = {"fail": "failure", "error": "error", "not_attempted": "skipped", "skipped": "skipped"}
    if group.status == "by_hand" and group.won is None:
        ElementTree.SubElement(case, "skipped", message="waits for a person")
    if group.status in tags:
        found = ElementTree.SubElement(case, tags[group.status])
        message = page_lines(group.message)
        found.set("message", page_line(message.partition("\n")[0]) or group.status)
        if group.status in ("fail", "error"):
            found.text = message
    return case


def case_of_whole(result: Result, who: str, task: PlannedTask) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=f"{task.id}.{who}", name=task.title)
    case.set("time", f"{result.elapsed_seconds:.3f}")
    verdict = result.verdict
    if verdict.status is not Status.ACCEPTED:
        is_ours = verdict.status is Status.GRADER_ERROR
        found = ElementTree.SubElement(case, "error" if is_ours else "failure")
        found.set("type", verdict.status.value)
        found.set("message", page_line(verdict.reason))
    return case
