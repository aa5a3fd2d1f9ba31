"""Files of a dataset on disk and how they get there: checked, unpacked, fetched whole or not at
all.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from support.paths import ROOT
from support.small_data import small_mnist

from grader.course import idx_files
from grader.course.dataset import data_folder, dataset_states, find_dataset
from grader.course.datasets import digits, mnist
from grader.course.fetch import download_address, fetch
from grader.course.known_names import dataset_names
from grader.errors import DataError

SHAPES = {"digits": (8, 8), "mnist": (28, 28), "fashion-mnist": (28, 28), "cifar10": (32, 32, 3)}
TEXTS = {"imdb"}
IMAGES, LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small MNIST in the usual layout, and its checksums for the published ones."""
    return small_mnist(tmp_path / "data", monkeypatch)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def pack(path: Path) -> Path:
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    return packed


# The datasets themselves.


def test_the_hidden_digits_are_a_stratified_part_with_these_very_images() -> None:
    dataset = digits.load(Path())
    assert np.bincount(dataset.hidden_labels).tolist() == [60] * 10
    assert len(dataset.train_labels) == 1197
    fingerprint = hashlib.sha256(
        dataset.hidden_inputs.tobytes() + dataset.hidden_labels.tobytes()
    ).hexdigest()
    assert fingerprint.startswith("aeefaaf7239e24e7"), (
        "the split has moved: old results no longer compare"
    )


