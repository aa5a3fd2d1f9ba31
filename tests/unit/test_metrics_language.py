"""Metrics of language models: normalised by the grader, as PyTorch computes them, n-grams counted
plainly.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.metrics import language

DRAW = np.random.default_rng(0)


def test_bits_agree_with_cross_entropy_in_double_precision() -> None:
    logits = DRAW.normal(0, 4, size=(3, 5, 11)).astype(np.float32)
    targets = DRAW.integers(0, 11, size=(3, 5))
    expected = torch.nn.functional.cross_entropy(
        torch.from_numpy(logits).double().flatten(0, 1),
        torch.from_numpy(targets).flatten(),
        reduction="none",
    )
    np.testing.assert_allclose(
        language.bits_per_token(logits, targets).ravel() * np.log(2), expected, rtol=1e-10
    )


@pytest.mark.parametrize("change", [lambda x: x + 1000, lambda x: x - 1e6])
def test_shifted_logits_cost_the_same(change: object) -> None:
    logits = DRAW.normal(size=(2, 4, 7))
    targets = DRAW.integers(0, 7, size=(2, 4))
    assert callable(change)
    before = language.bits_per_token(logits, targets)
    np.testing.assert_allclose(language.bits_per_token(change(logits), targets), before, atol=1e-6)


def test_no_logits_bring_less_than_zero_bits_and_equal_ones_bring_the_vocabulary() -> None:
    logits = np.full((1, 2, 8), 277.0, dtype=np.float32)
    np.testing.assert_allclose(language.bits_per_token(logits, np.array([[0, 7]])), 3.0)
    logits[0, 0, 0] = 3e38
    bits = language.bits_per_token(logits, np.array([[0, 7]]))
    assert bits[0, 0] == 0
    assert bits[0, 1] == pytest.approx(3.0)


def test_greedy_share_counts_ties_and_near_ties() -> None:
    logits = np.array([[[1.0, 2.0, 2.0], [5.0, 4.99, 0.0], [0.0, 0.0, 1.0]]])
    tokens = np.array([[2, 1, 0]])
    assert language.greedy_share(logits, tokens, 0.0) == pytest.approx(1 / 3)
    assert language.greedy_share(logits, tokens, 0.02) == pytest.approx(2 / 3)


@given(st.lists(st.integers(0, 3), max_size=40), st.integers(1, 6))
def test_grams_are_the_runs_of_n_tokens(tokens: list[int], n: int) -> None:
    runs = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    hashes = language.gram_hashes(np.array(tokens, dtype=np.int64), n)
    assert len(hashes) == len(runs)
    assert len(set(hashes.tolist())) == len(set(runs))
    texts = np.array([tokens], dtype=np.int64)
    if runs:
        assert language.distinct_share(texts, n) == pytest.approx(len(set(runs)) / len(runs))


def test_copied_share_sees_copies_and_nothing_else() -> None:
    known_text = DRAW.integers(0, 60, size=5000)
    known = np.sort(language.gram_hashes(known_text, 8))
    copied, own = known_text[100:140], DRAW.integers(0, 60, size=40)
    assert language.copied_share(copied[None], known, 8) == 1.0
    assert language.copied_share(own[None], known, 8) == 0.0
    half = np.concatenate([copied[:20], own[:20]])
    assert 0.3 < language.copied_share(half[None], known, 8) < 0.5
    assert language.copied_share(own[None, :4], known, 8) == 0.0
