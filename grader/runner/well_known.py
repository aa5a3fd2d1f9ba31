"""The addresses and files by which programs get this course's data sets, answered with the task's.

A box has no network. `keras.utils.get_file`, `urllib.request`, `requests` and `torch.hub` are given
the files that the publishers offer, made from the task's training data: MNIST's NPZ and IDX files,
CIFAR-10's batches, the folders of the film reviews, the text by Shakespeare. Any other address is
refused with what the task offers in its place, and so is a file of a competition that isn't there.
"""

from __future__ import annotations

import builtins
import io
import os
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import imports, problem, published_files
from .frames import Trouble
from .given_data import GIVEN
from .notes import note
from .problem import Problem

ADVICE = {  # data set -> the loaders that give it
    "mnist": "torchvision.datasets.MNIST, keras.datasets.mnist, load_dataset('mnist'), "
    "fetch_openml('mnist_784') or train(data)",
    "fashion-mnist": "torchvision.datasets.FashionMNIST, keras.datasets.fashion_mnist, "
    "load_dataset('fashion_mnist') or train(data)",
    "cifar10": "torchvision.datasets.CIFAR10, keras.datasets.cifar10, load_dataset('cifar10') "
    "or train(data)",
    "imdb": "keras.datasets.imdb, load_dataset('imdb'), the folder aclImdb or train(data)",
    "digits": "sklearn.datasets.load_digits or train(data)",
    "diabetes": "sklearn.datasets.load_diabetes or train(data)",
    "tiny-shakespeare": "the file input.txt or train(data)",
}


class NoNetwork(Problem):
    """Something asked for an address."""


def watch() -> None:
    """Answer downloads from now on, and say of others how the task gives its data."""
    problem.ADVICE[:] = [advice]
    urllib.request.urlopen = urlopen  # type: ignore[assignment]
    urllib.request.urlretrieve = urlretrieve  # type: ignore[assignment]
    imports.after_import("keras.src.utils.file_utils", answer_get_file)
    imports.after_import("requests", answer_requests)
    imports.after_import("torch.hub", answer_hub)
    imports.after_import("torch", answer_save)
    answer_missing_files()


def dataset() -> str:
    """Return the name of the task's data set; empty before any training."""
    if published_files.TEXT:
        return "tiny-shakespeare"
    return GIVEN[0].dataset if GIVEN else ""


def advice() -> str:
    """Say that a box has no network, and how this task gives its data."""
    name = dataset()
    ways = ADVICE.get(name, "train(data)")
    return f"a box has no network; this task gives its data ({name or 'none'}) through {ways}"


def content_of(address: Any) -> bytes:
    """Return what an address of a publisher gives; NoNetwork for any other one."""
    address = str(getattr(address, "full_url", address))
    found = published_files.at(address)
    if found is None:
        raise NoNetwork(Trouble.NOT_DEFINED, f"the program asks for {address[:120]}: {advice()}")
    return found


def urlopen(address: Any, *_: Any, **__: Any) -> Any:
    """Stand in for urllib.request.urlopen."""
    if str(getattr(address, "full_url", address)).startswith("file:"):
        return urllib.request.build_opener().open(address)
    return Answer(content_of(address))


class Answer(io.BytesIO):
    """What urlopen returns: bytes with a status."""

    status = code = 200
    headers: dict[str, str] = {}  # noqa: RUF012 - nobody changes it

    def info(self) -> dict[str, str]:
        return {}

    def getcode(self) -> int:
        return 200


def urlretrieve(address: Any, filename: Any = None, *_: Any, **__: Any) -> Any:
    """Stand in for urllib.request.urlretrieve."""
    path = Path(filename or Path(str(address)).name)
    path.write_bytes(content_of(address))
    return str(path), {}


def answer_requests(module: Any) -> None:
    """Let `requests.get` give what publishers offer."""

    class Response:
        status_code = 200
        ok = True
        headers: dict[str, str] = {}  # noqa: RUF012 - nobody changes it

        def __init__(self, content: bytes) -> None:
            self.content = content
            self.raw = io.BytesIO(content)

        @property
        def text(self) -> str:
            return self.content.decode("utf-8", "replace")

        def iter_content(self, chunk_size: int = 1 << 16, **_: Any) -> Any:
            whole = self.content
            size = chunk_size or len(whole) or 1
            return (whole[start : start + size] for start in range(0, len(whole), size))

        def raise_for_status(self) -> None:
            return None

        def close(self) -> None:
            return None

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: Any) -> None:
            return None

    def get(url: Any, *_: Any, **__: Any) -> Any:
        return Response(content_of(url))

    def session_get(self: Any, url: Any, *_: Any, **__: Any) -> Any:
        return get(url)

    module.get = module.api.get = get
    module.Session.get = session_get