def test_every_dataset_says_its_shape_here() -> None:
    assert set(SHAPES) | TEXTS == {
        name for name in dataset_names() if hasattr(find_dataset(name), "CLASSES")
    }


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_a_stand_in_has_the_right_shapes_and_a_nearest_mean_learns_it(name: str) -> None:
    dataset = find_dataset(name).stand_in(np.random.default_rng(7))
    for inputs, labels in (
        (dataset.train_inputs, dataset.train_labels),
        (dataset.hidden_inputs, dataset.hidden_labels),
    ):
        assert inputs.shape == (len(labels), *SHAPES[name])
        assert inputs.dtype == np.uint8
        assert labels.dtype == np.int64
    rows = dataset.train_inputs.reshape(len(dataset.train_inputs), -1).astype(float)
    means = np.stack(
        [rows[dataset.train_labels == label].mean(axis=0) for label in range(dataset.num_classes)]
    )
    asked = dataset.hidden_inputs.reshape(len(dataset.hidden_inputs), 1, -1)
    answers = np.square(asked - means).sum(axis=2).argmin(axis=1)
    assert np.mean(answers == dataset.hidden_labels) >= 0.8


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_a_perturbed_copy_is_near_and_leaves_the_original(name: str) -> None:
    module = find_dataset(name)
    inputs = module.stand_in(np.random.default_rng(3)).hidden_inputs
    before = inputs.copy()
    copies = module.perturb(inputs, np.random.default_rng(4))
    assert (copies.shape, copies.dtype) == (inputs.shape, inputs.dtype)
    np.testing.assert_array_equal(inputs, before)
    assert 0 < np.abs(copies.astype(float) - inputs).mean() < 25


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "train_counts", "hidden_counts"),
    [
        (
            "mnist",
            [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
            [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
        ),
        ("fashion-mnist", [6000] * 10, [1000] * 10),
    ],
)
def test_the_published_files_have_these_classes(
    name: str, train_counts: list[int], hidden_counts: list[int]
) -> None:
    dataset = find_dataset(name).load(data_folder(None))
    assert dataset.train_inputs.shape == (60_000, 28, 28)
    assert dataset.hidden_inputs.shape == (10_000, 28, 28)
    assert dataset.train_inputs.dtype == np.uint8
    assert np.bincount(dataset.train_labels).tolist() == train_counts
    assert np.bincount(dataset.hidden_labels).tolist() == hidden_counts


# Files on disk.


def test_files_in_the_usual_layout_are_used_as_they_are(small: Path) -> None:
    before = files(small)
    dataset = mnist.load(small)
    assert dataset.train_inputs.shape == (600, 28, 28)
    assert dataset.hidden_labels.shape == (200,)
    assert files(small) == before


def test_a_wrong_checksum_names_the_file_what_was_found_and_what_was_expected(small: Path) -> None:
    path = small / "MNIST" / "raw" / LABELS
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(DataError) as caught:
        mnist.load(small)
    for text in (str(path), found[:16], mnist.SHA256[LABELS][:16], "grader data get mnist"):
        assert text in str(caught.value)


def test_a_missing_file_is_named_with_its_place_and_the_command(small: Path) -> None:
    path = small / "MNIST" / "raw" / IMAGES
    path.unlink()
    with pytest.raises(DataError) as caught:
        mnist.load(small)
    for text in (str(path), "grader data get mnist", "GRADER_DATA"):
        assert text in str(caught.value)
    assert str(path) in dataset_states(small)["mnist"]


def test_a_packed_file_is_unpacked_beside_itself(small: Path) -> None:
    for name in idx_files.FILES:
        pack(small / "MNIST" / "raw" / name)
    assert mnist.load(small).train_inputs.shape == (600, 28, 28)
    assert files(small) == {
        f"MNIST/raw/{name}{end}" for name in idx_files.FILES for end in ("", ".gz")
    }


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def scrambled(content: bytes) -> bytes:
    return content[:40] + bytes(255 - byte for byte in content[40:])


@pytest.mark.parametrize(
    "damage",
    [cut, scrambled, lambda _: b"not packed at all"],
    ids=["cut", "scrambled", "other bytes"],
)
def test_a_broken_packed_file_is_refused_and_leaves_nothing_half_written(
    small: Path, damage: Callable[[bytes], bytes]
) -> None:
    packed = pack(small / "MNIST" / "raw" / IMAGES)
    packed.write_bytes(damage(packed.read_bytes()))
    before = files(small)
    with pytest.raises(DataError) as caught:
        mnist.load(small)
    assert str(packed) in str(caught.value)
    assert files(small) == before


# Fetching: a downloader of our own stands where torchvision would be.

DOWNLOADERS = {
    "without a network": """
        raise URLError("Name or service not known")
    """,
    "broken half-way": """
        raw.mkdir(parents=True)
        (raw / "train-images-idx3-ubyte").write_bytes(b"half of it")
        raise RuntimeError("connection reset by peer")
    """,
    "killed half-way": """
        raw.mkdir(parents=True)
        (raw / "train-images-idx3-ubyte").write_bytes(b"half of it")
        os._exit(9)
    """,
    "other files": """
        raw.mkdir(parents=True)
        for name in {names}:
            (raw / name).write_bytes(b"a page that says please log in")
    """,
    "whole": """
        shutil.copytree({source!r}, raw)
    """,
}
SAYS = {
    "without a network": "Name or service not known",
    "broken half-way": "connection reset by peer",
    "killed half-way": "ended with code 9",
    "other files": "not what was published",
}


@pytest.fixture
def downloader(
    tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """Put a package called torchvision first on the child's search path; its MNIST does as one of
    DOWNLOADERS says.
    """

    def choose(kind: str) -> None:
        package = tmp_path / "first" / "torchvision"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        body = DOWNLOADERS[kind].format(source=str(small / "MNIST" / "raw"), names=idx_files.FILES)
        (package / "datasets.py").write_text(
            "import os\nimport shutil\n"
            "from pathlib import Path\nfrom urllib.error import URLError\n\n\n"
            "class MNIST:\n    def __init__(self, root, train, download):\n"
            f"        raw = Path(root) / 'MNIST' / 'raw'\n{body}\n"
        )
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(package.parent), str(ROOT)]))

    return choose


@pytest.mark.parametrize("kind", sorted(SAYS))
def test_a_download_that_fails_leaves_nothing_and_says_why(
    kind: str, downloader: Callable[[str], None], tmp_path: Path
) -> None:
    downloader(kind)
    target = tmp_path / "target"
    with pytest.raises(DataError) as caught:
        fetch("mnist", target)
    for text in (SAYS[kind], str(target / "MNIST"), "GRADER_DATA", "Nothing half-written"):
        assert text in str(caught.value)
    assert files(target) == set()
    assert list(target.iterdir()) == []


