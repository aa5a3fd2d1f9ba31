"""Generators inside the box: networks as something that paints pictures from a seed.

What a generator takes is what its training gave it: the noise, of the width and distribution that
was seen, and beside it labels or codes, which are drawn anew. A variational autoencoder paints with
its decoder. What comes out becomes pictures of the task: the range of the last layer, the script's
Normalize, sides of 32 instead of 28 and a second and third colour are taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .frames import Trouble
from .networks import is_keras, is_torch
from .problem import Problem
from .values import as_array

NOISE_NAMES = (
    "nz",
    "latent_dim",
    "z_dim",
    "latent_size",
    "noise_dim",
    "latent",
    "z_size",
    "zdim",
    "noise_size",
    "latent_dims",
    "hidden_dim",
    "codings_size",
    "NOISE_DIM",
    "LATENT_DIM",
)
INNER_NAMES = ("generator", "gen", "netG", "G", "decoder", "decode", "dec")
CLASSES = 10
UNIFORM_SPREAD = 1 / np.sqrt(3)  # of numbers drawn evenly from -1 to 1
NEAR = 0.1  # share by which a spread may miss one that is known
TRIED = 2  # pictures that tell whether something can paint
TINY = 1e-12

Draw = Callable[[np.random.Generator, int], np.ndarray]
Paint = Callable[[int, int], np.ndarray]


def painter_of(model: Any, names: dict[str, Any], seen: list[np.ndarray]) -> Paint | None:
    """Return paint(n, seed) of a network, floats in its own range; None where it takes no noise.

    names: of the script: the width of the noise is looked for among them. seen: some rows of each
    argument that the network was given in training.
    """
    if not is_keras(model) and not is_torch(model):
        return None
    for asked in parts_of(model):
        known = seen if asked is model else []
        for draws in inputs_of(asked, model, names, known):
            paint = painting(asked, draws)
            if works(paint):
                return paint
    return None


def parts_of(model: Any) -> Iterator[Any]:
    """Yield what of a network may paint: a generator or decoder in it, and the network itself."""
    for name in INNER_NAMES:
        part = getattr(model, name, None)
        if callable(part):
            yield part
    yield model


def inputs_of(
    asked: Any, model: Any, names: dict[str, Any], seen: list[np.ndarray]
) -> Iterator[list[Draw]]:
    """Yield what the arguments may be: as they were seen, then noise of widths that fit."""
    if seen:
        yield [as_seen(rows) for rows in seen]
    fixed = shapes_of_keras(asked)
    if fixed is not None:
        yield [normal(shape) for shape in fixed]
        if len(fixed) == 2:
            yield [normal(fixed[0]), labels(fixed[1])]
        return
    named = [names[name] for name in NOISE_NAMES if isinstance(names.get(name), int)]
    own = [getattr(model, name, None) for name in NOISE_NAMES]
    widths = [*named, *(each for each in own if isinstance(each, int)), *widths_of(asked, model)]
    for width in dict.fromkeys(widths):
        for shape in ((width,), (width, 1, 1)):
            yield [normal(shape)]
            yield [normal(shape), labels(())]
            yield [normal(shape), labels((CLASSES,))]


def shapes_of_keras(asked: Any) -> list[tuple[int, ...]] | None:
    """Return the shapes that a Keras model takes, if they are fixed; None for anything else."""
    shape = getattr(asked, "input_shape", None) if is_keras(asked) else None
    if isinstance(shape, tuple):
        shape = [shape]
    if not isinstance(shape, list):
        return None
    sides = [tuple(each[1:]) for each in shape]
    return sides if all(isinstance(size, int) for side in sides for size in side) else None


def widths_of(asked: Any, model: Any) -> list[int]:
    """Return how wide the inputs of layers are, those of the first layer before others."""
    holder = asked if is_torch(asked) else model
    if not is_torch(holder):
        return []
    widths: list[int] = []
    for layer in holder.modules():
        for name in ("in_features", "in_channels"):
            width = getattr(layer, name, None)
            if isinstance(width, int):
                widths.append(width)
    first = widths[:1]
    return [*first, *sorted(widths[1:])]


# What is drawn.


def normal(shape: tuple[int, ...]) -> Draw:
    def draw(random: np.random.Generator, count: int) -> np.ndarray:
        return random.standard_normal((count, *shape), np.float32)

    return draw


def labels(shape: tuple[int, ...]) -> Draw:
    """Return what draws classes, as numbers or as ones and zeros."""

    def draw(random: np.random.Generator, count: int) -> np.ndarray:
        numbers = random.integers(0, CLASSES, count)
        if shape == (CLASSES,):
            return np.eye(CLASSES, dtype=np.float32)[numbers]
        return numbers.reshape(count, *shape)

    return draw


def as_seen(rows: np.ndarray) -> Draw:
    """Return what draws rows like these: noise of the same kind, classes out of those seen."""
    flat = rows.reshape(len(rows), -1)
    is_class = is_class_column(flat)
    noise = flat[:, ~is_class]
    spread = float(noise.std()) if noise.size else 0.0
    lowest = float(noise.min()) if noise.size else 0.0

    def draw(random: np.random.Generator, count: int) -> np.ndarray:
        made = flat[random.integers(0, len(flat), count)].copy()
        if noise.size and rows.dtype.kind == "f":
            made[:, ~is_class] = like(random, (count, noise.shape[1]), lowest, spread)
        return made.reshape(count, *rows.shape[1:])

    return draw


def is_class_column(flat: np.ndarray) -> np.ndarray:
    """Return which columns hold classes: whole numbers, where noise would have fractions."""
    if flat.dtype.kind != "f":
        return np.ones(flat.shape[1], dtype=bool)
    found: np.ndarray = (flat == np.round(flat)).all(axis=0)
    return found


def like(
    random: np.random.Generator, shape: tuple[int, ...], lowest: float, spread: float
) -> np.ndarray:
    """Return noise drawn evenly where what was seen has bounds, else from a normal one."""
    if lowest >= -1.0 and abs(spread / UNIFORM_SPREAD - 1) < NEAR:
        return random.uniform(-1, 1, shape)
    if lowest >= 0.0:
        return random.uniform(0, 1, shape)
    scale = 1.0 if abs(spread - 1) < NEAR else spread
    return random.normal(0.0, scale, shape)


# What comes out.


def painting(asked: Any, draws: list[Draw]) -> Paint:
    """Return paint(n, seed) of something that takes what is drawn."""

    def paint(count: int, seed: int) -> np.ndarray:
        random = np.random.default_rng(seed)
        given = [draw(random, count) for draw in draws]
        return answered(asked, given)

    return paint


def answered(asked: Any, given: list[np.ndarray]) -> np.ndarray:
    """Return what a network, or a method of one, answers to arrays, as an array of floats."""
    owner = getattr(asked, "__self__", asked)
    if is_keras(owner):
        values: Any = given[0] if len(given) == 1 else given
        try:
            answer = asked(values, training=False)
        except TypeError:  # a model, or a method of one, that knows no training mode
            answer = asked(values)
    else:
        answer = ask_torch(asked, owner, given)
    while isinstance(answer, tuple | list):
        answer = answer[0]
    array = as_array(answer)
    if array is None:
        raise TypeError("no pictures")
    return array.astype(np.float32)


def ask_torch(asked: Any, owner: Any, given: list[np.ndarray]) -> Any:
    """Ask a module of PyTorch, or a method of one, in evaluation mode."""
    import torch

    owner.eval()
    parameter = next(iter(owner.parameters()), None)
    device = "cpu" if parameter is None else parameter.device
    with torch.inference_mode():
        return asked(*(torch.from_numpy(each).to(device) for each in given))


def works(paint: Paint) -> bool:
    """Whether something paints: a picture, of whatever size, for each row of noise."""
    try:
        made = paint(TRIED, 0)
    except Exception:  # what takes other arguments raises whatever it likes
        return False
    sides = [side for side in made.shape[1:] if side > 3]
    return len(made) == TRIED and int(np.prod(sides or [0])) >= 64 and is_square(made)


def is_square(made: np.ndarray) -> bool:
    """Whether what was made are squares, flat or with both sides, of one colour or three."""
    pixels = made[0].size
    for colours in (1, 3):
        side = round(float(np.sqrt(pixels / colours)))
        if side * side * colours == pixels and side >= 8:
            return True
    return False


def as_squares(pictures: np.ndarray, side: int) -> np.ndarray:
    """Return pictures of shape (n, side, side): one colour, and sides made shorter or longer."""
    pictures = in_one_colour(pictures)
    if pictures.shape[1] == side:
        return pictures
    return resized(pictures, side)


def in_one_colour(pictures: np.ndarray) -> np.ndarray:
    """Return pictures (n, h, w) of flat ones, or of ones with colours before or behind."""
    count = len(pictures)
    if pictures.ndim == 4:
        axis = 1 if pictures.shape[1] in (1, 3) else 3
        mean: np.ndarray = pictures.mean(axis=axis)
        return mean
    if pictures.ndim == 3:
        return pictures
    side = round(float(np.sqrt(pictures[0].size)))
    if side * side == pictures[0].size:
        return pictures.reshape(count, side, side)
    side = round(float(np.sqrt(pictures[0].size / 3)))
    of_colours: np.ndarray = pictures.reshape(count, 3, side, side).mean(axis=1)
    return of_colours


def resized(pictures: np.ndarray, side: int) -> np.ndarray:
    """Return pictures (n, h, h) with other sides, each pixel from the area it covers or between.

    Along each axis the new pixels are weighted means of the old ones, as Pillow's bilinear
    resizing has them.
    """
    weights = resizing(pictures.shape[1], side)
    made: np.ndarray = np.einsum("ij,njk,lk->nil", weights, pictures, weights, optimize=True)
    return made


def resizing(old: int, new: int) -> np.ndarray:
    """Return the weights (new, old) of a triangle filter as wide as the scale."""
    scale = old / new
    width = max(scale, 1.0)
    centres = (np.arange(new) + 0.5) * scale
    distance = np.abs(centres[:, None] - (np.arange(old) + 0.5)[None, :])
    weights = np.clip(1 - distance / width, 0, None)
    normed: np.ndarray = weights / np.maximum(weights.sum(axis=1, keepdims=True), TINY)
    return normed


def no_painter() -> Problem:
    """Return what to say of a network that takes no noise of any kind that was tried."""
    return Problem(
        Trouble.WRONG_TYPE,
        "the generator accepts none of the inputs that were tried: what it was given in training, "
        "noise of shape (n, k) or (n, k, 1, 1), noise and labels. Define sample(model, n, seed) "
        "beside it: it returns n uint8 pictures.",
    )
