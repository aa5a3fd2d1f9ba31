"""Wrong groups that wait for another function: a mistake is told once, where it was made.

A mistake in a basic function shows in everything built on it, and a learner who is told that five
functions are wrong looks in five places. Which function calls which is read from the source and
declared nowhere, because people build differently (docs/build/decisions/0007).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from grader.records import CaseGroup


def wrong_functions(groups: Sequence[CaseGroup]) -> set[str]:
    """Return the functions with a group that failed or ended in an error."""
    return functions_with("fail", groups) | functions_with("error", groups)


def functions_with(status: str, groups: Sequence[CaseGroup]) -> set[str]:
    return {group.function for group in groups if group.status == status}


def without_blame(groups: Sequence[CaseGroup], calls: Mapping[str, Set[str]]) -> list[CaseGroup]:
    """Return the groups, those as skipped that are wrong because of a function they call.

    calls: function -> those of the others that it calls, itself or through helpers. An exception, a
    missed deadline or an ended process is blamed on another function only if that ended so too. Two
    functions that call each other are both to blame.
    """
    in_error = functions_with("error", groups)
    to_blame = {"error": in_error, "fail": in_error | functions_with("fail", groups)}
    found = []
    for group in groups:
        causes = causes_of(group.function, calls, to_blame.get(group.status, set()))
        found.append(skipped(group, causes) if causes else group)
    return found


def causes_of(function: str, calls: Mapping[str, Set[str]], to_blame: Set[str]) -> list[str]:
    """Return the functions to blame that this one calls and that do not call it, in task order."""
    called = calls[function] & to_blame
    return [name for name in calls if name in called and function not in calls[name]]


def skipped(group: CaseGroup, causes: Sequence[str]) -> CaseGroup:
    """Return a wrong group as one that is not judged until these functions are right."""
    names = " and ".join(f"{name}()" for name in causes)
    verb = "is" if len(causes) == 1 else "are"
    reason = f"not judged: it calls {names}, which {verb} not correct yet"
    changes = {"status": "skipped", "message": f"{reason}\n{group.message}", "hint": ""}
    return group.model_copy(update=changes)
