"""Answers `datasets.load_dataset("imdb")` with the grader's training data.

Boxes hold no package `datasets`, so a module of that name is made when it is imported: tables of
columns with what tutorials do to them. Where the real package is installed, it is used, and only
`load_dataset` is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any, cast

import numpy as np

from .frames import Trouble
from .loaders import NotThisTask, given
from .problem import Problem

NAMES = {"imdb": "imdb", "stanfordnlp/imdb": "imdb"}
CLASS_NAMES = ["neg", "pos"]
PART = re.compile(r"(train|test)(?:\[(-?\d+%?)?:(-?\d+%?)?\])?")
MAP_BATCH = 1000
Columns = dict[str, list[Any]]


def not_covered(what: str) -> Problem:
    return Problem(
        Trouble.NOT_DEFINED,
        f"the package `datasets` is not in this box; what stands in for it has no {what}. "
        'It gives load_dataset("imdb"), and its tables have map, filter, shuffle, select and train_test_split.',
    )


def answer(module: ModuleType) -> None:
    """Fill the stand-in, or replace `load_dataset` of the real package."""
    real: Any = getattr(module, "Dataset", None)
    if hasattr(module, "load_dataset") and hasattr(real, "from_dict"):
        module.__dict__["load_dataset"] = lambda *names, **options: loaded(
            real.from_dict, module.__dict__["DatasetDict"], *names, **options
        )
    elif module.__spec__ is not None and not module.__spec__.origin:

        def load_dataset(*names: Any, **options: Any) -> Any:
            return loaded(Dataset, DatasetDict, *names, **options)

        def missing(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            raise not_covered(name)

        module.__dict__.update(
            load_dataset=load_dataset,
            Dataset=Dataset,
            DatasetDict=DatasetDict,
            ClassLabel=ClassLabel,
            Value=Value,
        )
        module.__dict__["__getattr__"] = missing


def loaded(
    table: Callable[[Columns], Any],
    several: Callable[[dict[str, Any]], Any],
    path: str,
    name: str | None = None,
    split: Any = None,
    **_: Any,
) -> Any:
    """Return what `load_dataset(path, split=split)` gives: a table, a list of them, or all of them
    by name.
    """
    if path not in NAMES:
        raise NotThisTask(
            f'the script asks for load_dataset("{path}"); this task gives {given().dataset}'
        )

    def whole(part: str) -> Columns:
        texts, labels = given().ask(NAMES[path], part == "train")
        return {"text": list(texts), "label": labels.tolist()}

    def one(wanted: str) -> Any:
        found: Columns = {"text": [], "label": []}
        for piece in wanted.split("+"):
            match = PART.fullmatch(piece.strip())
            if match is None:
                has = "it has train and test, whole or cut as in train[:1000] or train[:10%]"
                raise not_covered(f"split {wanted!r}; {has}")
            columns = whole(match[1])
            cut = slice(*(place_in(len(columns["label"]), bound) for bound in match.groups()[1:]))
            for column in found:
                found[column] += columns[column][cut]
        return table(found)

    if split is None:
        return several({part: one(part) for part in ("train", "test")})
    if isinstance(split, list | tuple):
        return [one(str(each)) for each in split]
    return one(str(split))


def place_in(count: int, bound: str | None) -> int | None:
    """Return a bound of a cut as a row: "100" or "10%"."""
    if bound is None:
        return None
    return round(count * int(bound[:-1]) / 100) if bound.endswith("%") else int(bound)


class Value:
    """A column's type, for display."""

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    def __repr__(self) -> str:
        return f"Value({self.dtype!r})"


class ClassLabel(Value):
    """The column of labels: what they are called."""

    def __init__(
        self, num_classes: int | None = None, names: Sequence[str] = tuple(CLASS_NAMES)
    ) -> None:
        super().__init__("int64")
        self.names = list(names)
        self.num_classes = num_classes or len(self.names)

    def int2str(self, label: int) -> str:
        return self.names[label]

    def str2int(self, name: str) -> int:
        return self.names.index(name)