def test_a_download_is_checked_and_then_there(
    downloader: Callable[[str], None], tmp_path: Path
) -> None:
    downloader("whole")
    target = tmp_path / "target"
    assert fetch("mnist", target).load(target).train_inputs.shape == (600, 28, 28)
    assert files(target) == {f"MNIST/raw/{name}" for name in idx_files.FILES}
    assert [path.name for path in target.iterdir()] == ["MNIST"]


def test_a_failed_download_keeps_what_was_there(
    downloader: Callable[[str], None], small: Path
) -> None:
    downloader("broken half-way")
    (small / "MNIST" / "raw" / LABELS).unlink()
    before = files(small)
    with pytest.raises(DataError, match="connection reset"):
        fetch("mnist", small)
    assert files(small) == before


def test_what_is_there_is_not_fetched_again(downloader: Callable[[str], None], small: Path) -> None:
    downloader("broken half-way")
    before = files(small)
    fetch("mnist", small)
    assert files(small) == before


def data_get(name: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grader.cli", "data", "get", name, "--data", str(folder)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("kind", ["without a network", "broken half-way"])
def test_the_command_exits_3_with_one_message_and_nothing_half_written(
    kind: str, downloader: Callable[[str], None], tmp_path: Path
) -> None:
    downloader(kind)
    target = tmp_path / "target"
    done = data_get("mnist", target)
    assert done.returncode == 3
    assert done.stderr.startswith("grader: mnist could not be downloaded")
    assert SAYS[kind] in done.stderr
    assert "Traceback" not in done.stderr
    assert list(target.iterdir()) == []


# What comes from its publisher's address.


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server on this machine: its address, and the folder it shows."""
    shown = tmp_path / "shown"
    shown.mkdir()
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(shown))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", shown
    server.shutdown()
    server.server_close()


def test_one_file_is_laid_into_its_folder(publisher: tuple[str, Path], tmp_path: Path) -> None:
    address, shown = publisher
    (shown / "input.txt").write_text("First Citizen:")
    target = tmp_path / "target"
    target.mkdir()
    download_address(f"{address}/input.txt", "plays", target)
    assert files(target) == {"plays/input.txt"}
    assert (target / "plays" / "input.txt").read_text() == "First Citizen:"


def test_an_archive_is_unpacked_and_gone(publisher: tuple[str, Path], tmp_path: Path) -> None:
    address, shown = publisher
    review = tmp_path / "0_9.txt"
    review.write_text("Wonderful.")
    with tarfile.open(shown / "reviews.tar.gz", "w:gz") as archive:
        archive.add(review, "aclImdb/train/pos/0_9.txt")
    target = tmp_path / "target"
    target.mkdir()
    download_address(f"{address}/reviews.tar.gz", "aclImdb", target)
    assert files(target) == {"aclImdb/train/pos/0_9.txt"}


def test_an_archive_that_leaves_its_folder_is_refused(
    publisher: tuple[str, Path], tmp_path: Path
) -> None:
    address, shown = publisher
    review = tmp_path / "0_9.txt"
    review.write_text("Wonderful.")
    with tarfile.open(shown / "reviews.tar.gz", "w:gz") as archive:
        archive.add(review, "../outside.txt")
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(tarfile.OutsideDestinationError):
        download_address(f"{address}/reviews.tar.gz", "aclImdb", target)
    assert not (tmp_path / "outside.txt").exists()


@pytest.mark.parametrize("name", ["imdb", "tiny-shakespeare"])
def test_a_publisher_who_does_not_answer_is_said_and_nothing_is_left(
    name: str, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("https_proxy", "http://127.0.0.1:9")  # nobody listens there
        patch.setenv("no_proxy", "")
        with pytest.raises(DataError, match=f"{name} could not be downloaded") as caught:
            fetch(name, target)
    assert "GRADER_DATA" in str(caught.value)
    assert list(target.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="GRADER_DATA"):
        fetch("mnist", tmp_path / "file")


def test_the_digits_need_no_download(tmp_path: Path) -> None:
    done = data_get("digits", tmp_path)
    assert done.returncode == 0
    assert "digits is ready" in done.stdout
    assert list(tmp_path.iterdir()) == []
