"""How a command ends, as docs/learn/verdicts.md promises it to scripts.

0 accepted; 1 graded, not accepted; 2 a wrong word, or a submission that was refused; 3 the grader's
own trouble. 2 and 3 belong to the errors in grader/errors.py.
"""

from __future__ import annotations

from grader.records import Result, Status

EXIT_NOT_ACCEPTED = 1
EXIT_OURS = 3


def exit_code(result: Result) -> int:
    """Return the exit code that tells a script how a result came out."""
    if result.score is None:
        return EXIT_OURS
    if result.verdict.status is Status.ACCEPTED:
        return 0
    return EXIT_NOT_ACCEPTED
