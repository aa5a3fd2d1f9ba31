"""The right answers of the task `attention` are those of an independent implementation: torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.course.curriculum import find_task
from grader.exams.function_cases.cases import Function, load_functions

torch = pytest.importorskip("torch")

SEEDS = range(10)
FUNCTIONS = {function.name: function for function in load_functions(find_task("attention"))}
scaled_dot_product_attention = torch.nn.functional.scaled_dot_product_attention


def cases(function: Function) -> Iterator[tuple[Any, ...]]:
    for group in function.groups:
        for seed in SEEDS:
            yield from group.cases(np.random.default_rng(seed))


def assert_same(answer: Any, tensor: Any) -> None:
    np.testing.assert_allclose(answer, tensor.detach().numpy(), rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("causal", [False, True])
def test_attention_is_that_of_torch(causal: bool) -> None:
    function = FUNCTIONS["causal_attention" if causal else "attention"]
    for Q, K, V in cases(function):
        output, weights = function.answer(Q, K, V)
        q, k, v = (torch.tensor(item)[None] for item in (Q, K, V))
        assert_same(output, scaled_dot_product_attention(q, k, v, is_causal=causal)[0])
        looked_at = torch.eye(len(K), dtype=torch.float64)[None]
        assert_same(weights, scaled_dot_product_attention(q, k, looked_at, is_causal=causal)[0])
        np.testing.assert_allclose(weights.sum(axis=1), 1.0)


def test_what_causal_attention_says_does_not_depend_on_the_future() -> None:
    function = FUNCTIONS["causal_attention"]
    for Q, K, V in cases(function):
        at = len(Q) // 2
        later = [
            np.concatenate([item[: at + 1], -7.0 * item[at + 1 :] + 1.0]) for item in (Q, K, V)
        ]
        np.testing.assert_allclose(
            function.answer(*later)[0][: at + 1], function.answer(Q, K, V)[0][: at + 1]
        )


def test_multi_head_is_that_of_torch() -> None:
    for X, Wq, Wk, Wv, Wo, heads, causal in cases(FUNCTIONS["multi_head"]):
        n, d = X.shape
        layer = torch.nn.MultiheadAttention(d, heads, bias=False, batch_first=True).double()
        layer.in_proj_weight.data = torch.tensor(np.concatenate([Wq.T, Wk.T, Wv.T]))
        layer.out_proj.weight.data = torch.tensor(Wo.T)
        mask = torch.triu(torch.ones(n, n, dtype=torch.bool), diagonal=1) if causal else None
        x = torch.tensor(X)[None]
        right, _ = layer(x, x, x, attn_mask=mask)
        assert_same(FUNCTIONS["multi_head"].answer(X, Wq, Wk, Wv, Wo, heads, causal), right[0])


def test_patches_are_those_of_unfold() -> None:
    for X, size in cases(FUNCTIONS["cut_patches"]):
        right = torch.nn.functional.unfold(torch.tensor(X), size, stride=size).transpose(1, 2)
        np.testing.assert_array_equal(FUNCTIONS["cut_patches"].answer(X, size), right.numpy())


def test_embedding_patches_is_a_convolution_with_a_stride_as_large_as_the_kernel() -> None:
    for X, size, W, b, token, positions in cases(FUNCTIONS["embed_patches"]):
        filters = torch.tensor(W.T.reshape(len(b), X.shape[1], size, size))
        embedded = torch.nn.functional.conv2d(
            torch.tensor(X), filters, torch.tensor(b), stride=size
        )
        patches = embedded.flatten(2).transpose(1, 2)
        first = torch.tensor(token).expand(len(X), 1, -1)
        right = torch.cat([first, patches], dim=1) + torch.tensor(positions)
        assert_same(FUNCTIONS["embed_patches"].answer(X, size, W, b, token, positions), right)
