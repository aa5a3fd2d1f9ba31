"""How a graded run ended: the verdict for everybody, its code for programs, its points.

docs/learn/verdicts.md explains both lists to people; a test holds it and this file together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from grader.records.record import Record


class Status(StrEnum):
    """How a graded run ended, in the order of display: our own trouble comes first."""

    GRADER_ERROR = "grader_error"
    ACCEPTED = "accepted"
    BELOW_TARGET = "below_target"
    TIME_LIMIT_EXCEEDED = "time_limit_exceeded"
    MEMORY_LIMIT_EXCEEDED = "memory_limit_exceeded"
    RUNTIME_ERROR = "runtime_error"
    INVALID_SUBMISSION = "invalid_submission"
    FLAGGED = "flagged"


class Code(StrEnum):
    """What led to a verdict: short and stable, for programs. `meaning` says it to people.

    A code that was ever stored keeps its name and meaning. Stored results hold plain text, because
    those of an older or a later version may have codes that this list lacks.
    """

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Code:
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    # below_target
    GATE = "gate", "everything ran, but the metric is below the task's gate"
    NOT_ATTEMPTED = "not_attempted", "the code raised NotImplementedError"
    SYMPTOM = "symptom", "a bug hunt: the planted mistake still shows in the answers"
    # time_limit_exceeded, memory_limit_exceeded
    DEADLINE = "deadline", "no complete answer came before the deadline"
    COMPUTED_LATER = "computed_later", "it went on computing after its training had ended"
    ANSWERS = "answers", "all its answers together took longer than the task allows"
    MEMORY = "memory", "the box needed more memory than the task allows"
    # runtime_error
    RAISED = "raised", "the code raised an exception"
    ENDED = "ended", "the process exited or was killed by a signal"
    # invalid_submission
    REFUSED = "refused", "what was handed in could not be opened; nothing of it was run"
    BROUGHT_ALONG = "brought_along", "more code or data than the task takes; nothing of it was run"
    NOT_IMPORTABLE = "not_importable", "the file cannot be imported"
    NOT_DEFINED = "not_defined", "what the task asks for is missing"
    WRONG_OUTPUT = "wrong_output", "an answer has the wrong type or shape"
    NEVER_STILL = "never_still", "it could not be stopped while another box was asked"
    NOT_FINITE = "not_finite", "an answer contains NaN or infinite numbers"
    PROTOCOL = "protocol", "the bytes that came back are not a valid reply"
    SEES_FUTURE = "sees_future", "logits change with what comes later in the text"
    NOT_REPEATABLE = "not_repeatable", "the same batch got different logits the second time"
    NOT_GREEDY = "not_greedy", "the text written is not what the model's own logits rank first"
    NOT_IN_VOCABULARY = "not_in_vocabulary", "the text written contains unknown tokens"
    SEED_IGNORED = "seed_ignored", "the same seed gave different pictures"
    SEED_WITHOUT_EFFECT = "seed_without_effect", "different seeds gave the same pictures"
    CONSTANT = "constant", "all pictures are alike"
    # flagged
    WORKED_WHILE_IDLE = "worked_while_idle", "it computed while par was being timed"
    SLOWED_PAR = "slowed_par", "par was slower beside it, although it was frozen, than without it"
    PERTURBED_GAP = "perturbed_gap", "much worse on perturbed copies of the hidden inputs"
    FRESH_GAP = "fresh_gap", "much worse on perturbed copies of inputs that were never asked"
    REPEAT_PROBE = "repeat_probe", "much worse when the same batches are asked again"
    BATCH_PROBE = "batch_probe", "much worse when the same inputs are asked in other batches"
    RETRAIN = "retrain", "much worse when trained again with the classes renumbered"
    RETRAIN_FAILED = "retrain_failed", "the second training of that audit failed"
    TOO_GOOD = "too_good", "better than anybody learns to be from what the task gives"
    COPIED_PICTURES = "copied_pictures", "a generator hands back pictures of the training data"
    # grader_error
    GRADER = "grader", "the grader's own trouble"
    BUSY = "busy", "other programs took the processors; it is graded again when they rest"
    NO_METRIC = "no_metric", "the exam did not measure what the task is graded by"


@dataclass(frozen=True)
class Failure:
    """Why a submission could not be graded to the end: a value, never an exception of ours."""

    status: Status
    code: Code
    reason: str  # for people: what was found, what was expected, what to do


class Verdict(Record):
    """What became of the run."""

    status: Status
    reason: str = ""
    code: str = ""  # a `Code`, as text


class Score(Record):
    """Points, computed from measurements and the task's scoring alone."""

    total: float
    accuracy: float
    speed: float
    memory: float
    max_accuracy: float
    max_speed: float
    max_memory: float
    capped: str = ""  # why the metric brings fewer points than its figure alone would
