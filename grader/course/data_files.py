"""Reads the files that people keep their data in: NPZ, CSV, Parquet, folders of pictures or texts.

A part of a data set comes out as inputs and what belongs to each: the name of a class, or a number.
Inputs are uint8 pictures (n, h, w) or (n, h, w, 3), float32 rows (n, columns) or arrays of any
other shape, or an object array of n texts. Nothing is unpickled: an array of objects is refused.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.course.dataset_file import DatasetSpec
from grader.course.text_arrays import as_texts
from grader.errors import DataError

if TYPE_CHECKING:
    import pandas

TABLES = (".csv", ".tsv", ".parquet")
PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".pgm", ".ppm", ".tif", ".tiff"}
TEXTS = {".txt"}
INPUT_NAMES = ("inputs", "x", "X", "images", "data")
LABEL_NAMES = ("labels", "targets", "y", "Y", "target", "label")
SEPARATORS = (",", ";", "\t")
# Files that lie in folders without being data: what systems and people leave there.
BESIDE_DATA = {"readme", "readme.txt", "readme.md", "thumbs.db", "desktop.ini", ".ds_store"}


@dataclass(frozen=True)
class Part:
    """Examples as they were found.

    labels: the name of each one's class, or float32 numbers. columns: what a row's numbers are.
    """

    inputs: np.ndarray
    labels: list[str] | np.ndarray
    columns: tuple[str, ...] = ()


def read_part(path: Path, spec: DatasetSpec) -> Part:
    """Read a file or folder; DataError says what was found and what was expected."""
    if path.is_dir():
        return read_folder(path, spec)
    suffix = path.suffix.lower()
    if suffix == ".npz":
        return read_arrays(path, spec)
    if suffix in TABLES:
        return read_table(path, spec)
    raise DataError(
        f"{path} is a {suffix or 'file without a suffix'}; expected .npz, .csv, .tsv, .parquet, or "
        "a folder with a folder for each class"
    )


# Arrays.


def read_arrays(path: Path, spec: DatasetSpec) -> Part:
    """Read an NPZ with an array of inputs and one of labels or targets."""
    try:
        with np.load(path, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{path} cannot be read as an NPZ of plain arrays ({error}); write it with "
            "np.savez(path, inputs=..., labels=...)"
        ) from None
    inputs = array_called(arrays, INPUT_NAMES, path)
    labels = array_called(arrays, (spec.target or spec.label, *LABEL_NAMES), path)
    if len(inputs) != len(labels) or labels.ndim != 1:
        raise DataError(
            f"{path} has {len(inputs)} inputs and labels of shape {labels.shape}; expected one "
            "label for each input"
        )
    return Part(as_inputs(inputs, path), named_or_numbers(labels, spec, path))


def array_called(arrays: dict[str, np.ndarray], names: Sequence[str], path: Path) -> np.ndarray:
    """Return the first array that has one of these names."""
    for name in names:
        if name in arrays:
            return arrays[name]
    raise DataError(
        f"{path} has the arrays {', '.join(arrays) or 'none'}; expected one called "
        f"{' or '.join(dict.fromkeys(filter(None, names)))}"
    )


def as_inputs(array: np.ndarray, path: Path) -> np.ndarray:
    """Return inputs in one of the forms that travel: uint8 pictures, texts, or float32."""
    if array.dtype.kind == "U":
        return as_texts(array.tolist())
    if array.dtype == np.uint8 and is_picture_shape(array.shape):
        return np.ascontiguousarray(array)
    if array.dtype.kind not in "fiub" or array.ndim < 2:
        raise DataError(
            f"{path} has inputs of type {array.dtype} and shape {array.shape}; expected numbers of "
            "shape (n, ...), or n texts"
        )
    return finite(array.astype(np.float32), path)


def is_picture_shape(shape: tuple[int, ...]) -> bool:
    return len(shape) == 3 or (len(shape) == 4 and shape[3] == 3)


def finite(inputs: np.ndarray, path: Path) -> np.ndarray:
    """Return inputs if all of them are numbers; DataError names the first that is none."""
    bad = ~np.isfinite(inputs.reshape(len(inputs), -1)).all(axis=1)
    if bad.any():
        raise DataError(
            f"{path}: example {int(bad.argmax()) + 1} has a missing or infinite number, as have "
            f"{int(bad.sum())} in all; fill them in, or leave these examples out"
        )
    return inputs


def named_or_numbers(labels: np.ndarray, spec: DatasetSpec, path: Path) -> list[str] | np.ndarray:
    """Return labels as names of classes, or as float32 where they are numbers to be met."""
    if not spec.target:
        return [class_name(label, spec) for label in labels.tolist()]
    try:
        return finite(labels.astype(np.float32).reshape(-1, 1), path)[:, 0]
    except (TypeError, ValueError):
        raise DataError(
            f"{path}: the targets are {labels.dtype}, and not all of them are numbers"
        ) from None


def class_name(label: Any, spec: DatasetSpec) -> str:
    """Return the name of a class: whole numbers count through the names in dataset.toml."""
    is_whole = isinstance(label, int) or (isinstance(label, float) and label.is_integer())
    if is_whole and 0 <= label < len(spec.classes) and str(label) not in spec.classes:
        return spec.classes[int(label)]
    return str(int(label)) if is_whole else str(label)


# Tables.


def read_table(path: Path, spec: DatasetSpec) -> Part:
    """Read a table: one column has the label or target, the others are the inputs."""
    table = load_table(path)
    wanted = spec.target or spec.label
    if not wanted:
        raise DataError(
            f"{path} is a table, and dataset.toml names no column to be answered; add label = "
            '"..." for a class, or target = "..." for a number'
        )
    for name in (wanted, *spec.drop):
        if name not in table.columns:
            raise DataError(
                f"{path} has no column {name!r}; it has {', '.join(map(str, table.columns))}"
            )
    labels = named_or_numbers(table[wanted].to_numpy(), spec, path)
    inputs = table.drop(columns=[wanted, *spec.drop])
    return Part(table_inputs(inputs, path), labels, tuple(map(str, inputs.columns)))


def load_table(path: Path) -> pandas.DataFrame:
    """Return a table in whatever form it is kept; DataError where it cannot be read."""
    import pandas

    suffix = path.suffix.lower()
    try:
        if suffix == ".parquet":
            return pandas.read_parquet(path)
        return pandas.read_csv(path, sep=separator_of(path), encoding="utf-8-sig")
    except ImportError:
        raise DataError(
            f"{path} is a Parquet file, and the package that reads those is missing: "
            "pip install pyarrow"
        ) from None
    except (OSError, ValueError, pandas.errors.ParserError) as error:
        raise DataError(f"{path} cannot be read as a table: {error}") from None


def separator_of(path: Path) -> str:
    """Return what stands between columns: of the usual ones the most frequent in the heading.

    Where a comma stands in numbers, programs write a semicolon between columns.
    """
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        heading = file.readline()
    return max(SEPARATORS, key=heading.count)


def table_inputs(table: pandas.DataFrame, path: Path) -> np.ndarray:
    """Return a table's columns as inputs: one column of texts, or rows of numbers."""
    texts = [name for name in table.columns if table[name].dtype.kind not in "fiub"]
    if len(texts) == 1 and len(table.columns) == 1:
        return as_texts([str(text) for text in table[texts[0]]])
    if texts:
        raise DataError(
            f"{path}: column {texts[0]!r} holds texts, such as {table[texts[0]].iloc[0]!r}; turn "
            'it into numbers, or name it in dataset.toml: drop = ["..."]'
        )
    return finite(table.to_numpy(np.float32), path)


