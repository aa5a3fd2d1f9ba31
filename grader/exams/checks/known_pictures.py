"""What generated pictures are held against: a data set's own pictures, seen once and remembered.

Every generator of a class is compared with the same hidden and training pictures. Seeing these,
and finding out how close hidden pictures come to training pictures, took two thirds of the time
that judging took (40 of 65 s of processor time for 10,000 pictures of MNIST), so it is kept in the
cache. The name it is kept under comes from the pictures and from the code that looked at them:
with other pictures or another version of that code it is worked out anew.

Two sides that hand back training pictures are found by what 99 % of hidden pictures, which are
copies of nothing, do not reach: nearness in pixels, nearness in features, and standing out as one
picture moved, turned or bent (`metrics.moved_copies`).
"""

from __future__ import annotations

import hashlib
import io
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np

from grader.course.dataset import Dataset
from grader.exams.checks.shares import share
from grader.host.cache import cache_folder, cache_trouble, drop_oldest, write_whole
from grader.metrics import features, generation, moved_copies
from grader.records import Measured

CACHE = "known-pictures"
MOST_KEPT = 8  # data sets; one takes up to 20 MB
COMPARED = 2000  # hidden pictures that say how close a new picture comes to training pictures
MOVED_COMPARED = 400  # of these, that say how often one stands out
MOVED_ASKED = 250  # generated pictures that are laid over training pictures: two seconds
NEAR_PERCENTILE = 1.0  # of hidden pictures lie nearer to a training picture than this
KEPT = ("training", "hidden", "hidden_radii", "usual")
LOOKED_AT_BY = [str(module.__file__) for module in (features, generation, moved_copies)]


class Pictures(NamedTuple):
    """Pictures, uint8 (n, h, w), with what the frozen network makes of them, (n, features)."""

    pictures: np.ndarray
    features: np.ndarray

    def first(self, count: int) -> Pictures:
        """Return the first of them, `count` at most."""
        return Pictures(self.pictures[:count], self.features[:count])

    def drawn(self, most: int, draw: np.random.Generator) -> Pictures:
        """Return drawn ones: a generator cannot know which of its answers are looked at closely."""
        picked = draw.permutation(len(self.pictures))[:most]
        return Pictures(self.pictures[picked], self.features[picked])


class KnownPictures(NamedTuple):
    """A data set's own pictures, and what 99 % of its hidden pictures do not reach."""

    hidden: Pictures
    training: Pictures
    hidden_radii: np.ndarray  # float32 (n,): squared distance to the k-th nearest hidden picture
    usual_in_pixels: float
    usual_in_features: float
    usual_standing_out: float

    def copied_share(self, made: Pictures) -> Measured:
        """Return the share of pictures nearer to a training picture than 99 % of hidden ones.

        Nearness is looked at twice, in pixels and in features: a copy with noise is found by the
        second, whatever its classifier thinks of it by the first.
        """
        in_pixels, in_features = nearness(made, self.training)
        near = (in_pixels < self.usual_in_pixels) | (in_features < self.usual_in_features)
        return share(near)

    def moved_copies_share(self, made: Pictures) -> Measured:
        """Return the share of pictures that fit one training picture, changed a little, and no
        other.
        """
        found = standing_out(made.first(MOVED_ASKED), self.training)
        return share(found < self.usual_standing_out)


def known_pictures(dataset: Dataset) -> KnownPictures:
    """Return what is known of a data set's pictures: remembered, or worked out now and kept."""
    path = cache_folder() / CACHE / f"{name_of(dataset)}.npz"
    kept = read(path)
    if kept is None:
        kept = looked_at(dataset)
        keep(path, kept)
    return KnownPictures(
        Pictures(dataset.hidden_inputs, kept["hidden"]),
        Pictures(dataset.train_inputs, kept["training"]),
        kept["hidden_radii"],
        *(float(value) for value in kept["usual"]),
    )


def name_of(dataset: Dataset) -> str:
    """Return the name of what is kept: a hash of the pictures and of the code that sees them."""
    found = hashlib.sha256(features.SHA256.encode())
    for file in (*LOOKED_AT_BY, __file__):
        found.update(Path(file).read_bytes())
    for pictures in (dataset.train_inputs, dataset.hidden_inputs):
        found.update(str(pictures.shape).encode())
        found.update(np.ascontiguousarray(pictures).data)
    return found.hexdigest()


def looked_at(dataset: Dataset) -> dict[str, np.ndarray]:
    """Work out everything about a data set's pictures that does not depend on a generator."""
    training = Pictures(dataset.train_inputs, features.see(dataset.train_inputs).features)
    hidden = Pictures(dataset.hidden_inputs, features.see(dataset.hidden_inputs).features)
    # Always the same ones: they are a yardstick, which no generator can prepare for.
    compared = hidden.drawn(COMPARED, np.random.default_rng(0))
    distances = [
        *nearness(compared, training),
        standing_out(compared.first(MOVED_COMPARED), training),
    ]
    return {
        "training": training.features,
        "hidden": hidden.features,
        "hidden_radii": generation.radii(hidden.features),
        "usual": np.array([np.percentile(each, NEAR_PERCENTILE) for each in distances]),
    }


def nearness(made: Pictures, training: Pictures) -> tuple[np.ndarray, np.ndarray]:
    """Return how far each picture is from its nearest training picture, in pixels and in features.

    float32 (n,) each.
    """
    in_pixels = generation.nearest(flat(made.pictures), flat(training.pictures))[0]
    in_features = generation.nearest(made.features, training.features)[0]
    return in_pixels, in_features


def standing_out(made: Pictures, training: Pictures) -> np.ndarray:
    """Return how much better each picture fits one training picture than others, float32 (n,)."""
    return moved_copies.standing_out(
        made.pictures, made.features, training.pictures, training.features
    )


def flat(pictures: np.ndarray) -> np.ndarray:
    """Return pictures, uint8 (n, h, w), as rows of numbers from 0 to 1, float32 (n, h * w)."""
    rows: np.ndarray = pictures.reshape(len(pictures), -1).astype(np.float32) / np.float32(255)
    return rows


def read(path: Path) -> dict[str, np.ndarray] | None:
    """Return what was kept; None if it is missing or broken: then it is worked out again."""
    with suppress(OSError, EOFError, ValueError, KeyError, BadZipFile), np.load(path) as stored:
        return {name: stored[name] for name in KEPT}
    return None


def keep(path: Path, found: dict[str, np.ndarray]) -> None:
    """Keep what was worked out, and drop what was kept longest ago."""
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **found)
    with cache_trouble(path.parent):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(path, content.getvalue())
        drop_oldest(path.parent, MOST_KEPT)
