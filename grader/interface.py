"""What other programs call: grade one submission, and read what was graded.

These functions are public as `grader.grade`, `grader.load_results` and `grader.results_frame`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.hidden_parts import find_part
from grader.grading import pipeline
from grader.host.machine import CPU
from grader.host.ownership import temporary_folder
from grader.intake.submission import open_submission
from grader.records import Result
from grader.results import store
from grader.results.frame import frame_of
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.gpu import choose
from grader.sandbox.leftovers import remove_leftovers

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)
DEFAULT_RESULTS = Path("results")


def grade(
    path: str | Path,
    task: str | None = None,
    *,
    results: str | Path = DEFAULT_RESULTS,
    sandbox: str = "auto",
    device: str = CPU,
    author: str | None = None,
    data: str | Path | None = None,
    audit: str = "",
    hidden: str | Path | None = None,
) -> Result:
    """Open a submission, grade it, store the result, and return it: `grader run` as a function.

    path: a solution folder, script, notebook or zip. It is copied first and never changed.
    task: the id of its task; None: what its submission.toml or its folder's name says.
    results: the folder of results; the new one is written to results/TASK/ID/.
    sandbox: "auto" is a plain process, for code that you would run yourself. For code of others
    take "container" or "gvisor", or `grader batch`.
    device: "cpu", "gpu" (a free one), "gpu:N" or a GPU's UUID.
    author: the name for boards; None: what its submission.toml says, else the user's name.
    data: the folder of the data sets; None: GRADER_DATA, else the user's cache.
    audit: "retrain" asks for one more training, with the classes renumbered.
    hidden: a folder with a private hidden part; None: the published one.

    Whatever the submission does wrong is a verdict, not an error. Raises UsageError for a wrong
    argument, SubmissionRefused for what cannot be opened, TaskError for a broken task, SandboxError
    where no box can be had, and StoreError, with the result, where it could not be written. Trouble
    of the grader's own during the run is a result without a score, "grader_error".

    >>> import grader
    >>> reference = grader.find_task("neuron").references[0]
    >>> result = grader.grade(reference, author="Ada")
    >>> result.submission.author, result.score.total
    ('Ada', 100.0)
    """
    remove_leftovers()
    with temporary_folder("run") as scratch:
        submission, found = open_submission(Path(path), scratch, task_id=task, author=author)
        chosen = choose(device)
        return pipeline.grade(
            submission,
            found,
            choose_sandbox(sandbox, found.spec.exam, gpu=chosen != CPU),
            Path(results),
            device=chosen,
            data_folder=as_path(data),
            audit=audit,
            hidden=find_part(found, as_path(hidden), as_path(data)),
        )


def as_path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)


def load_results(folder: str | Path = DEFAULT_RESULTS, task: str | None = None) -> list[Result]:
    """Return the results stored in a folder, oldest first; none where there is no such folder.

    task: only the results of this task. What cannot be read is left out, with a warning in the log.

    >>> import grader
    >>> grader.load_results("nothing-was-graded-here")
    []
    """
    results, broken = store.load_results(Path(folder), task)
    for line in broken:
        logger.warning("left out: %s", line)
    return results


def results_frame(results: Iterable[Result]) -> pd.DataFrame:
    """Return results as a table, a row for each, in the order given.

    Columns: result (its id), created_at (UTC), task, exam_version, author, name, sha256, tier,
    device, machine, verdict, code, score (0 to 100; missing for the grader's own trouble), and one
    for each measurement, with NAME_low and NAME_high where it has an interval. Measurements have
    the units of docs/measure/results-format.md: seconds, bytes, shares from 0 to 1, ratios to par.

    >>> import grader
    >>> grader.results_frame([]).empty
    True
    """
    return frame_of(results)
