"""The few more questions a language model's box is asked after the graded part: windows of the text
it was trained on.

Nothing hidden is shown. A window whose second half is replaced must be foretold as before up to
there.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from grader.doctor.evidence import Foretold
from grader.doctor.probes.classifier import PROBE_SECONDS, Questions

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
) -> Foretold:
    """Ask a trained language model's thawed box, and return what is known of it.

    text: the tokens of the training text, int64 (n,), with n above twice the context. A box that
    ends is no error here.
    """
    ask = Questions(
        lambda tokens: box.logits(np.ascontiguousarray(tokens), vocabulary, deadline_seconds)[0],
        seconds,
    )
    starts = draw.integers(0, len(text) - context, 2 * WINDOWS)
    windows = np.stack([text[start : start + context + 1] for start in starts])
    tokens, others = windows[:WINDOWS], windows[WINDOWS:, :-1]
    given, half, cut = tokens[:, :-1], WINDOWS // 2, context // 2
    order = draw.permutation(WINDOWS)
    logits, again = ask.ask(given), ask.ask(given)
    other_future = ask.ask(np.concatenate([given[:, :cut], others[:, cut:]], axis=1))
    permuted = ask.ask(given[order])
    return Foretold(
        vocabulary=vocabulary,
        tokens=tokens,
        token_shares=np.bincount(text, minlength=vocabulary) / len(text),
        logits=logits,
        cut=cut,
        other_future=other_future,
        again=again,
        permuted=None if permuted is None else permuted[np.argsort(order)],
        front_changed=ask.ask(np.concatenate([others[:half], given[half:]])),
        back_changed=ask.ask(np.concatenate([given[:half], others[half:]])),
    )
