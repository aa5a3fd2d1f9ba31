"""What a language model's box is asked after the graded part: windows of its training text.

A window whose second half is replaced must be predicted as before up to there: a model that is
moved by it looks into the future. The other questions are those of a classifier, with a window for
an example.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from grader.doctor.evidence import PredictedText
from grader.doctor.probes.questions import PROBE_SECONDS, Questions

WINDOWS = 16
MOST_WINDOWS = 6 * WINDOWS


class Read(Protocol):
    """What is needed of a box: `grader.sandbox.box.Box` has it."""

    def logits(
        self, tokens: np.ndarray, vocabulary: int, deadline_seconds: float
    ) -> tuple[np.ndarray, int]: ...


def probe_text(
    box: Read,
    text: np.ndarray,
    vocabulary: int,
    context: int,
    draw: np.random.Generator,
    *,
    deadline_seconds: float = 10.0,
    seconds: float = PROBE_SECONDS,
) -> PredictedText:
    """Ask a trained language model's thawed box, and return what is known of it.

    text: the tokens of the training text, int64 (n,), with n above twice the context. A box that
    ends is not an error here.
    """

    def answer(tokens: np.ndarray) -> np.ndarray:
        return box.logits(np.ascontiguousarray(tokens), vocabulary, deadline_seconds)[0]

    ask = Questions(answer, seconds)
    starts = draw.integers(0, len(text) - context, 2 * WINDOWS)
    windows = np.stack([text[start : start + context + 1] for start in starts])
    tokens = windows[:WINDOWS]
    given = tokens[:, :-1]
    others = windows[WINDOWS:, :-1]
    half = WINDOWS // 2
    cut = context // 2
    order = draw.permutation(WINDOWS)
    return PredictedText(  # asked in this order
        vocabulary=vocabulary,
        tokens=tokens,
        token_shares=np.bincount(text, minlength=vocabulary) / len(text),
        logits=ask.ask(given),
        again=ask.ask(given),
        cut=cut,
        other_future=ask.ask(np.concatenate([given[:, :cut], others[:, cut:]], axis=1)),
        permuted=ask.ask_reordered(given, order),
        front_changed=ask.ask(np.concatenate([others[:half], given[half:]])),
        back_changed=ask.ask(np.concatenate([given[:half], others[half:]])),
    )
