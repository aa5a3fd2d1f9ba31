"""Cases and right answers for `attention`: scaled dot products, causal mask, heads, patches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader import Function, Group

Array = np.ndarray
Case = tuple[Any, ...]


def softmax(scores: Array, axis: int = -1) -> Array:
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def scaled_scores(Q: Array, K: Array) -> Array:
    return Q @ K.T / np.sqrt(Q.shape[1])


def attention(Q: Array, K: Array, V: Array) -> tuple[Array, Array]:
    weights = softmax(scaled_scores(Q, K))
    return weights @ V, weights


def past(n: int) -> Array:
    """Return where row i may look at column j: at itself and at what came before it."""
    return np.tri(n, dtype=bool)


def causal_attention(Q: Array, K: Array, V: Array) -> tuple[Array, Array]:
    weights = softmax(np.where(past(len(Q)), scaled_scores(Q, K), -np.inf))
    return weights @ V, weights


def multi_head(
    X: Array, Wq: Array, Wk: Array, Wv: Array, Wo: Array, heads: int, causal: bool
) -> Array:
    look = causal_attention if causal else attention
    parts = zip(*(np.split(X @ W, heads, axis=1) for W in (Wq, Wk, Wv)), strict=True)
    return np.concatenate([look(Q, K, V)[0] for Q, K, V in parts], axis=1) @ Wo


def cut_patches(X: Array, size: int) -> Array:
    n, c, h, w = X.shape
    rows, columns = h // size, w // size
    grid = X.reshape(n, c, rows, size, columns, size)
    return grid.transpose(0, 2, 4, 1, 3, 5).reshape(n, rows * columns, c * size * size)


def embed_patches(X: Array, size: int, W: Array, b: Array, token: Array, positions: Array) -> Array:
    embedded = cut_patches(X, size) @ W + b
    first = np.broadcast_to(token, (len(X), 1, len(token)))
    return np.concatenate([first, embedded], axis=1) + positions


def looks(draw: np.random.Generator) -> Iterator[Case]:
    yield (
        np.array([[2.0, 0.0]]),
        np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 3.0]]),
        np.array([[10.0], [20.0], [60.0]]),
    )
    for n, m, d, v in ((2, 3, 4, 2), (4, 2, 3, 5), (5, 7, 6, 3), (9, 8, 16, 4)):
        yield draw.normal(size=(n, d)), draw.normal(size=(m, d)), draw.normal(size=(m, v))


def far_looks(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([[40.0, 0.0]]), np.array([[50.0, 7.0], [49.99, -3.0]]), np.array([[1.0], [5.0]])
    for n, m, d, v in ((2, 3, 4, 2), (5, 4, 3, 2)):
        yield (
            40.0 * draw.normal(size=(n, d)),
            40.0 * draw.normal(size=(m, d)),
            draw.normal(size=(m, v)),
        )
    yield draw.normal(size=(3, 2)), draw.normal(size=(1, 2)), draw.normal(size=(1, 4))


def readers(draw: np.random.Generator) -> Iterator[Case]:
    yield np.array([[1.0], [2.0]]), np.array([[0.5], [1.0]]), np.array([[10.0], [30.0]])
    for n, d, v in ((3, 2, 4), (4, 6, 3), (7, 4, 2), (12, 8, 5)):
        yield draw.normal(size=(n, d)), draw.normal(size=(n, d)), draw.normal(size=(n, v))


def far_readers(draw: np.random.Generator) -> Iterator[Case]:
    yield draw.normal(size=(1, 3)), draw.normal(size=(1, 3)), draw.normal(size=(1, 2))
    for n, d, v in ((3, 2, 2), (6, 4, 3)):
        yield (
            40.0 * draw.normal(size=(n, d)),
            40.0 * draw.normal(size=(n, d)),
            draw.normal(size=(n, v)),
        )


def block(draw: np.random.Generator, n: int, d: int, heads: int, causal: bool) -> Case:
    return draw.normal(size=(n, d)), *draw.normal(size=(4, d, d)) / np.sqrt(d), heads, causal


def blocks(draw: np.random.Generator) -> Iterator[Case]:
    for n, d, heads in ((2, 2, 1), (3, 4, 2), (4, 6, 2), (5, 6, 3), (7, 12, 4)):
        yield block(draw, n, d, heads, False)


def causal_blocks(draw: np.random.Generator) -> Iterator[Case]:
    for n, d, heads in ((2, 2, 1), (3, 4, 2), (5, 4, 4), (8, 12, 3)):
        yield block(draw, n, d, heads, True)


def cut_pictures(draw: np.random.Generator) -> Iterator[Case]:
    yield np.arange(1.0, 9.0).reshape(1, 1, 2, 4), 2
    for shape, size in (
        ((2, 1, 4, 6), 2),
        ((1, 3, 6, 4), 2),
        ((3, 2, 6, 9), 3),
        ((2, 3, 8, 12), 4),
    ):
        yield draw.normal(size=shape), size


def unusual_cuts(draw: np.random.Generator) -> Iterator[Case]:
    yield draw.normal(size=(1, 2, 1, 2)), 1
    yield draw.normal(size=(2, 3, 2, 2)), 2
    yield draw.normal(size=(1, 2, 6, 3)), 3


def embedded_pictures(draw: np.random.Generator) -> Iterator[Case]:
    for (n, c, h, w), size, d in (((1, 1, 2, 4), 2, 3), ((2, 3, 4, 6), 2, 5), ((3, 2, 6, 3), 3, 4)):
        patches = (h // size) * (w // size)
        W, positions = draw.normal(size=(c * size * size, d)), draw.normal(size=(patches + 1, d))
        yield (
            draw.normal(size=(n, c, h, w)),
            size,
            W,
            draw.normal(size=d),
            draw.normal(size=d),
            positions,
        )


def attention_of(weigh: Any) -> Any:
    """Return attention with other weights, those that `weigh(Q, K)` gives."""

    def wrong(Q: Array, K: Array, V: Array) -> tuple[Array, Array]:
        weights = weigh(Q, K)
        return weights @ V, weights

    return wrong


def overflowing(scores: Array) -> Array:
    return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)


def masked_with(mask: Array, Q: Array, K: Array, value: float = -np.inf) -> Array:
    return softmax(np.where(mask, scaled_scores(Q, K), value))


def without_the_present(Q: Array, K: Array) -> Array:
    """Return weights over what came before.

    The first position sees nothing, and its weights are NaN.
    """
    with np.errstate(all="ignore"):
        return masked_with(np.tri(len(Q), k=-1, dtype=bool), Q, K)


def heads_with(
    *, split: str = "right", scale: str = "head", output: bool = True, join: str = "right"
) -> Any:
    """Return multi_head with something changed."""

    def wrong(
        X: Array, Wq: Array, Wk: Array, Wv: Array, Wo: Array, heads: int, causal: bool
    ) -> Array:
        n, d = X.shape
        size = d // heads

        def cut(Z: Array) -> Array:
            if split == "rows":
                return Z.reshape(heads, n, size)
            shape = (n, size, heads) if split == "interleaved" else (n, heads, size)
            return Z.reshape(shape).transpose((2, 0, 1) if split == "interleaved" else (1, 0, 2))

        Q, K, V = (cut(X @ W) for W in (Wq, Wk, Wv))
        scores = Q @ K.transpose(0, 2, 1) / np.sqrt({"head": size, "model": d, "none": 1}[scale])
        if causal:
            scores = np.where(past(n), scores, -np.inf)
        result = softmax(scores) @ V
        joined = result.reshape(n, d) if join == "rows" else result.transpose(1, 0, 2).reshape(n, d)
        if join == "averaged":
            joined = np.tile(result.mean(axis=0), (1, heads))
        return joined @ Wo if output else joined

    return wrong


def patches_with(order: tuple[int, ...]) -> Any:
    """Return cut_patches with the axes n, c, row, i, column, j in another order."""

    def wrong(X: Array, size: int) -> Array:
        n, c, h, w = X.shape
        grid = X.reshape(n, c, h // size, size, w // size, size)
        return grid.transpose(order).reshape(n, (h // size) * (w // size), c * size * size)

    return wrong


def only_reshaped(X: Array, size: int) -> Array:
    n, c, h, w = X.shape
    return X.reshape(n, (h // size) * (w // size), c * size * size)


FUNCTIONS = [
    Function(
        name="attention",
        answer=attention,
        returns=("output", "weights"),
        axes=("n d", "m d", "m v"),
        groups=[
            Group("typical", looks, "one to nine positions that look at two to eight"),
            Group("extreme", far_looks, "scores of thousands, and only one position to look at"),
        ],
        mistakes={
            "the scores were not divided by the square root of d": attention_of(
                lambda Q, K: softmax(Q @ K.T)
            ),
            "the scores were divided by d, not by its square root": attention_of(
                lambda Q, K: softmax(Q @ K.T / Q.shape[1])
            ),
            "the scores were divided by the square root of the number of positions": attention_of(
                lambda Q, K: softmax(Q @ K.T / np.sqrt(len(K)))
            ),
            "the softmax runs over the positions that look: each row must sum to 1": attention_of(
                lambda Q, K: softmax(scaled_scores(Q, K), axis=0)
            ),
            "exp overflows: the largest score of the row was not subtracted": attention_of(
                lambda Q, K: overflowing(scaled_scores(Q, K))
            ),
            "the softmax was left out": attention_of(scaled_scores),
            "the weights were returned first": lambda Q, K, V: attention(Q, K, V)[::-1],
            "the scores were returned, not the weights": lambda Q, K, V: (
                attention(Q, K, V)[0],
                scaled_scores(Q, K),
            ),
            "the best position alone was looked at": attention_of(
                lambda Q, K: np.eye(len(K))[scaled_scores(Q, K).argmax(axis=1)]
            ),
        },
    ),
    Function(
        name="causal_attention",
        answer=causal_attention,
        returns=("output", "weights"),
        axes=("n d", "n d", "n v"),
        groups=[
            Group("typical", readers, "two to twelve positions"),
            Group("extreme", far_readers, "one position, and scores of thousands"),
        ],
        mistakes={
            "nothing was masked: every position saw the future": attention,
            "the past was masked, not the future": attention_of(
                lambda Q, K: masked_with(past(len(Q)).T, Q, K)
            ),
            "a position could not see itself": attention_of(without_the_present),
            (
                "the weights of the future were set to 0 after the softmax: "
                "the rows no longer sum to 1"
            ): attention_of(lambda Q, K: softmax(scaled_scores(Q, K)) * past(len(Q))),
            "the scores of the future were set to 0, which is a score like any other: use -inf": (
                attention_of(lambda Q, K: masked_with(past(len(Q)), Q, K, 0.0))
            ),
            "the scores were not divided by the square root of d": attention_of(
                lambda Q, K: softmax(np.where(past(len(Q)), Q @ K.T, -np.inf))
            ),
            "exp overflows: the largest score of the row was not subtracted": attention_of(
                lambda Q, K: overflowing(np.where(past(len(Q)), scaled_scores(Q, K), -np.inf))
            ),
            "the weights were returned first": lambda Q, K, V: causal_attention(Q, K, V)[::-1],
        },
    ),
    Function(
        name="multi_head",
        answer=multi_head,
        axes=("n d", "d d", "d d", "d d", "d d", "", ""),
        groups=[
            Group("typical", blocks, "one to four heads"),
            Group("causal", causal_blocks, "the same with a causal mask"),
        ],
        mistakes={
            "there was one large head": lambda X, Wq, Wk, Wv, Wo, heads, causal: multi_head(
                X, Wq, Wk, Wv, Wo, 1, causal
            ),
            "the scores were divided by the square root of d, not of d / heads": heads_with(
                scale="model"
            ),
            "the scores were not divided": heads_with(scale="none"),
            (
                "reshape alone mixed up positions and heads: "
                "(n, heads, d / heads) first, then swap axes"
            ): heads_with(split="rows"),
            "both reshapes mixed up positions and heads": heads_with(split="rows", join="rows"),
            "the heads were joined by reshape without swapping the axes back": heads_with(
                join="rows"
            ),
            "a head took every heads-th column; its columns lie side by side": heads_with(
                split="interleaved"
            ),
            "the heads were averaged, not put side by side": heads_with(join="averaged"),
            "Wo was left out": heads_with(output=False),
            "the causal mask was left out": lambda X, Wq, Wk, Wv, Wo, heads, causal: multi_head(
                X, Wq, Wk, Wv, Wo, heads, False
            ),
            "the mask was always there": lambda X, Wq, Wk, Wv, Wo, heads, causal: multi_head(
                X, Wq, Wk, Wv, Wo, heads, True
            ),
            "queries and keys changed places": lambda X, Wq, Wk, Wv, Wo, heads, causal: multi_head(
                X, Wk, Wq, Wv, Wo, heads, causal
            ),
        },
    ),
    Function(
        name="cut_patches",
        answer=cut_patches,
        returns=("patches",),
        axes=("n c . .", ""),
        groups=[
            Group("typical", cut_pictures, "one to three pictures, patches of 2 to 4"),
            Group("edge", unusual_cuts, "patches of one pixel, one patch, one column of patches"),
        ],
        mistakes={
            "the patches were cut by reshape alone, which takes whole rows of the picture": (
                only_reshaped
            ),
            "the patches go down column by column, not row by row": patches_with(
                (0, 4, 2, 1, 3, 5)
            ),
            "inside a patch rows and columns changed places": patches_with((0, 2, 4, 1, 5, 3)),
            "inside a patch the channels came last, not first": patches_with((0, 2, 4, 3, 5, 1)),
        },
    ),
    Function(
        name="embed_patches",
        answer=embed_patches,
        returns=("tokens",),
        axes=("n . . .", "", ". e", "e", "e", ". e"),
        groups=[
            Group("typical", embedded_pictures, "one to three pictures, three to seven tokens")
        ],
        mistakes={
            "the patches were made by reshape alone: see cut_patches": (
                lambda X, size, W, b, token, positions: (
                    np.concatenate(
                        [np.tile(token, (len(X), 1, 1)), only_reshaped(X, size) @ W + b], axis=1
                    )
                    + positions
                )
            ),
            "the token was put behind the patches, not in front": (
                lambda X, size, W, b, token, positions: (
                    np.concatenate(
                        [cut_patches(X, size) @ W + b, np.tile(token, (len(X), 1, 1))], axis=1
                    )
                    + positions
                )
            ),
            "the token was left out": lambda X, size, W, b, token, positions: (
                cut_patches(X, size) @ W + b + positions[1:]
            ),
            "the positions were left out": lambda X, size, W, b, token, positions: embed_patches(
                X, size, W, b, token, 0.0 * positions
            ),
            "the token got no position": lambda X, size, W, b, token, positions: embed_patches(
                X, size, W, b, token, np.vstack([0.0 * token, positions[1:]])
            ),
            "the bias was left out": lambda X, size, W, b, token, positions: embed_patches(
                X, size, W, 0.0 * b, token, positions
            ),
            "the bias was added to the token as well": lambda X, size, W, b, token, positions: (
                embed_patches(X, size, W, b, token + b, positions)
            ),
        },
    ),
]
