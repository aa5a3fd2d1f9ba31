"""Metrics of generated pictures, computed from features.

Features have shape (n, d), a row for each picture; those of real and of generated pictures come
from the same network. Distances are computed in blocks: all of 10,000 against 10,000 at once would
take 400 MB for a single matrix.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

BLOCK = 1000
NEIGHBOURS = 5


def frechet_distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return the Fréchet distance of two Gaussians fitted to two sets of features.

    Shapes (n, d) and (m, d). Source: M. Heusel et al., "GANs trained by a two time-scale update
    rule converge to a local Nash equilibrium", NeurIPS 2017.

    The trace of the root of the covariances' product is taken from the eigenvalues of a symmetric
    matrix with the same ones: a general matrix root may come out complex through rounding.
    """
    a = one.astype(np.float64)
    b = other.astype(np.float64)
    gap = a.mean(axis=0) - b.mean(axis=0)
    cov_a = np.atleast_2d(np.cov(a, rowvar=False))
    cov_b = np.atleast_2d(np.cov(b, rowvar=False))
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    product = np.linalg.eigvalsh(root @ cov_b @ root)
    trace = float(np.sqrt(np.clip(product, 0, None)).sum())
    return max(0.0, float(gap @ gap + np.trace(cov_a) + np.trace(cov_b) - 2 * trace))


class Manifold(NamedTuple):
    """How two sets of pictures cover each other: shares, but for density, which may exceed 1."""

    precision: float  # generated pictures that lie among real ones
    recall: float  # real pictures that lie among generated ones
    density: float  # how many real neighbourhoods a generated picture lies in, over k
    coverage: float  # real pictures with a generated one in their neighbourhood


def manifold(
    real: np.ndarray, generated: np.ndarray, real_radii: np.ndarray | None = None
) -> Manifold:
    """Return precision, recall, density and coverage of features (n, d) and (m, d).

    real_radii: what `radii` returns for the real ones, where that is known already. Raises
    ValueError unless there are more than NEIGHBOURS pictures of each. Sources:
    T. Kynkäänniemi et al., "Improved precision and recall metric for assessing generative models",
    NeurIPS 2019; M. F. Naeem et al., "Reliable fidelity and diversity metrics for generative
    models", ICML 2020.
    """
    if min(len(real), len(generated)) <= NEIGHBOURS:
        raise ValueError(
            f"there are {len(real)} real and {len(generated)} generated pictures; more than "
            f"{NEIGHBOURS} of each are needed"
        )
    if real_radii is None:
        real_radii = radii(real)
    generated_radii = radii(generated)
    inside_real = np.zeros(len(generated), dtype=np.int64)
    recalled = np.zeros(len(real), dtype=bool)
    covered = np.zeros(len(real), dtype=bool)
    for start in range(0, len(real), BLOCK):
        part = slice(start, start + BLOCK)
        distances = squared_distances(real[part], generated)
        within = distances <= real_radii[part, None]
        inside_real += within.sum(axis=0)
        covered[part] = within.any(axis=1)
        recalled[part] = (distances <= generated_radii[None, :]).any(axis=1)
    return Manifold(
        precision=float(np.mean(inside_real > 0)),
        recall=float(np.mean(recalled)),
        density=float(np.mean(inside_real) / NEIGHBOURS),
        coverage=float(np.mean(covered)),
    )


def radii(features: np.ndarray) -> np.ndarray:
    """Return the squared distance of each row to its NEIGHBOURS-th nearest other row, shape (n,).

    With no more rows than that there is none: zeros.
    """
    if len(features) <= NEIGHBOURS:
        return np.zeros(len(features), dtype=np.float32)
    found = np.empty(len(features), dtype=np.float32)
    for start in range(0, len(features), BLOCK):
        distances = squared_distances(features[start : start + BLOCK], features)
        rows = np.arange(len(distances))
        distances[rows, start + rows] = -1.0  # a row is its own nearest, whatever rounding says
        found[start : start + BLOCK] = np.partition(distances, NEIGHBOURS, axis=1)[:, NEIGHBOURS]
    return np.maximum(found, 0)


def squared_distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return squared Euclidean distances, float32 of shape (n, m)."""
    a = one.astype(np.float32, copy=False)
    b = other.astype(np.float32, copy=False)
    distances: np.ndarray = a @ b.T
    distances *= -2
    distances += np.einsum("ij,ij->i", a, a)[:, None]
    distances += np.einsum("ij,ij->i", b, b)[None, :]
    np.maximum(distances, 0, out=distances)
    return distances


def nearest(queries: np.ndarray, references: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each query row the distance to its nearest reference row, and that row's index.

    Shapes (n,), float32 and int64.
    """
    best = np.full(len(queries), np.inf, dtype=np.float32)
    where = np.zeros(len(queries), dtype=np.int64)
    for start in range(0, len(references), BLOCK):
        distances = squared_distances(queries, references[start : start + BLOCK])
        index = np.argmin(distances, axis=1)
        found = distances[np.arange(len(queries)), index]
        closer = found < best
        best[closer] = found[closer]
        where[closer] = start + index[closer]
    return np.sqrt(best), where


def class_balance(classes: np.ndarray, num_classes: int) -> float:
    """Return the entropy of the classes divided by its maximum.

    1 if all are equally frequent, 0 if there is only one.
    """
    shares = np.bincount(classes, minlength=num_classes) / max(1, len(classes))
    present = shares[shares > 0]
    return abs(float((present * np.log(present)).sum() / np.log(num_classes)))
