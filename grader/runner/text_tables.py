"""Tables of columns that stand in for those of the package `datasets`.

They have what tutorials do to them: map, filter, shuffle, select, train_test_split, formats. What
they have not says so, instead of failing later in a way nobody understands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import numpy as np

from .frames import Trouble
from .problem import Problem

CLASS_NAMES_OF_TEXTS = ["neg", "pos"]
MAP_BATCH = 1000
TYPES = {str: "string", int: "int64", float: "float64", bool: "bool"}
FORMATS = (None, "torch", "numpy", "np", "python")
ON_EACH_TABLE = (
    "map",
    "filter",
    "shuffle",
    "with_format",
    "with_transform",
    "remove_columns",
    "rename_column",
    "rename_columns",
    "select_columns",
    "cast_column",
    "sort",
)
OF_EACH_TABLE = ("column_names", "num_rows", "shape")

Columns = dict[str, list[Any]]


class NotCovered(Problem, AttributeError):
    """Something that these tables lack; `hasattr` understands it."""


def not_covered(what: str) -> Problem:
    """Return what to say where a script asks for something that these tables lack."""
    return NotCovered(
        Trouble.NOT_DEFINED,
        f"the package `datasets` is not in this box; its stand-in has no {what}. "
        "The stand-in offers load_dataset with tables that have map, filter, shuffle, select, "
        "with_transform and train_test_split.",
    )


def names_of_classes() -> list[str]:
    """Return what the classes of the task's data are called."""
    from .given_data import GIVEN
    from .torchvision_loaders import CLASS_NAMES

    dataset = GIVEN[0].dataset if GIVEN else ""
    if dataset == "mnist":
        return [str(digit) for digit in range(10)]
    return list(CLASS_NAMES.get(dataset, CLASS_NAMES_OF_TEXTS))


class Value:
    """A column's type, for display."""

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    def __repr__(self) -> str:
        return f"Value({self.dtype!r})"


