"""Which wrong groups wait for another function, from statuses and calls alone."""

from __future__ import annotations

from typing import Any

from grader.exams.function_cases.waiting import without_blame
from grader.records import CaseGroup


def group(function: str, status: Any) -> CaseGroup:
    return CaseGroup(
        function=function,
        group="typical",
        status=status,
        cases=3,
        passed=1,
        message="case 1 of 3",
        hint="a mistake",
    )


def statuses(calls: dict[str, set[str]], **given: str) -> list[str]:
    groups = [group(function, status) for function, status in given.items()]
    return [each.status for each in without_blame(groups, calls)]


CALLS = {"f": set(), "g": {"f"}, "h": {"f", "g"}}


def test_a_wrong_caller_waits_and_a_right_one_passes() -> None:
    assert statuses(CALLS, f="fail", g="fail", h="pass") == ["fail", "skipped", "pass"]
    assert statuses(CALLS, f="pass", g="fail", h="fail") == ["pass", "fail", "skipped"]


def test_an_error_waits_for_errors_alone_and_a_wrong_answer_for_both() -> None:
    assert statuses(CALLS, f="fail", g="error", h="pass") == ["fail", "error", "pass"]
    assert statuses(CALLS, f="error", g="error", h="fail") == ["error", "skipped", "skipped"]


def test_functions_that_call_each_other_are_both_to_blame() -> None:
    calls = {"f": {"g"}, "g": {"f"}, "h": {"g"}}
    assert statuses(calls, f="fail", g="fail", h="fail") == ["fail", "fail", "skipped"]


def test_a_waiting_group_says_what_it_waits_for_and_names_no_mistake_of_its_own() -> None:
    groups = [group("f", "fail"), group("g", "fail"), group("h", "fail")]
    *_, last = without_blame(groups, CALLS)
    reason = "not judged: it calls f() and g(), which are not correct yet"
    assert last.message == f"{reason}\ncase 1 of 3"
    assert last.hint == ""
    assert last.passed == 1
