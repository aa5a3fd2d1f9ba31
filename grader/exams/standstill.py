"""Whose fault it is that a box did not stand still.

A box is frozen while another one is asked. A process that is in the middle of one long call of the
kernel (filling page tables of hundreds of gigabytes, for instance) can't be frozen until that call
returns, and the grader would wait for it again and again. Honest boxes stand still within
milliseconds. So whether this machine can freeze boxes at all is tried out with a fresh one of ours:
if that stands still, the submission's box is to blame, and it ends with a verdict of its own. A
batch goes on.
"""

from __future__ import annotations

from grader.errors import NeverStill, SandboxError
from grader.exams.session import Session
from grader.records import Code, Failure, Status

TRIES = 3  # how often the fresh box is frozen


def standstill_failure(session: Session, trouble: NeverStill) -> Failure:
    """Return the failure of a submission whose box did not stand still.

    Raises the trouble again if it was not the submission's box, or if a fresh one of ours cannot be
    frozen either. The session's own boxes are closed by now.
    """
    if not trouble.is_submissions or not ours_stands_still(session):
        raise trouble
    return Failure(
        Status.INVALID_SUBMISSION,
        Code.NEVER_STILL,
        "its box did not stand still when it was frozen, and a box of ours did. While another box "
        "is asked, everything in this one is stopped, so none of its processes or threads may be "
        "inside a call to the system that takes seconds.",
    )


def ours_stands_still(session: Session) -> bool:
    """Whether a fresh box with the null submission in it can be frozen, several times."""
    # Here, because every exam comes by and hardly any has such a box.
    from grader.exams.timing.par import null_submission

    folder = null_submission().folder
    limit = session.task.spec.limits.load_seconds
    try:
        with session.sandbox.open(folder, session.limits(), device=session.device) as box:
            box.hello(seed=session.seed, num_classes=2, deadline_seconds=limit)
            for _ in range(TRIES):
                box.freeze()
                box.thaw()
    except SandboxError:
        return False
    return True
