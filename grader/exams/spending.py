"""What a trained submission has used of its budget, during its training and after it.

Theory of operation. `train` returns when the submission says so. If the budget ended there, whoever
returns at once and trains afterwards, in a thread, while garbage is collected, in the first call
that is not timed or in the last and shorter batch, would train for free. So every second of
processor time that the box uses after its training counts as training, except for what answering
costs:

    used = training + max(0, processor time since then - usual cost of the answers) / cores

The processor time is the kernel's, of the whole box. What an answer usually costs is the median of
its size (sandbox/answers.py); what one answer takes beyond that is charged, be it timed or not. The
usual cost itself is free up to a quarter of the budget (ANSWERING_SHARE), so that a model which
thinks long about every question does not train there. Lazy initialisation and compilation in the
first call are charged as well, for they are part of getting a model ready: a network in JAX or
TensorFlow pays one to three seconds for each shape of batch, of budgets of a minute or more. The
last of the budget is not measured to the second: GRAIN is granted on top.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from grader.errors import SubmissionFailed
from grader.host.machine import usable_cores
from grader.records import Code, Failure, Status
from grader.sandbox.box import Box
from grader.sandbox.budget_clock import BudgetClock

ANSWERING_SHARE = 0.25  # of the budget: what usual answers may take before they count as training
GRAIN_SHARE = 0.05  # of the budget
GRAIN_SECONDS = 0.5  # at least
# Once it is known what answers cost, all that is asked beside the timed questions may take so many
# times as long, or so many seconds: audits and diagnoses together ask once to three times as much.
FURTHER_TIMES = 4.0
FURTHER_SECONDS = 20.0


@dataclass
class Spending:
    """The budget of one box, made when its training has ended.

    budget: seconds that it may train. training: seconds of it that the training took. clock: one
    that began when the training ended.
    """

    box: Box
    budget: float
    training: float
    clock: BudgetClock
    _cpu_before: float = field(init=False)

    def __post_init__(self) -> None:
        self._cpu_before = self.box.cpu_seconds()

    @property
    def later(self) -> float:
        """The seconds that were computed after the training, beyond what answering costs."""
        computed = self.box.cpu_seconds() - self._cpu_before
        cores = self.box.limits.cores
        answering = self.box.answers.usual_seconds() * cores_while_asked()
        free = min(answering, ANSWERING_SHARE * self.budget * cores)
        return max(0.0, computed - free) / cores

    @property
    def used(self) -> float:
        """The seconds of the budget that were used in training and after it."""
        return self.training + self.later

    def check(self) -> None:
        """Raise SubmissionFailed if more was used than the budget allows."""
        later = self.later
        allowed = self.budget + max(GRAIN_SECONDS, GRAIN_SHARE * self.budget)
        if self.training + later <= allowed:
            return
        raise SubmissionFailed(
            Failure(
                Status.TIME_LIMIT_EXCEEDED,
                Code.COMPUTED_LATER,
                f"it trained for {self.training:.1f} s and computed for {later:.1f} s after its "
                f"training had ended, where the budget is {self.budget:.0f} s in all. What runs "
                "after train() has returned counts as training, except for what answers usually "
                "cost: finish the work in train(), and leave no thread or process at work.",
            )
        )

    def limit_answers(self, seconds: float) -> None:
        """From now on all answers together may take so many seconds.

        What other programs take from the box meanwhile does not count.
        """
        self.box.answers.limit_seconds = seconds
        self.box.answers.taken_by_others = self._taken_by_others

    def limit_further_answers(self) -> None:
        """Answers from now on may cost a few times what those until now did."""
        answers = self.box.answers
        further = max(FURTHER_SECONDS, FURTHER_TIMES * answers.seconds)
        answers.limit_seconds = min(answers.limit_seconds, answers.seconds + further)

    def _taken_by_others(self) -> float:
        self.clock.look()
        return self.clock.taken


def cores_while_asked() -> int:
    """Return on how many cores a box works while it is asked: one, where it can be pinned."""
    return 1 if hasattr(os, "sched_setaffinity") else len(usable_cores())
