"""Metrics of generated pictures, against other people's implementations, and the frozen network
they look through.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import scipy.linalg
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from grader.course.dataset import data_folder
from grader.course.datasets import mnist
from grader.errors import TaskError
from grader.metrics import features, generation


def two_sets(seed: int = 0, count: int = 400, width: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Two clouds that overlap in part; more rows than one block in neither, and odd counts."""
    draw = np.random.default_rng(seed)
    mixing = draw.normal(size=(width, width))
    real = draw.normal(size=(count, width)) @ mixing
    return real.astype(np.float32), (
        draw.normal(0.3, 1.2, size=(count + 51, width)) @ mixing
    ).astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_frechet_distance_agrees_with_the_matrix_root(seed: int) -> None:
    real, made = two_sets(seed)
    one, other = np.cov(real.astype(float), rowvar=False), np.cov(made.astype(float), rowvar=False)
    gap = real.astype(float).mean(axis=0) - made.astype(float).mean(axis=0)
    expected = gap @ gap + np.trace(one + other - 2 * scipy.linalg.sqrtm(one @ other).real)
    assert generation.frechet_distance(real, made) == pytest.approx(expected, rel=1e-6)


def test_frechet_distance_of_a_set_to_itself_is_zero_and_to_one_point_is_not() -> None:
    real, _ = two_sets()
    assert generation.frechet_distance(real, real) == pytest.approx(0, abs=1e-6)
    collapsed = np.repeat(real[:1], 300, axis=0)
    assert generation.frechet_distance(real, collapsed) > np.trace(np.cov(real, rowvar=False))


@pytest.mark.parametrize("count", [300, 1300])
def test_the_manifold_agrees_with_plain_nearest_neighbours(count: int) -> None:
    real, made = two_sets(1, count)

    def own_radii(rows: np.ndarray) -> np.ndarray:
        return (
            NearestNeighbors(n_neighbors=generation.NEIGHBOURS + 1)
            .fit(rows)
            .kneighbors(rows)[0][:, -1]
        )

    between = cdist(real, made)
    among_real = between <= own_radii(real)[:, None]
    expected = (
        among_real.any(axis=0).mean(),
        (between <= own_radii(made)[None, :]).any(axis=1).mean(),
        among_real.sum(axis=0).mean() / generation.NEIGHBOURS,
        among_real.any(axis=1).mean(),
    )
    np.testing.assert_allclose(generation.manifold(real, made), expected, atol=2e-3)


def test_a_collapsed_set_covers_little_and_keeps_its_precision() -> None:
    real, _ = two_sets()
    collapsed = real[:1] + np.random.default_rng(0).normal(0, 1e-3, size=(400, 8)).astype(
        np.float32
    )
    found = generation.manifold(real, collapsed)
    assert found.precision > 0.9
    assert found.recall < 0.1
    assert found.coverage < 0.1


def test_too_few_pictures_are_refused() -> None:
    real, made = two_sets()
    with pytest.raises(ValueError, match="more than 5"):
        generation.manifold(real[:5], made)


def test_nearest_finds_the_row_itself_among_blocks() -> None:
    real, made = two_sets(2, 1100)
    distances, places = generation.nearest(real[[3, 1050]], real)
    assert places.tolist() == [3, 1050]
    np.testing.assert_allclose(distances, 0, atol=0.02)
    np.testing.assert_allclose(
        generation.nearest(made, real)[0], cdist(made, real).min(axis=1), rtol=1e-2, atol=1e-2
    )


def test_class_balance_is_one_for_even_and_zero_for_one_class() -> None:
    assert generation.class_balance(np.arange(100) % 10, 10) == pytest.approx(1)
    assert generation.class_balance(np.zeros(100, dtype=int), 10) == pytest.approx(0)


def test_the_feature_network_is_the_published_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hashlib.sha256(features.WEIGHTS.read_bytes()).hexdigest() == features.SHA256
    features.weights.cache_clear()
    monkeypatch.setattr(features, "SHA256", "0" * 64)
    with pytest.raises(TaskError, match="feature network"):
        features.weights()
    features.weights.cache_clear()


def test_the_feature_network_does_what_pytorch_does_with_its_weights() -> None:
    import torch
    from torch.nn import functional

    pictures = np.random.default_rng(0).integers(0, 256, size=(7, 28, 28), dtype=np.uint8)
    w = {name: torch.from_numpy(array) for name, array in features.weights().items()}
    x = torch.from_numpy(pictures).float().unsqueeze(1) / 255
    x = functional.conv2d(
        x, w["conv1_weight"].permute(3, 2, 0, 1), w["conv1_bias"], stride=2, padding=2
    ).relu()
    x = functional.conv2d(
        x, w["conv2_weight"].permute(3, 2, 0, 1), w["conv2_bias"], stride=2, padding=1
    ).relu()
    hidden = (x.permute(0, 2, 3, 1).flatten(1) @ w["linear_weight"] + w["linear_bias"]).relu()
    seen = features.see(pictures)
    np.testing.assert_allclose(seen.features, hidden.numpy(), rtol=1e-4, atol=1e-4)
    logits = hidden @ w["head_weight"] + w["head_bias"]
    np.testing.assert_array_equal(seen.classes, logits.argmax(1).numpy())


@pytest.mark.data
def test_the_feature_network_tells_digits_apart() -> None:
    hidden = mnist.load(data_folder(None))
    seen = features.see(hidden.hidden_inputs[:3000])
    assert np.mean(seen.classes == hidden.hidden_labels[:3000]) > 0.97