class ClassLabel(Value):
    """The column of labels: what they are called."""

    def __init__(
        self, num_classes: int | None = None, names: Sequence[str] = tuple(CLASS_NAMES_OF_TEXTS)
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
        self,
        columns: Columns,
        form: str | None = None,
        shown: Sequence[str] | None = None,
        transform: Callable[..., Any] | None = None,
    ) -> None:
        self._columns = columns
        self._form = form
        self._shown = shown
        self._transform = transform  # applied to rows as columns, when they are taken

    @classmethod
    def from_dict(cls, columns: Columns) -> Dataset:
        return cls({name: list(values) for name, values in columns.items()})

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
        """Return a column by name, a row by number, or several rows as columns."""
        if isinstance(key, str):
            return self._formed(self._columns[key])
        shown = [name for name in self._columns if self._shown is None or name in self._shown]
        if isinstance(key, int | np.integer):
            row = {name: self._columns[name][int(key)] for name in shown}
            if self._transform is not None:
                made = self._transform({name: [value] for name, value in row.items()})
                return {name: values[0] for name, values in made.items()}
            return {name: self._formed(value) for name, value in row.items()}
        places = range(len(self))[key] if isinstance(key, slice) else [int(each) for each in key]
        rows: dict[str, Any] = {}
        for name in shown:
            values = self._columns[name]
            rows[name] = [values[place] for place in places]
        if self._transform is not None:
            return self._transform(rows)
        return {name: self._formed(values) for name, values in rows.items()}

    def _formed(self, value: Any) -> Any:
        """Return numbers and pictures as what `with_format` asked for; texts stay."""
        if self._form is None:
            return value
        is_several = isinstance(value, list) and bool(value)
        if is_picture(value[0] if is_several else value):
            return self._pictures(value if is_several else [value], is_several)
        if np.asarray(value).dtype.kind not in "bif":
            return value
        if self._form == "torch":
            import torch

            return torch.tensor(value)
        return np.asarray(value)

    def _pictures(self, pictures: list[Any], is_several: bool) -> Any:
        """Return pictures as uint8 arrays, or as tensors with channels first."""
        arrays = np.stack([np.asarray(each) for each in pictures])
        made: Any = arrays
        if self._form == "torch":
            import torch

            tensor = torch.from_numpy(arrays)
            made = tensor.unsqueeze(1) if arrays.ndim == 3 else tensor.permute(0, 3, 1, 2)
        return made if is_several else made[0]

    def _like(self, columns: Columns) -> Dataset:
        """Return a table with other columns, in the same format."""
        return Dataset(columns, self._form, self._shown, self._transform)

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
        return {name: type_of(name, values) for name, values in self._columns.items()}

    def select(self, indices: Any) -> Dataset:
        places = [int(place) for place in indices]
        columns: Columns = {}
        for name, values in self._columns.items():
            columns[name] = [values[place] for place in places]
        return self._like(columns)

    def take(self, n: int) -> Dataset:
        return self.select(range(min(n, len(self))))

    def skip(self, n: int) -> Dataset:
        return self.select(range(n, len(self)))

    def shuffle(self, seed: int | None = None, **_: Any) -> Dataset:
        if seed is None:
            return self.select(np.random.permutation(len(self)))
        return self.select(np.random.default_rng(seed).permutation(len(self)))

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
        if train_size is None:
            train = count - size_of(test_size, count)
        else:
            train = size_of(train_size, count)
        whole = self.shuffle(seed) if shuffle else self
        return DatasetDict(train=whole.take(train), test=whole.skip(train))

    def map(
        self,
        function: Callable[..., Any],
        with_indices: bool = False,
        batched: bool = False,
        batch_size: int | None = MAP_BATCH,
        remove_columns: str | Sequence[str] | None = None,
        input_columns: str | Sequence[str] | None = None,
        fn_kwargs: dict[str, Any] | None = None,
        **_: Any,
    ) -> Dataset:
        """Return a table with the columns that `function` returns for a row, or for a batch."""
        options = fn_kwargs or {}
        plain = Dataset(self._columns)
        removed = as_names(remove_columns)
        made: Columns = {}
        for key in self._keys(batched, batch_size):
            part = plain[key]
            arguments = [part]
            if input_columns is not None:
                arguments = [part[name] for name in as_names(input_columns)]
            if with_indices:
                arguments.append(list(range(len(self)))[key] if batched else key)
            result = function(*arguments, **options)
            columns = {name: values for name, values in part.items() if name not in removed}
            columns |= dict(result or {})
            for name, values in columns.items():
                made.setdefault(name, []).extend(values if batched else [values])
        return self._like(made)

    def _keys(self, batched: bool, batch_size: int | None) -> Iterator[Any]:
        """Yield the numbers of all rows, or slices of a batch each."""
        if not batched:
            yield from range(len(self))
            return
        step = batch_size or len(self) or 1
        for start in range(0, len(self), step):
            yield slice(start, start + step)

    def filter(
        self,
        function: Callable[..., Any],
        batched: bool = False,
        fn_kwargs: dict[str, Any] | None = None,
        **_: Any,
    ) -> Dataset:
        options = fn_kwargs or {}
        plain = Dataset(self._columns)
        if batched:
            kept = function(plain[:], **options)
        else:
            kept = [function(row, **options) for row in plain]
        return self.select(np.flatnonzero(np.asarray(kept, dtype=bool)))

    def with_format(
        self, type: str | None = None, columns: Sequence[str] | None = None, **_: Any
    ) -> Dataset:
        if type not in FORMATS:
            raise not_covered(f"format {type!r}, only torch and numpy")
        return Dataset(self._columns, None if type == "python" else type, columns)

    def set_format(
        self, type: str | None = None, columns: Sequence[str] | None = None, **_: Any
    ) -> None:
        changed = self.with_format(type, columns)
        self._form = changed._form
        self._shown = changed._shown

    def with_transform(self, transform: Callable[..., Any] | None, *_: Any, **__: Any) -> Dataset:
        return Dataset(self._columns, self._form, self._shown, transform)

    def set_transform(self, transform: Callable[..., Any] | None, *_: Any, **__: Any) -> None:
        self._transform = transform

    def to_list(self) -> list[dict[str, Any]]:
        return list(Dataset(self._columns))

    def iter(self, batch_size: int, drop_last_batch: bool = False) -> Iterator[dict[str, Any]]:
        for start in range(0, len(self), batch_size):
            if not drop_last_batch or start + batch_size <= len(self):
                yield self[start : start + batch_size]

    def cast_column(self, *_: Any, **__: Any) -> Dataset:
        return self

    def sort(self, column_names: str | Sequence[str], reverse: bool = False, **_: Any) -> Dataset:
        name = as_names(column_names)[0]
        values = self._columns[name]
        order = sorted(range(len(self)), key=lambda place: values[place], reverse=reverse)
        return self.select(order)

    def shard(self, num_shards: int, index: int, **_: Any) -> Dataset:
        return self.select(range(index, len(self), num_shards))

    def remove_columns(self, column_names: str | Sequence[str]) -> Dataset:
        gone = as_names(column_names)
        return self._like(
            {name: values for name, values in self._columns.items() if name not in gone}
        )

    def rename_column(self, original_column_name: str, new_column_name: str) -> Dataset:
        new = {original_column_name: new_column_name}
        return self._like({new.get(name, name): values for name, values in self._columns.items()})

    def rename_columns(self, column_mapping: dict[str, str]) -> Dataset:
        return self._like(
            {column_mapping.get(name, name): values for name, values in self._columns.items()}
        )

    def select_columns(self, column_names: str | Sequence[str]) -> Dataset:
        kept = as_names(column_names)
        return self._like({name: self._columns[name] for name in kept})

    def add_column(self, name: str, column: Sequence[Any], **_: Any) -> Dataset:
        return self._like(self._columns | {name: list(column)})

    def unique(self, column: str) -> list[Any]:
        return list(dict.fromkeys(self._columns[column]))

    def to_dict(self) -> Columns:
        return {name: list(values) for name, values in self._columns.items()}

    def to_pandas(self) -> Any:
        import pandas

        return pandas.DataFrame(self._columns)