def answer_get_file(module: Any) -> None:
    """Let Keras' get_file give files and folders made of the task's data."""
    module.get_file = get_file


def get_file(
    fname: Any = None,
    origin: Any = None,
    untar: bool = False,
    cache_dir: Any = None,
    cache_subdir: str = "datasets",
    extract: bool = False,
    **_: Any,
) -> str:
    """Stand in for keras.utils.get_file; returns a path, below the program's own folder."""
    address = str(origin or fname)
    base = Path(cache_dir or ".keras").expanduser() / (cache_subdir or "")
    base = Path.cwd() / base
    base.mkdir(parents=True, exist_ok=True)
    name = Path(str(fname)).name if fname else Path(address).name
    if published_files.is_reviews(address):
        return folder_of_reviews(base, name, is_unpacked=untar or extract)
    path = base / name
    path.write_bytes(content_of(address))
    return str(path)


def folder_of_reviews(base: Path, name: str, *, is_unpacked: bool) -> str:
    """Lay out aclImdb where old and new versions of Keras unpack it, and return their path.

    Old ones unpack beside the file and return its name without suffixes; programs then take the
    folder's parent. Since Keras 3 the path is a folder of the file's name, with aclImdb in it.
    """
    stem = name.removesuffix(".gz").removesuffix(".tar").removesuffix(".tgz")
    published_files.write_reviews(base / "aclImdb")
    if not is_unpacked:
        return str(base / name)
    target = base / stem
    if target.name == "aclImdb":
        target = base / "aclImdb_extracted"
    target.mkdir(exist_ok=True)
    link = target / "aclImdb"
    if not link.exists():
        os.symlink(base / "aclImdb", link, target_is_directory=True)
    return str(target)


def answer_hub(module: Any) -> None:
    """Let torch.hub say that there are no weights to be had."""

    def refuse(what: Any, *_: Any, **__: Any) -> Any:
        raise NoNetwork(
            Trouble.NOT_DEFINED,
            f"the program downloads trained weights ({str(what)[:100]}): a box has no network, so "
            "no pretrained weights; use weights=None and train from the beginning",
        )

    def download(url: str, dst: str, *_: Any, **__: Any) -> None:
        Path(dst).write_bytes(content_of(url))

    module.load_state_dict_from_url = refuse
    module.load = refuse
    module.download_url_to_file = download


def answer_missing_files() -> None:
    """Let a file that isn't there be one that a loader would have left, or the task's text."""
    real = builtins.open

    def opened(file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        try:
            return real(file, mode, *arguments, **options)
        except FileNotFoundError:
            is_there_now = lay_down(file, real) if "r" in mode else make_parent(file)
            if not is_there_now:
                raise
            return real(file, mode, *arguments, **options)

    builtins.open = opened
    io.open = opened


def make_parent(file: Any) -> bool:
    """Make the folder of a file that is to be written below the program's own; return if it was.

    Many programs come with an empty folder for their results, which gets lost on the way.
    """
    try:
        parent = Path(os.fspath(file)).resolve().parent
    except TypeError:
        return False
    if parent.exists() or not parent.is_relative_to(Path.cwd()):
        return False
    parent.mkdir(parents=True, exist_ok=True)
    return True


def answer_save(torch: Any) -> None:
    """Let torch.save make the folder that it writes into."""
    save = torch.save

    def saved(obj: Any, f: Any, *arguments: Any, **options: Any) -> Any:
        make_parent(f)
        return save(obj, f, *arguments, **options)

    torch.save = saved


def lay_down(file: Any, real_open: Callable[..., Any]) -> bool:
    """Write a missing file that the task's data has the content of; return whether it has."""
    try:
        path = os.fspath(file)
    except TypeError:
        return False
    if not isinstance(path, str) or not Path(path).resolve().is_relative_to(Path.cwd()):
        return False  # libraries look for files of their own
    content = published_files.content_of_path(path)
    if content is None and published_files.TEXT and path.endswith(".txt"):
        content = published_files.TEXT[0].encode("utf-8")
        note(f"{path[:80]} is not there; the program was given the task's text in its place")
    if content is None:
        return False
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with real_open(path, "wb") as target:
        target.write(content)
    return True
