"""Fetch a data set from its publisher: run as a program, in a process of its own.

`python -m grader.course.fetch NAME FOLDER`. What torchvision knows is downloaded by torchvision; it
needs PyTorch, which the grader itself never imports. The rest comes from its publisher's address.
Everything goes into a hidden folder beside the target, is checked there and renamed at the end, so
that a broken download leaves nothing that looks complete.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from grader.course.dataset import DatasetModule, find_dataset
from grader.errors import DataError

TORCHVISION = {
    "mnist": ("MNIST", "MNIST"),
    "fashion-mnist": ("FashionMNIST", "FashionMNIST"),
    "cifar10": ("CIFAR10", "cifar-10-batches-py"),
}
ADDRESSES = {
    "imdb": ("https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz", "aclImdb"),
    "tiny-shakespeare": (
        "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        "tinyshakespeare",
    ),
}
FOLDERS = {name: folder for name, (_, folder) in (TORCHVISION | ADDRESSES).items()}
CHUNK_BYTES = 1 << 20
# A torchvision that was built for another torch still downloads, but fails at its import because
# one operator is missing. Declared beforehand, in a second try, the operator satisfies the import;
# nothing calls it.
MISSING_OPERATOR = "operator torchvision::nms does not exist"
DECLARE = "GRADER_DECLARE_TORCHVISION"
LAST_LINES = 3


def fetch(name: str, folder: Path) -> DatasetModule:
    """Download a data set into `folder` unless it is there already, and check it.

    DataError says why it failed, and what to do without a network.
    """
    module = find_dataset(name)
    if is_ready(module, folder) or name not in FOLDERS:
        return module
    partial = folder / f".{name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        complaint = run_child(name, partial) or what_is_wrong(module, partial)
        target = folder / FOLDERS[name]
        if complaint:
            raise DataError(
                f"{name} could not be downloaded: {complaint}. Without a network, copy it to "
                f"{target} in its publisher's layout, or set GRADER_DATA to a folder that has "
                "it. Nothing half-written was left behind."
            )
        shutil.rmtree(target, ignore_errors=True)
        (partial / FOLDERS[name]).rename(target)
    except OSError as error:
        raise DataError(
            f"cannot write {folder}: {error.strerror or error}; set GRADER_DATA to another folder"
        ) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return module


def is_ready(module: DatasetModule, folder: Path) -> bool:
    """Whether a data set lies below `folder`, whole and as published."""
    return not what_is_wrong(module, folder)


def what_is_wrong(module: DatasetModule, folder: Path) -> str:
    """Return why what lies below `folder` is not the data set; empty if it is."""
    try:
        module.load(folder)
    except DataError as error:
        return f"what was downloaded is not what was published ({error})"
    return ""


def run_child(name: str, folder: Path) -> str:
    """Run this file as a program and return its complaint, empty if it has none.

    Its progress goes to our standard error.
    """
    command = [sys.executable, "-m", "grader.course.fetch", name, str(folder)]
    for extra in ({}, {DECLARE: "1"}):
        done = subprocess.run(
            command, stdout=subprocess.PIPE, env=os.environ | extra, check=False, text=True
        )
        if done.returncode == 0:
            return ""
        said = [line for line in done.stdout.splitlines() if line.strip()][-LAST_LINES:]
        if MISSING_OPERATOR not in done.stdout:
            return " ".join(said) or f"the downloader ended with code {done.returncode}"
    return "torchvision does not fit the installed torch; install the versions in constraints.txt"


def download(name: str, folder: str) -> None:
    """Fetch one data set; only in a process of its own, because it may import PyTorch."""
    if name in ADDRESSES:
        return download_address(*ADDRESSES[name], Path(folder))
    return download_torchvision(name, folder)


def download_address(address: str, name: str, folder: Path) -> None:
    """Fetch one file with a progress bar.

    An archive is unpacked into `folder`, any other file is put into folder/name.
    """
    import tarfile
    import urllib.request

    from tqdm import tqdm

    file = folder / address.rpartition("/")[2]
    with urllib.request.urlopen(address, timeout=60) as answer, file.open("wb") as target:
        total = int(answer.headers.get("Content-Length") or 0)
        with tqdm(total=total or None, unit="B", unit_scale=True, desc=name) as bar:
            while piece := answer.read(CHUNK_BYTES):
                target.write(piece)
                bar.update(len(piece))
    if file.stat().st_size < total:
        raise OSError(f"the download ended after {file.stat().st_size} of {total} bytes")
    if file.name.endswith(".tar.gz"):
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")
        return file.unlink()
    (folder / name).mkdir()
    file.rename(folder / name / file.name)


def download_torchvision(name: str, folder: str) -> None:
    """Let torchvision fetch both splits."""
    if os.environ.get(DECLARE):
        import torch

        library = torch.library.Library("torchvision", "DEF")
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    from torchvision import datasets

    getattr(datasets, TORCHVISION[name][0])(folder, train=True, download=True)


if __name__ == "__main__":
    try:
        download(sys.argv[1], sys.argv[2])
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
        sys.exit(1)
