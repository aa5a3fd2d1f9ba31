"""Exam `functions`: the learner writes named functions; the host draws cases and knows the answers.

The right answers are computed outside the box, in float64. Each group of cases is judged in the
order type, shape, dtype, finite, value, and the smallest failing case is shown. A function that is
missing or raises NotImplementedError is "not attempted", which is not the same as wrong. A function
that calls one that is wrong is asked all the same, and what it gets right counts; where it is wrong
too, the group is "skipped": it earns as little, and is not blamed.

Only after every question that counts are failing cases cut down to smaller ones that still fail.
Those answers are for the message alone, so nothing a submission does there changes its points.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from grader.errors import SubmissionFailed
from grader.exams.exam import Exam
from grader.exams.function_cases import waiting
from grader.exams.function_cases.cases import (
    Case,
    Function,
    draw_cases,
    load_functions,
    right_answer,
)
from grader.exams.function_cases.failing import Failing
from grader.exams.function_cases.shrink import Enough
from grader.exams.function_cases.tally import Tally, with_one_voice
from grader.exams.function_cases.wording import show_arguments
from grader.exams.lasting_box import LastingBox
from grader.exams.session import Session
from grader.records import CaseGroup, Code, Details, Diagnosis, Failure, Measured, Status
from grader.sandbox.box import Box, Value

NOT_ATTEMPTED = (Code.NOT_DEFINED, Code.NOT_ATTEMPTED)
# After these the box still answers; after anything else it has ended or cannot be trusted to.
SURVIVED = (*NOT_ATTEMPTED, Code.RAISED, Code.WRONG_OUTPUT)
CUT_SECONDS = 1.0  # for cutting down all failing cases together
MOST_PICTURES = 12


class Kind(Exam):
    """One exam of functions."""

    METRICS = ("cases",)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._boxes = LastingBox(session)
        self._not_defined: set[str] = set()  # functions
        self._failing: dict[tuple[str, str], Failing] = {}  # by function and group
        self._diagnoses: dict[str, list[Diagnosis]] = {}  # by function

    def examine(self) -> None:
        """Ask every function of the task, each in a box that still works."""
        # The box imports what it needs while the host reads the task.
        self._boxes.begin()
        functions = load_functions(self.session.task)
        groups: list[CaseGroup] = []
        for function in functions:
            self.session.progress.step(f"asking {function.name}()")
            groups += self._ask(function)
        groups = self._without_blame(groups, functions)
        groups = self._with_smaller_cases(groups)
        self._boxes.leave()
        self.outcome.cases = groups
        missing = self._nothing_defined(groups, functions)
        if missing is not None:
            self.outcome.failure = missing
            return
        self._measure(groups)
        self._keep_diagnoses(groups)
        self.outcome.reported = dict(self._boxes.reported)
        self.outcome.details = self._pictures()

    def rehearse(self) -> None:
        """Ask the same questions: they need no data, and take no longer in earnest."""
        self.examine()

    # The questions that count.

    def _ask(self, function: Function) -> list[CaseGroup]:
        """Ask one function all its groups. If the box ends, only the rest of these fail."""
        tolerance = self.session.task.spec.tolerance
        results: list[CaseGroup] = []
        tallies: list[Tally] = []
        ended = ""
        for group in function.groups:
            cases = draw_cases(function, group, self.session.draw)
            tally = Tally(function, group, cases, tolerance)
            tallies.append(tally)
            if ended:
                results.append(tally.result("error", ended))
                continue
            try:
                results.append(self._ask_group(tally))
            except SubmissionFailed as failed:
                self._lose_box(failed)
                ended = failed.failure.reason
                results.append(tally.result("error", ended))
        return with_one_voice(results, tallies)

    def _lose_box(self, failed: SubmissionFailed) -> None:
        """Note a failure that ended the box in use; raise it again if there was no such box.

        Then the submission could not even be loaded, which is about all of its functions.
        """
        failure = failed.failure
        if not self._boxes.is_open and failure.code not in (Code.PROTOCOL, Code.ANSWERS):
            raise failed
        self._note(failure)
        self._boxes.leave()

    def _ask_group(self, tally: Tally) -> CaseGroup:
        """Ask a group case by case until one gets no answer; SubmissionFailed if the box ends."""
        box = self._boxes.get()
        for number, case in enumerate(tally.cases, start=1):
            refusal = self._ask_case(box, tally, number, case)
            if refusal is None:
                continue
            if refusal.code in NOT_ATTEMPTED:
                return self._not_attempted(tally, refusal)
            return self._in_error(tally, number, refusal)
        return self._judged(tally)

    def _ask_case(self, box: Box, tally: Tally, number: int, case: Case) -> Failure | None:
        """Ask one case and count its answer; return why there was none, if the box goes on.

        A method of its own, so that two of the largest answers are never held at once.
        """
        function = tally.function
        expected = right_answer(function, case)
        try:
            received = call(box, function, case, self.session.task.spec.limits.call_seconds)
        except SubmissionFailed as failed:
            if failed.failure.code not in SURVIVED:
                raise
            return failed.failure
        tally.add(number, expected, received)
        return None

    def _not_attempted(self, tally: Tally, refusal: Failure) -> CaseGroup:
        if refusal.code == Code.NOT_DEFINED:
            self._not_defined.add(tally.function.name)
        return tally.result("not_attempted", refusal.reason)

    def _in_error(self, tally: Tally, number: int, refusal: Failure) -> CaseGroup:
        """Return a group with a case that raised an exception or gave no value at all."""
        self._note(refusal)
        lines = [
            f"case {number} of {len(tally.cases)}",
            show_arguments(tally.function.answer, tally.cases[number - 1]),
            refusal.reason,
        ]
        return tally.result("error", "\n".join(lines), passed=tally.passed)

    def _judged(self, tally: Tally) -> CaseGroup:
        """Return a group of which every case was answered."""
        worst = tally.worst
        if worst is None:
            return tally.result("pass", passed=tally.passed)
        hint = tally.hint
        if not hint and self.session.with_diagnosis:
            # Here, because right answers need no doctor, and it takes 0.1 s to come.
            from grader.doctor.examine import examine_function

            found = self._diagnoses.setdefault(tally.function.name, [])
            found += examine_function(tally.gradients)
        worst.change = tally.shared_change
        self._failing[tally.function.name, tally.group.name] = worst
        return tally.result("fail", worst.text(), passed=tally.passed, hint=hint)

    def _note(self, failure: Failure) -> None:
        """Keep the first failure: it is the verdict's reason."""
        self.outcome.failure = self.outcome.failure or failure

    # What is said about the answers.

    def _without_blame(
        self, groups: list[CaseGroup], functions: Sequence[Function]
    ) -> list[CaseGroup]:
        """Return wrong groups as skipped where the function calls another one that is wrong."""
        # Reading the source takes a child process, 0.05 s, so only where it may find something.
        if len(waiting.wrong_functions(groups)) < 2:
            return groups
        from grader.doctor.source import read_calls

        submission = self.session.submission
        names = [function.name for function in functions]
        calls = read_calls(submission.folder, submission.file, names)
        return waiting.without_blame(groups, calls)

    def _with_smaller_cases(self, groups: list[CaseGroup]) -> list[CaseGroup]:
        """Cut down the failing cases that are shown, and return the groups with new messages."""
        until = time.monotonic() + CUT_SECONDS
        shown = []
        for group in groups:
            failing = self._failing.get((group.function, group.group))
            if group.status == "fail" and failing is not None and self._cut_down(failing, until):
                group = group.model_copy(update={"message": failing.text()})
            shown.append(group)
        return shown

    def _cut_down(self, failing: Failing, until: float) -> bool:
        """Look for a smaller case until the clock (time.monotonic) says so."""
        function = failing.function

        def right(case: Case) -> Sequence[object]:
            if time.monotonic() > until:
                raise Enough
            return right_answer(function, case)

        def ask(case: Case) -> list[Value] | None:
            return self._ask_for_message(function, case, until)

        return failing.cut_down(right, ask, self.session.task.spec.tolerance)

    def _ask_for_message(self, function: Function, case: Case, until: float) -> list[Value] | None:
        """Return the answer to a case that counts for nothing; None if there is none in time."""
        left = min(until - time.monotonic(), self.session.task.spec.limits.call_seconds)
        if not self._boxes.is_open or left <= 0:
            return None
        try:
            return call(self._boxes.get(), function, case, left)
        except SubmissionFailed as failed:
            if failed.failure.code not in SURVIVED:
                self._boxes.leave()
            return None

    # What is kept.

    def _nothing_defined(
        self, groups: Sequence[CaseGroup], functions: Sequence[Function]
    ) -> Failure | None:
        """Return the failure of a submission that has none of the task's functions."""
        is_any_attempted = any(group.status != "not_attempted" for group in groups)
        if is_any_attempted or len(self._not_defined) < len(functions):
            return None
        names = ", ".join(f"{function.name}()" for function in functions)
        reason = (
            f"{self.session.submission.file} defines none of {names}; "
            f"`grader start {self.session.task.id}` gives you a starter"
        )
        return Failure(Status.INVALID_SUBMISSION, Code.NOT_DEFINED, reason)

    def _measure(self, groups: Sequence[CaseGroup]) -> None:
        passed = sum(group.passed for group in groups)
        total = sum(group.cases for group in groups)
        share = Measured(value=passed / total, n=total, unit="share of cases")
        self.outcome.measurements["cases"] = share
        if self.session.peak_memory is not None:
            self.outcome.measurements["peak_memory_bytes"] = self.session.peak_memory

    def _keep_diagnoses(self, groups: Sequence[CaseGroup]) -> None:
        """Keep each diagnosis once, but none of functions that only wait for another one."""
        if not self._diagnoses:
            return
        from grader.doctor.diagnose import MOST

        waits = waiting.functions_with("skipped", groups)
        by_code: dict[str, Diagnosis] = {}
        for function, diagnoses in self._diagnoses.items():
            if function not in waits:
                by_code |= {diagnosis.code: diagnosis for diagnosis in diagnoses}
        self.outcome.diagnoses += list(by_code.values())[:MOST]

    def _pictures(self) -> Details | None:
        answers = [each.answer for each in self._failing.values() if each.answer is not None]
        return Details(answers=answers[:MOST_PICTURES]) if answers else None


def call(box: Box, function: Function, case: Case, deadline_seconds: float) -> list[Value]:
    """Return what the learner's function answers to a case; SubmissionFailed if it does not."""
    arguments = [Value.of(argument) for argument in case]
    return box.call(function.name, function.returns, arguments, deadline_seconds)
