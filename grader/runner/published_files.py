"""The files in which the course's data sets are published, made from the task's training data.

What a loader leaves on disk is there as well, for programs that read it themselves: IDX files of
MNIST, batches of CIFAR-10, a review a file. The test files hold the part that stands in for it
(`given_data`). They are written when they are asked for, below the program's own folder.
"""

from __future__ import annotations

import gzip
import io
import pickle
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .given_data import GIVEN, given

TEXT: list[str] = []  # of a task about text
IDX_NAMES = {
    "train-images-idx3-ubyte": (True, True),  # whether to train on, whether pictures
    "train-labels-idx1-ubyte": (True, False),
    "t10k-images-idx3-ubyte": (False, True),
    "t10k-labels-idx1-ubyte": (False, False),
}
IDX_FOLDERS = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST"}
CIFAR_FOLDER = "cifar-10-batches-py"
CIFAR_BATCHES = 5
SHAKESPEARE = ("shakespeare", "input.txt")


def at(address: str) -> bytes | None:
    """Return what an address gives, if it is one of the task's own data; else None."""
    name = address.rsplit("/", 1)[-1].split("?")[0].lower()
    if any(part in address.lower() for part in SHAKESPEARE):
        return TEXT[0].encode("utf-8") if TEXT else None
    if not GIVEN:
        return None
    dataset = given().dataset
    plain = name.removesuffix(".gz")
    if dataset in IDX_FOLDERS and plain in IDX_NAMES:
        content = idx(*IDX_NAMES[plain])
        return gzip.compress(content, 1) if name.endswith(".gz") else content
    if dataset == "mnist" and name.endswith("mnist.npz"):
        return npz()
    if dataset == "mnist" and name.endswith("mnist.pkl.gz"):
        return gzip.compress(pickle.dumps(nested_pairs()), 1)
    if dataset == "cifar10" and "cifar-10" in name:
        return tar_of(cifar_files())
    if is_reviews(address):
        return tar_of(review_files())
    return None


def is_reviews(address: str) -> bool:
    """Whether an address is that of the film reviews, in a task that gives them."""
    return "aclimdb" in address.lower() and bool(GIVEN) and given().dataset == "imdb"


def idx(train: bool, pictures: bool) -> bytes:
    """Return a file of MNIST: a header in big-endian numbers, then the values."""
    inputs, labels = given().part(train)
    values = inputs if pictures else labels.astype(np.uint8)
    header = np.array([0x0800 + values.ndim, *values.shape], dtype=">i4")
    return header.tobytes() + np.ascontiguousarray(values).tobytes()


def npz() -> bytes:
    """Return the file that Keras reads MNIST from."""
    file = io.BytesIO()
    x_train, y_train = given().part(True)
    x_test, y_test = given().part(False)
    np.savez(
        file,
        x_train=x_train,
        y_train=y_train.astype(np.uint8),
        x_test=x_test,
        y_test=y_test.astype(np.uint8),
    )
    return file.getvalue()


def nested_pairs() -> Any:
    """Return what mnist.pkl.gz holds: 50,000 to train on, 10,000 to validate and 10,000 to test."""
    inputs, labels = given().part(True)
    tests = given().part(False)
    cut = len(labels) * 5 // 6

    def pair(pictures: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = pictures.reshape(len(pictures), -1).astype(np.float32) / 255
        return rows, classes.astype(np.int64)

    return pair(inputs[:cut], labels[:cut]), pair(inputs[cut:], labels[cut:]), pair(*tests)


def cifar_files() -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of CIFAR-10's batches."""
    parts = np.array_split(np.arange(len(given().part(True)[1])), CIFAR_BATCHES)
    inputs, labels = given().part(True)
    for number, places in enumerate(parts, start=1):
        yield f"{CIFAR_FOLDER}/data_batch_{number}", batch(inputs[places], labels[places])
    yield f"{CIFAR_FOLDER}/test_batch", batch(*given().part(False))
    names = ["airplane", "automobile", "bird", "cat", "deer"]
    names += ["dog", "frog", "horse", "ship", "truck"]
    meta = {b"label_names": [name.encode() for name in names], b"num_vis": 3072}
    yield f"{CIFAR_FOLDER}/batches.meta", pickle.dumps(meta)


def batch(inputs: np.ndarray, labels: np.ndarray) -> bytes:
    """Return pictures and labels as a batch of CIFAR-10: colours one after the other."""
    rows = np.moveaxis(inputs, 3, 1).reshape(len(inputs), -1)
    names = [f"picture_{place}.png".encode() for place in range(len(labels))]
    return pickle.dumps({b"data": rows, b"labels": labels.tolist(), b"filenames": names})


def review_files() -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of all reviews, a file each."""
    for train, part in ((True, "train"), (False, "test")):
        texts, labels = given().part(train)
        counts = [0, 0]
        for text, label in zip(texts, labels.tolist(), strict=True):
            folder = "pos" if label else "neg"
            rating = 8 if label else 3
            yield f"aclImdb/{part}/{folder}/{counts[label]}_{rating}.txt", text.encode("utf-8")
            counts[label] += 1


def write_reviews(folder: Path) -> None:
    """Write the reviews as their publishers lay them out, below the folder aclImdb."""
    if folder.exists():
        return
    for name, content in review_files():
        path = folder / name.partition("/")[2]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    unlabelled = folder / "train" / "unsup"
    unlabelled.mkdir(exist_ok=True)
    (unlabelled / "0_0.txt").write_bytes(b"A review without a label.")


def lay_down_reviews(source: str) -> None:
    """Lay out the reviews beside a program that expects them there.

    Notebooks fetch and unpack them by lines for a shell, which a box does not run.
    """
    is_asked = "aclImdb/" in source or "'aclImdb'" in source or '"aclImdb"' in source
    if is_asked and GIVEN and given().dataset == "imdb" and "get_file(" not in source:
        write_reviews(Path("aclImdb"))


def write_beside(root: Any, dataset: str) -> None:
    """Make the folder that a loader of torchvision was given, and the files it would leave there.

    The files are small programs' own business: where they can't be written, nothing is said.
    """
    folder = Path(root)
    folder.mkdir(parents=True, exist_ok=True)
    if dataset in IDX_FOLDERS:
        raw = folder / IDX_FOLDERS[dataset] / "raw"
        raw.mkdir(parents=True, exist_ok=True)
    elif dataset == "cifar10":
        (folder / CIFAR_FOLDER).mkdir(exist_ok=True)


def content_of_path(path: str) -> bytes | None:
    """Return what a file that a loader would have left holds; None for any other file."""
    if not GIVEN:
        return None
    parts = Path(path).parts
    if given().dataset == "imdb" and "aclImdb" in parts and path.endswith(".txt"):
        return review_of(is_favourable="pos" in parts)
    name = Path(path).name.removesuffix(".gz")
    if given().dataset in IDX_FOLDERS and name in IDX_NAMES:
        content = idx(*IDX_NAMES[name])
        return gzip.compress(content, 1) if path.endswith(".gz") else content
    if given().dataset == "cifar10" and CIFAR_FOLDER in parts:
        wanted = f"{CIFAR_FOLDER}/{name}"
        return next((content for each, content in cifar_files() if each == wanted), None)
    return None


def review_of(*, is_favourable: bool) -> bytes:
    """Return one of the reviews, for a program that opens one by its published name."""
    texts, labels = given().part(True)
    place = int(np.flatnonzero(labels == int(is_favourable))[0])
    text: str = texts[place]
    return text.encode("utf-8")


def tar_of(files: Iterator[tuple[str, bytes]]) -> bytes:
    """Return files as a compressed archive."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
