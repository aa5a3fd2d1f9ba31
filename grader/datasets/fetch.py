"""Fetch a dataset with its publisher's own tool: run as a program in a process of its own.

`python -m grader.datasets.fetch NAME FOLDER`. torchvision downloads, shows progress and checks checksums; it needs
PyTorch, which the grader itself never imports. Everything goes into a hidden folder beside and is renamed at the
end, so that a broken download leaves nothing that looks complete.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from grader.datasets.dataset import DatasetModule, find_dataset
from grader.errors import DataError

TORCHVISION = {"mnist": ("MNIST", "MNIST"), "fashion-mnist": ("FashionMNIST", "FashionMNIST")}
MISSING_OPERATOR = "operator torchvision::nms does not exist"
DECLARE = "GRADER_DECLARE_TORCHVISION"
LAST_LINES = 3


def fetch(name: str, folder: Path) -> DatasetModule:
    """Download a dataset into `folder` unless it is there already, and check it; DataError says why it failed."""
    module = find_dataset(name)
    try:
        module.load(folder)
        return module
    except DataError:
        pass
    if name not in TORCHVISION:
        return module
    partial = folder / f".{name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        complaint = run_child(name, partial) or what_is_wrong(module, partial)
        target = folder / TORCHVISION[name][1]
        if complaint:
            raise DataError(
                f"{name} could not be downloaded: {complaint}. Without a network, copy it into {target} in "
                "torchvision's layout, or name a folder that has it in GRADER_DATA. Nothing half-written was left."
            )
        shutil.rmtree(target, ignore_errors=True)
        (partial / TORCHVISION[name][1]).rename(target)
    except OSError as error:
        raise DataError(f"cannot write {folder}: {error.strerror or error}; choose another with GRADER_DATA") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return module


def what_is_wrong(module: DatasetModule, folder: Path) -> str:
    """Return why what was downloaded is not the dataset, or an empty text."""
    try:
        module.load(folder)
    except DataError as error:
        return f"what came is not what was published ({error})"
    return ""


def run_child(name: str, folder: Path) -> str:
    """Run this file as a program; returns its complaint, or an empty text. Its progress goes to our standard error."""
    command = [sys.executable, "-m", "grader.datasets.fetch", name, str(folder)]
    for extra in ({}, {DECLARE: "1"}):
        done = subprocess.run(command, stdout=subprocess.PIPE, env=os.environ | extra, check=False, text=True)
        if done.returncode == 0:
            return ""
        said = [line for line in done.stdout.splitlines() if line.strip()][-LAST_LINES:]
        if MISSING_OPERATOR not in done.stdout:
            return " ".join(said) or f"the downloader ended with code {done.returncode}"
    return "torchvision does not fit the installed torch; install the versions in constraints.txt"


def download(name: str, folder: str) -> None:
    """Let torchvision fetch both splits. In a process of its own only."""
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
