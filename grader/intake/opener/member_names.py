"""The names of files that are handed in: which are kept, which are left out, how they are shown.

One rule for folders, zips and tars, so that whatever `grader submit` packs can be opened again.

**What a name may be.** Anything that a system and a learner can write: every script, joiners and
emoji, spaces, `?` and `:`, a leading dash. A name is kept as it is, because a program may open its
file by it. Four things are changed, and said: invisible characters go, a name too long for the disk
is cut, a suffix such as `.PY` becomes `.py`, and `.py.txt`, which browsers make, becomes `.py`.
Refused are names that trick whoever reads them (line ends, control characters, reversed text) and
paths that leave the archive. A drive letter and backslashes are how Windows writes a path below a
folder.

**What is left out** is what tools leave lying beside a solution, and data, which the grader gives.
A folder called `data` may also be a package: its own scripts and notebooks stay. And a folder
around everything else is no data, whatever it is called: many a homework lies in one called
`mnist`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from .refused import Refused

MAX_DEPTH = 20
# Most systems allow 255 bytes. What is left over is for the end of a name that is made of it.
MAX_NAME_BYTES = 240
SHOWN_NAME = 200
JOINERS = "\u200c\u200d"  # Persian, Hindi and composed emoji are not written without them
# They reverse or reorder what stands behind them; all other format characters only hide.
REORDERING = {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e"}
REFUSED_KINDS = {"Cc", "Cs", "Zl", "Zp"}  # control, half a pair, line and paragraph separators
DRIVE = re.compile(r"[A-Za-z]:")
SUFFIXES = (".py", ".ipynb", ".toml")
# What is put behind a suffix by a browser or an editor that took the file for a text.
AS_TEXT = re.compile(r"(\.py|\.ipynb)\.(?:txt|json)", re.IGNORECASE)

DATA_FOLDERS = {
    "aclimdb",
    "cifar-10-batches-py",
    "cifar10",
    "data",
    "dataset",
    "datasets",
    "fashionmnist",
    "mnist",
    "mnist_data",
    "tinyshakespeare",
}
LEFT_OUT = {
    "$recycle.bin",
    ".ds_store",
    ".fseventsd",
    ".git",
    ".hg",
    ".idea",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".pytest_cache",
    ".ruff_cache",
    ".spotlight-v100",
    ".svn",
    ".tox",
    ".trashes",
    ".venv",
    ".vs",
    ".vscode",
    "__macosx",
    "__pycache__",
    "desktop.ini",
    "ehthumbs.db",
    "icon\r",
    "lightning_logs",
    "mlruns",
    "node_modules",
    "results",
    "site",
    "thumbs.db",
    "venv",
    "wandb",
}
LEFT_OUT_BEGINNINGS = ("._", "~$", ".~lock.", ".nfs", ".fuse_hidden")
LEFT_OUT_ENDINGS = (".pyc", ".pyo", ".swp", ".swo", "~")
ENVIRONMENT_FILE = "pyvenv.cfg"  # in every virtual environment, whatever it is called
SHOWN_LEFT_OUT = 6


@dataclass(frozen=True)
class Omission:
    """Something that is left out: its path, and whether it is data."""

    path: str
    is_data: bool = False


def omission(
    parts: Sequence[str], environments: Collection[str] = (), around: int = 0
) -> Omission | None:
    """Return why a file is left out; None if it is kept.

    parts: its path. environments: paths of folders that are virtual environments. around: how many
    folders are around everything, and are kept whatever they are called.
    """
    for depth, part in enumerate(parts[around:], start=around + 1):
        path = "/".join(parts[:depth])
        if is_left_out(part) or path in environments:
            return Omission(path)
        is_own_code = depth == len(parts) - 1 and is_script(parts[-1])
        if depth < len(parts) and is_data_folder(part) and not is_own_code:
            return Omission(path, is_data=True)
    return None


def is_left_out(name: str) -> bool:
    """Whether a file or folder of this name is no part of a solution, wherever it lies."""
    folded = name.lower()
    beside = folded.startswith(LEFT_OUT_BEGINNINGS) or folded.endswith(LEFT_OUT_ENDINGS)
    return beside or folded in LEFT_OUT


def folders_around(paths: Iterable[Sequence[str]]) -> int:
    """Return how many folders are around all of these files, leftovers of systems not counted."""
    common: list[str] | None = None
    for parts in paths:
        if is_left_out(parts[0]) and parts[0].startswith((".", "_")):
            continue
        folders = list(parts[:-1])
        common = folders if common is None else shared_beginning(common, folders)
    return len(common or [])


def shared_beginning(one: Sequence[str], other: Sequence[str]) -> list[str]:
    shared = []
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        shared.append(first)
    return shared


def is_script(name: str) -> bool:
    """Whether a file is a script or a notebook by its name."""
    return with_plain_suffix(name).endswith((".py", ".ipynb"))


def is_data_folder(name: str) -> bool:
    """Whether a folder of this name holds data, which the grader provides."""
    return name.lower() in DATA_FOLDERS


def notes_on(omissions: Sequence[Omission]) -> list[str]:
    """Return a line for each data folder that is left out, and one for everything else."""
    once = dict.fromkeys(omissions)
    notes = [
        f"left out the folder {each.path}: the grader provides the data"
        for each in once
        if each.is_data
    ]
    others = [shown(each.path) for each in once if not each.is_data]
    if others:
        listed = ", ".join(others[:SHOWN_LEFT_OUT])
        more = len(others) - SHOWN_LEFT_OUT
        rest = f" and {more} more" if more > 0 else ""
        notes.append(f"left out, because it is no part of a solution: {listed}{rest}")
    return notes


def shown(name: str) -> str:
    """Return a name for a message: as it is, or with escapes where it could not be displayed."""
    cut = name[:SHOWN_NAME]
    return cut if cut.isprintable() else ascii(cut)


def parts_of(name: str, kind: str = "zip") -> list[str]:
    """Return the folders and the name in a member's path.

    kind: of the archive, for messages. Raises Refused where the path leads out of it.
    """
    problem = ""
    if "\0" in name:
        problem = "it holds the character NUL"
    plain = name.replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if plain.startswith("/"):
        problem = problem or "it begins at the root of a disk"
    elif ".." in parts:
        problem = problem or "it leads out by '..'"
    if len(parts) > 1 and DRIVE.fullmatch(parts[0]):
        parts = parts[1:]
    if problem or not parts:
        raise Refused(
            f"{name[:SHOWN_NAME]!a} is not a path inside the {kind}: "
            f"{problem or 'it names no file'}; use plain relative names"
        )
    return parts


def safe_path(parts: Sequence[str]) -> PurePosixPath:
    """Return a path with every name in the form that is kept. Raises Refused."""
    if len(parts) > MAX_DEPTH:
        raise Refused(
            f"{'/'.join(parts)[:SHOWN_NAME]!a} is nested more than {MAX_DEPTH} folders deep; hand "
            "in only the solution"
        )
    names = [safe_name(part) for part in parts]
    names[-1] = with_plain_suffix(names[-1])
    return PurePosixPath(*names)


def safe_name(part: str) -> str:
    """Return a file's or folder's name without what hides; cut if it is too long.

    Raises Refused for one that tricks whoever reads it.
    """
    for character in part:
        if unicodedata.category(character) in REFUSED_KINDS or character in REORDERING:
            raise Refused(
                f"the name {part[:SHOWN_NAME]!a} cannot be displayed, because it holds "
                f"{character_name(character)}; rename the file"
            )
    seen = "".join(filter(is_seen, part))
    if not seen.strip() or seen in (".", ".."):
        return "_"
    return cut_to_bytes(seen, MAX_NAME_BYTES)


def is_seen(character: str) -> bool:
    """Whether a character of a name stays: format characters hide, but for the joiners."""
    return character in JOINERS or unicodedata.category(character) != "Cf"


def character_name(character: str) -> str:
    """Return what Unicode calls a character, as "U+202E RIGHT-TO-LEFT OVERRIDE"."""
    if unicodedata.category(character) == "Cs":
        return "bytes that are no text"
    known = unicodedata.name(character, "")
    return f"U+{ord(character):04X} {known}".strip()


def cut_to_bytes(name: str, most: int) -> str:
    """Return a name of at most so many bytes; what is cut stands before the suffix."""
    if len(name.encode("utf-8", "surrogateescape")) <= most:
        return name
    suffix = PurePosixPath(name).suffix
    suffix = suffix if len(suffix) <= len(".safetensors") else ""
    stem = name.removesuffix(suffix)
    room = most - len(suffix.encode("utf-8", "replace"))
    return stem.encode("utf-8", "replace")[:room].decode("utf-8", "ignore") + suffix


def with_plain_suffix(name: str) -> str:
    """Return a name whose suffix is written as Python looks for it: `.py`, not `.PY`."""
    as_text = AS_TEXT.search(name)
    if as_text and as_text.end() == len(name):
        name = name[: as_text.end(1)]
    suffix = PurePosixPath(name).suffix
    if suffix.lower() in SUFFIXES:
        return name.removesuffix(suffix) + suffix.lower()
    return name


def renamed_note(before: str, after: str) -> str:
    """Return what to say about a file that is called otherwise here than where it came from."""
    return f"{shown(before)} is called {after} here"