class DatasetDict(dict[str, Any]):
    """Tables by name; what is done to it is done to each."""

    def __getattr__(self, name: str) -> Any:
        if name in ON_EACH_TABLE:
            return lambda *values, **options: DatasetDict(
                {key: getattr(table, name)(*values, **options) for key, table in self.items()}
            )
        if name in OF_EACH_TABLE:
            return {key: getattr(table, name) for key, table in self.items()}
        if name.startswith("_"):
            raise AttributeError(name)
        raise not_covered(f"DatasetDict.{name}")

    def set_format(self, *values: Any, **options: Any) -> None:
        for table in self.values():
            cast(Dataset, table).set_format(*values, **options)

    def set_transform(self, *values: Any, **options: Any) -> None:
        for table in self.values():
            cast(Dataset, table).set_transform(*values, **options)


def is_picture(value: Any) -> bool:
    """Whether a value is one of Pillow's pictures."""
    return hasattr(value, "getpixel")


def as_names(names: str | Sequence[str] | None) -> Sequence[str]:
    """Return one name, several or none as a sequence of them."""
    if names is None:
        return []
    return [names] if isinstance(names, str) else names


def size_of(size: Any, count: int) -> int:
    """Return a number of rows, or a share of a count, as a number of rows."""
    return round(size * count) if isinstance(size, float) else int(size)


def type_of(name: str, values: list[Any]) -> Value:
    """Return the type of a column, by its first value."""
    if name == "label":
        return ClassLabel(names=names_of_classes())
    if not values:
        return Value("string")
    return Value(TYPES.get(type(values[0]), "list"))