# Folders.


def read_folder(folder: Path, spec: DatasetSpec) -> Part:
    """Read a folder that has a folder of files for each class."""
    files = [path for path in sorted(folder.rglob("*")) if is_example(path)]
    kinds = {path.suffix.lower() for path in files}
    labels = []
    for path in files:
        if path.parent == folder:
            raise DataError(
                f"{path} lies in no class's folder; expected {folder.name}/CLASS/{path.name}"
            )
        labels.append(path.relative_to(folder).parts[0])
    if files and kinds <= TEXTS:
        return Part(as_texts([read_text(path) for path in files]), labels)
    if files and kinds <= PICTURES:
        return Part(read_pictures(files, spec), labels)
    found = ", ".join(sorted(kinds)) or "no files"
    raise DataError(
        f"{folder} holds {found}; expected a folder for each class with pictures "
        "(.png, .jpg ...) or texts (.txt) in it, and nothing else"
    )


def is_example(path: Path) -> bool:
    """Whether a file belongs to the data."""
    is_hidden = path.name.startswith(".")
    return path.is_file() and not is_hidden and path.name.lower() not in BESIDE_DATA


def read_text(path: Path) -> str:
    """Return a text file's content; DataError where it is not UTF-8."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8") from None


def read_pictures(files: Sequence[Path], spec: DatasetSpec) -> np.ndarray:
    """Return pictures of one size, uint8 (n, h, w) if they are grey, else (n, h, w, 3)."""
    pictures = [read_picture(path, spec) for path in files]
    first = pictures[0].shape
    for path, picture in zip(files, pictures, strict=True):
        if picture.shape != first:
            raise DataError(
                f"{path} has {picture.shape[0]} x {picture.shape[1]} pixels, {files[0]} has "
                f"{first[0]} x {first[1]}; add size = [height, width] to dataset.toml, and all are "
                "brought to it"
            )
    return np.stack(pictures)


def read_picture(path: Path, spec: DatasetSpec) -> np.ndarray:
    """Return one picture, uint8 (h, w) or (h, w, 3)."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            plain = image.convert("L" if spec.grey else "RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{path} cannot be read as a picture: {error}") from None
    if spec.size is not None:
        height, width = spec.size
        plain = plain.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(plain, dtype=np.uint8)
