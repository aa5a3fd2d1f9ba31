"""What is said once a training is over and its box may be gone: from its reason, trace and source.

No diagnosis here touches a score, and none is made of a bug hunt.
"""

from __future__ import annotations

from grader.doctor.examine import examine_failure
from grader.exams.outcome import Outcome
from grader.exams.session import Session
from grader.exams.stand_in import too_small
from grader.exams.teaching import Lesson
from grader.records import Failure
from grader.sandbox.training_trace import TrainingTrace

OF_PARAMETERS = {"untrained_part", "never_trained", "dead_units"}  # named with the parameters
MOST_NAMES = 300  # characters of those


def is_only_too_small(session: Session, outcome: Outcome, failure: Failure, lesson: Lesson) -> bool:
    """Whether a rehearsal's training failed because the stand-in is small; says so."""
    submission = session.submission
    examples = len(lesson.values[-1])
    advice = too_small(failure, submission.folder, submission.file, examples)
    if advice is not None:
        outcome.advice.append(advice)
    return advice is not None


def diagnose_failure(session: Session, outcome: Outcome, trace: TrainingTrace | None) -> None:
    """Look at the source of a submission that failed before the doctor could ask it."""
    if outcome.failure is None or outcome.diagnoses or not session.with_diagnosis:
        return
    outcome.diagnoses += examine_failure(
        session.submission.folder,
        session.submission.file,
        outcome.failure,
        exam=session.task.spec.exam,
        classes=session.task.spec.classes or 0,
        trace=trace,
    )


def add_names(outcome: Outcome) -> None:
    """Say of a part that was not trained how its parameters are called, as the runner does."""
    missed = outcome.reported.get("unreached", "")[:MOST_NAMES]
    if not missed:
        return
    named = []
    for each in outcome.diagnoses:
        if each.code in OF_PARAMETERS:
            because = [*each.because, f"training never reached {missed}"]
            each = each.model_copy(update={"because": because})
        named.append(each)
    outcome.diagnoses = named
