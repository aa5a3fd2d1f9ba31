"""Pictures that were scaled each by itself are recognised, and hidden ones are scaled so too."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from grader.runner import forms, own_scales

RNG = np.random.default_rng(3)
RAW = (RNG.integers(0, 256, (90, 8, 8)) * (RNG.random((90, 8, 8)) < 0.6)).astype(np.uint8)
HIDDEN = RNG.integers(0, 256, (5, 8, 8)).astype(np.uint8)


def by_keras(axis: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return what keras.utils.normalize computes."""

    def normalize(x: np.ndarray) -> np.ndarray:
        length = np.linalg.norm(x.astype(np.float64), 2, axis)
        length[length == 0] = 1
        return np.asarray(x / np.expand_dims(length, axis))

    return normalize


def flat_rows(x: np.ndarray) -> np.ndarray:
    return by_keras(1)(x.reshape(len(x), -1))


def by_tensorflow(x: np.ndarray) -> np.ndarray:
    """Return what tf.image.per_image_standardization computes."""
    inner = (1, 2)
    x = x.astype(np.float32)
    return (x - x.mean(inner, keepdims=True)) / x.std(inner, keepdims=True)


def with_channel(x: np.ndarray) -> np.ndarray:
    x = x.astype(np.float32)
    inner = (1, 2)
    low = x.min(inner, keepdims=True)
    return ((x - low) / (x.max(inner, keepdims=True) - low))[..., None]


@pytest.mark.parametrize(
    "prepare", [by_keras(1), by_keras(2), flat_rows, by_tensorflow, with_channel]
)
def test_each_way_to_scale_a_picture_by_itself_is_recognised(
    prepare: Callable[[np.ndarray], np.ndarray],
) -> None:
    rows = prepare(RAW)[RNG.permutation(len(RAW))[:40]]
    form = forms.infer(rows, RAW)
    assert isinstance(form, own_scales.OwnForm)
    np.testing.assert_allclose(form(HIDDEN), prepare(HIDDEN), atol=1e-5)


def test_pictures_that_are_scaled_alike_are_not_taken_for_such() -> None:
    form = forms.infer(RAW[:40] / np.float32(255), RAW)
    assert isinstance(form, forms.Form)
    assert form.scale == 1 / 255


def test_rows_of_other_pictures_are_not_taken_for_these() -> None:
    others = RNG.integers(0, 256, (40, 8, 8)).astype(np.uint8)
    assert not isinstance(forms.infer(by_keras(1)(others), RAW), own_scales.OwnForm)