class Dataset:
    """A table of columns of equal length. Methods return new tables, as the real one's do."""

    def __init__(
        self, columns: Columns, form: str | None = None, shown: Sequence[str] | None = None
    ) -> None:
        self._columns = columns
        self._form, self._shown = form, shown

    from_dict = classmethod(
        lambda cls, columns: cls({name: list(values) for name, values in columns.items()})
    )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise not_covered(f"Dataset.{name}")

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), []))

    def __repr__(self) -> str:
        return f"Dataset({{features: {self.column_names}, num_rows: {len(self)}}})"

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (self[place] for place in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self._formed(self._columns[key])
        shown = [name for name in self._columns if self._shown is None or name in self._shown]
        if isinstance(key, int | np.integer):
            return {name: self._formed(self._columns[name][int(key)]) for name in shown}
        places = range(len(self))[key] if isinstance(key, slice) else [int(each) for each in key]
        return {
            name: self._formed([self._columns[name][place] for place in places]) for name in shown
        }

    def _formed(self, value: Any) -> Any:
        """Return numbers as what `with_format` asked for; texts stay."""
        if self._form is None or np.asarray(value).dtype.kind not in "bif":
            return value
        if self._form == "torch":
            import torch

            return torch.tensor(value)
        return np.asarray(value)

    def _like(self, columns: Columns) -> Dataset:
        return Dataset(columns, self._form, self._shown)

    @property
    def column_names(self) -> list[str]:
        return list(self._columns)

    @property
    def num_rows(self) -> int:
        return len(self)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self), len(self._columns)

    @property
    def features(self) -> dict[str, Value]:
        kinds = {str: "string", int: "int64", float: "float64", bool: "bool"}
        return {
            name: ClassLabel()
            if name == "label"
            else Value(kinds.get(type(values[0]) if values else str, "list"))
            for name, values in self._columns.items()
        }

    def select(self, indices: Any) -> Dataset:
        places = [int(place) for place in indices]
        return self._like(
            {name: [values[place] for place in places] for name, values in self._columns.items()}
        )

    def take(self, n: int) -> Dataset:
        return self.select(range(min(n, len(self))))

    def skip(self, n: int) -> Dataset:
        return self.select(range(n, len(self)))

    def shuffle(self, seed: int | None = None, **_: Any) -> Dataset:
        order = np.random.default_rng(seed).permutation(len(self)) if seed is not None else None
        return self.select(np.random.permutation(len(self)) if order is None else order)

    def train_test_split(
        self,
        test_size: Any = 0.25,
        train_size: Any = None,
        shuffle: bool = True,
        seed: int | None = None,
        **_: Any,
    ) -> DatasetDict:
        """Return two tables, train and test; sizes are numbers of rows or shares."""
        count = len(self)
        test = (
            count - size_of(train_size, count)
            if train_size is not None
            else size_of(test_size, count)
        )
        whole = self.shuffle(seed) if shuffle else self
        return DatasetDict(train=whole.take(count - test), test=whole.skip(count - test))

    def map(
        self,
        function: Callable[..., Any],
        with_indices: bool = False,
        batched: bool = False,
        batch_size: int | None = MAP_BATCH,
        remove_columns: str | Sequence[str] | None = None,
        input_columns: str | Sequence[str] | None = None,
        **_: Any,
    ) -> Dataset:
        """Return a table with the columns that `function` returns for a row, or for a batch of
        rows.
        """
        plain = Dataset(self._columns)
        removed = (
            [remove_columns] if isinstance(remove_columns, str) else list(remove_columns or ())
        )
        step = (batch_size or len(self) or 1) if batched else 1
        made: Columns = {}
        for start in range(0, len(self), step):
            part: Any = plain[start : start + step] if batched else plain[start]
            arguments = [part]
            if input_columns is not None:
                names = [input_columns] if isinstance(input_columns, str) else input_columns
                arguments = [part[name] for name in names]
            if with_indices:
                arguments.append(list(range(len(self)))[start : start + step] if batched else start)
            result = function(*arguments)
            kept = {name: values for name, values in part.items() if name not in removed}
            for name, values in (kept | dict(result or {})).items():
                made.setdefault(name, []).extend(values if batched else [values])
        return self._like(made)

    def filter(self, function: Callable[..., Any], batched: bool = False, **_: Any) -> Dataset:
        plain = Dataset(self._columns)
        kept = function(plain[:]) if batched else [function(row) for row in plain]
        return self.select(np.flatnonzero(np.asarray(kept, dtype=bool)))

    def with_format(
        self, type: str | None = None, columns: Sequence[str] | None = None, **_: Any
    ) -> Dataset:
        if type not in (None, "torch", "numpy", "np", "python"):
            raise not_covered(f"format {type!r}; it has torch and numpy")
        return Dataset(self._columns, None if type == "python" else type, columns)

    def set_format(
        self, type: str | None = None, columns: Sequence[str] | None = None, **_: Any
    ) -> None:
        changed = self.with_format(type, columns)
        self._form, self._shown = changed._form, changed._shown

    def remove_columns(self, column_names: str | Sequence[str]) -> Dataset:
        gone = [column_names] if isinstance(column_names, str) else column_names
        return self._like(
            {name: values for name, values in self._columns.items() if name not in gone}
        )

    def rename_column(self, original_column_name: str, new_column_name: str) -> Dataset:
        new = {original_column_name: new_column_name}
        return self._like({new.get(name, name): values for name, values in self._columns.items()})

    def add_column(self, name: str, column: Sequence[Any], **_: Any) -> Dataset:
        return self._like(self._columns | {name: list(column)})

    def unique(self, column: str) -> list[Any]:
        return list(dict.fromkeys(self._columns[column]))

    def to_dict(self) -> Columns:
        return {name: list(values) for name, values in self._columns.items()}

    def to_pandas(self) -> Any:
        import pandas

        return pandas.DataFrame(self._columns)


def size_of(size: Any, count: int) -> int:
    return round(size * count) if isinstance(size, float) else int(size)


class DatasetDict(dict[str, Any]):
    """Tables by name; what is done to it is done to each."""

    def __getattr__(self, name: str) -> Any:
        if name in ("map", "filter", "shuffle", "with_format", "remove_columns", "rename_column"):
            return lambda *values, **options: DatasetDict(
                {key: getattr(table, name)(*values, **options) for key, table in self.items()}
            )
        if name in ("column_names", "num_rows", "shape"):
            return {key: getattr(table, name) for key, table in self.items()}
        if name.startswith("_"):
            raise AttributeError(name)
        raise not_covered(f"DatasetDict.{name}")

    def set_format(self, *values: Any, **options: Any) -> None:
        for table in self.values():
            cast(Dataset, table).set_format(*values, **options)
