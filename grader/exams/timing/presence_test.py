"""How the presence test is held: its two steps, and what they mean for a result.

Why there is such a test, and what its figures say, is in presence.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import numpy as np

from grader.errors import SubmissionFailed
from grader.exams.session import Session
from grader.exams.timing import figures, presence, stopwatch
from grader.exams.timing.companions import Companions
from grader.exams.timing.locks import LOCK_SECONDS, timed_alone
from grader.exams.timing.presence import Asked, Loss
from grader.host.machine import usable_cores
from grader.metrics.statistics import Z95
from grader.records import Failure, Measured
from grader.sandbox.box import Box

AGAIN_SECONDS = 1.0  # of the submission's time, in each phase of a second timing
NULL_SLOWED = 1.5  # times as slow beside the submission as alone: then the figure alone counts
ONE_CORE = (
    "the presence test could not be held: with a single core there is nowhere to ask from; whether "
    "the submission slowed par down while it was frozen is not known"
)
TOO_WIDE = (
    "the presence test could not be held: par's own seconds varied too much to tell whether the "
    "submission slowed it down while it was frozen; grade it again when the machine is quiet"
)


@dataclass
class Held:
    """What the test found. failure: why the result is flagged. lower: a ratio to be scored instead.

    has_recounted: a phase counts that did not before, so ratios have to be taken again.
    """

    loss: Loss | None = None
    failure: Failure | None = None
    lower: Measured | None = None
    has_recounted: bool = False
    notes: list[str] = field(default_factory=list)


class PresenceTest:
    """The test of one run. It ends the submission's boxes."""

    def __init__(
        self,
        session: Session,
        companions: Companions,
        asked: Sequence[Asked],
        call_seconds: float,
        train_again: Callable[[], Box],
    ) -> None:
        """train_again: returns a fresh box in which the submission is trained, ready and frozen."""
        self._session = session
        self._companions = companions
        self._asked = asked
        self._call_seconds = call_seconds
        self._train_again = train_again
        self._has_recounted = False

    def hold(self, ratio: Callable[[], Measured | None]) -> Held:
        """End the submission's boxes and hold the test; ratio: returns the one to be scored."""
        if self._companions.par is None or not self._asked:
            return Held()
        if len(usable_cores()) < 2:
            return Held(notes=[ONE_CORE])
        self._end_boxes()
        self._session.progress.step("asking par alone")
        with self._nobody_else():
            loss = self._least_loss(self._asked)
        held = self._found(loss, ratio())
        held.has_recounted = self._has_recounted
        return held

    def _found(self, loss: Loss | None, ratio: Measured | None) -> Held:
        if loss is None or ratio is None:
            return Held()
        if loss.is_suspicious:
            return self._hold_again(loss, ratio)
        return Held(loss, notes=[TOO_WIDE] if loss.is_too_wide else [])

    def _end_boxes(self) -> None:
        self._session.finish_all_but(self._companions.par, self._companions.null)

    def _nobody_else(self) -> AbstractContextManager[None]:
        return timed_alone(self._session.device, LOCK_SECONDS, self._session.progress)

    def _least_loss(self, asked: Sequence[Asked]) -> Loss | None:
        """Return par's loss, from the first window that shows none worth speaking of, or the least.

        None where no phase counts.
        """
        losses: list[Loss] = []
        for window in range(presence.WINDOWS):
            if window:
                time.sleep(presence.PAUSE_SECONDS)
            alone = presence.par_alone(asked, self._companions, self._call_seconds)
            self._correct_null(asked, alone)
            loss = presence.loss_of(asked, alone)
            if loss is None or not loss.is_suspicious:
                return loss
            losses.append(loss)
        return min(losses, key=lambda each: each.log)

    def _correct_null(self, asked: Sequence[Asked], alone: Sequence[presence.Alone]) -> None:
        """Let phases count that seemed to measure the wire because the null box was slowed."""
        for each, without in zip(asked, alone, strict=True):
            timing = each.timing
            if timing.counts or timing.null_seconds is None or without.null_seconds is None:
                continue
            if timing.null_seconds > NULL_SLOWED * without.null_seconds:
                timing.null_seconds = without.null_seconds
                self._has_recounted = self._has_recounted or timing.counts

    # The second step.

    def _hold_again(self, suspected: Loss, ratio: Measured) -> Held:
        """Train and time the submission again; what holds then is what is scored."""
        began = (
            f"par was {suspected.value:.2f} times as slow beside the frozen submission as without "
            "it, so the submission was trained and timed again"
        )
        try:
            box = self._train_again()
            with self._nobody_else():
                timed, worked = self._time_again(box)
                self._end_boxes()
                loss = self._least_loss(timed)
        except SubmissionFailed as failed:
            lower = divided(ratio, suspected.at_least(Z95))
            return Held(suspected, lower=lower, notes=[f"{began}, which failed: {failed}"])
        again = figures.speed_ratio([each.timing for each in timed], self._session.draw)
        if loss is None or again is None:
            return Held(suspected, notes=[TOO_WIDE])
        surely_lost = loss.at_least(Z95) > 1
        if surely_lost:
            again = divided(again, loss.value)
        held = Held(loss, worked or presence.slowed_par(loss))
        if is_lower(again, ratio, surely_lost):
            held.lower = again
            held.notes.append(f"{began}; the lower ratio of that timing is scored")
        else:
            held.notes.append(f"{began}, and not found to be slower: its first ratio stands")
        if loss.is_too_wide and not surely_lost:
            held.notes.append(TOO_WIDE)
        return held

    def _time_again(self, box: Box) -> tuple[list[Asked], Failure | None]:
        """Ask the same phases as before for a while, in a fresh box; return what was seen."""
        self._session.progress.step("timing it again, to see whether par is slowed down")
        timed = []
        worked = None
        companions = [each for each in (self._companions.par, self._companions.null) if each]
        with stopwatch.timed_on_cores([box, *companions], 1):
            for each in self._asked:
                phase = each.timing.phase
                own = stopwatch.Side("submission", box, np.empty_like(each.like), phase.first)
                par, null = self._companions.sides(each.like, phase.first)
                timing = stopwatch.run_phase(
                    phase, each.inputs, own, par, null, self._call_seconds, AGAIN_SECONDS
                )
                worked = worked or stopwatch.worked_while_idle(own)
                timed.append(Asked(each.inputs, each.like, timing))
        return timed, worked


def is_lower(again: Measured, ratio: Measured, surely_lost: bool) -> bool:
    """Whether the second ratio is scored: if lower, beyond chance unless par surely lost."""
    assert again.high is not None
    return (again.value if surely_lost else again.high) < ratio.value


def divided(ratio: Measured, by: float) -> Measured:
    """Return a ratio and its interval, divided."""
    assert ratio.low is not None
    assert ratio.high is not None
    changes = {"value": ratio.value / by, "low": ratio.low / by, "high": ratio.high / by}
    return ratio.model_copy(update=changes)
