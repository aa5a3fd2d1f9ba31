"""Answers scikit-learn's loaders of the grader's data sets with the task's training data.

`load_digits()` and `load_diabetes()` read files that come with scikit-learn, hidden examples
included: with them, a script that splits "the digits" for itself has trained on what it is asked,
and nobody meant to cheat. So both give the training part, in scikit-learn's shapes, types and
units. `fetch_openml("mnist_784")` and its like give it too and download nothing. A box without
scikit-learn has stand-ins for these and for `train_test_split`, which tutorials use beside them.

In a plain process nothing keeps a program from opening the file itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import numpy as np

from . import imports
from .frames import Trouble
from .given_data import NotThisTask, given
from .problem import Problem

DIGITS = "digits"
DIABETES = "diabetes"
GREY_LEVELS = 16  # scikit-learn's digits are whole numbers from 0 to this; the task's go to 255
MEASUREMENTS = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]
OPENML = {  # name there, in lower case -> data set, and what a column is called
    "mnist_784": ("mnist", "pixel"),
    "fashion-mnist": ("fashion-mnist", "pixel"),
    "cifar_10": ("cifar10", "a"),
}
OPENML_NUMBERS = {554: "mnist_784", 40996: "fashion-mnist", 40927: "cifar_10"}
TEST_SHARE = 0.25  # of the examples, where a script does not say how many


class Bunch(dict[str, Any]):
    """A dictionary whose entries are attributes too, as scikit-learn's loaders return it."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __dir__(self) -> list[str]:
        return list(self)


def watch() -> None:
    """Have the loaders replaced where they are defined, before anybody can import them."""
    imports.after_import("sklearn.datasets._base", answer_with(("load_digits", "load_diabetes")))
    imports.after_import("sklearn.datasets._openml", answer_with(("fetch_openml",)))
    imports.stand_in("sklearn", lambda module: None)
    imports.stand_in("sklearn.datasets", fill_datasets)
    imports.stand_in("sklearn.model_selection", fill_model_selection)


def answer_with(names: tuple[str, ...]) -> Callable[[ModuleType], None]:
    """Return what puts these loaders into a module."""

    def answer(module: ModuleType) -> None:
        for name in names:
            setattr(module, name, LOADERS[name])

    return answer


def everything(dataset: str, asked: str) -> tuple[np.ndarray, np.ndarray]:
    """Return all training inputs and labels, for a loader that knows no test set.

    asked: what the script wrote, for the message where the task gives other data.
    """
    task = given()
    if task.dataset != dataset:
        raise NotThisTask(f"the script asks for {asked}; this task provides {task.dataset}")
    task.asked += 1
    return task.inputs, task.labels


def load_digits(*, n_class: int = 10, return_X_y: bool = False, as_frame: bool = False) -> Any:
    """Return the training digits: data (n, 64) and images (n, 8, 8), float64 from 0 to 16."""
    inputs, labels = everything(DIGITS, "load_digits()")
    images = np.rint(inputs[labels < n_class] * (GREY_LEVELS / 255))
    target = labels[labels < n_class].copy()
    names = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]
    bunch = Bunch(
        data=images.reshape(len(images), -1),
        target=target,
        frame=None,
        feature_names=names,
        target_names=np.arange(n_class),
        images=images,
        DESCR="The training part of scikit-learn's handwritten digits, as this task gives it.",
    )
    return as_asked(bunch, return_X_y, as_frame)


def load_diabetes(*, return_X_y: bool = False, as_frame: bool = False, scaled: bool = True) -> Any:
    """Return the training patients: data float64 (n, 10) and target float64 (n,).

    scaled: each column with mean 0 and length 1, by the training patients' own figures.
    """
    inputs, targets = everything(DIABETES, "load_diabetes()")
    table = inputs.astype(np.float64)
    if scaled:
        table = table - table.mean(axis=0)
        table /= np.linalg.norm(table, axis=0)
    bunch = Bunch(
        data=table,
        target=targets.astype(np.float64),
        frame=None,
        feature_names=list(MEASUREMENTS),
        DESCR="The training part of scikit-learn's diabetes data, as this task gives it.",
    )
    return as_asked(bunch, return_X_y, as_frame)


def fetch_openml(
    name: str | None = None,
    *,
    data_id: int | None = None,
    return_X_y: bool = False,
    as_frame: bool | str = "auto",
    **_: Any,
) -> Any:
    """Return a data set of pictures: those to train on, then those a script calls its test set.

    data: int64 (n, pixels), colours one after the other. target: the classes, as texts.
    """
    known = OPENML_NUMBERS.get(data_id or 0, (name or "").lower())
    if known not in OPENML:
        asked = f'fetch_openml("{name}")' if name else f"fetch_openml(data_id={data_id})"
        raise NotThisTask(f"the script asks for {asked}; this task provides {given().dataset}")
    dataset, column = OPENML[known]
    parts = [given().ask(dataset, train) for train in (True, False)]
    pictures = np.concatenate([inputs for inputs, _ in parts])
    labels = np.concatenate([labels for _, labels in parts])
    if pictures.ndim == 4:
        pictures = np.moveaxis(pictures, 3, 1)
    table = pictures.reshape(len(pictures), -1).astype(np.int64)
    bunch = Bunch(
        data=table,
        target=labels.astype(str).astype(object),
        frame=None,
        feature_names=[f"{column}{place + 1}" for place in range(table.shape[1])],
        target_names=["class"],
        categories={},
        DESCR=f"The training part of {dataset}, as this task gives it.",
        details={"name": known},
        url="",
    )
    wants_frame = has_pandas() if as_frame == "auto" else bool(as_frame)
    return as_asked(bunch, return_X_y, wants_frame)


def as_asked(bunch: Bunch, return_X_y: bool, as_frame: bool) -> Any:
    """Return a bunch, or its (data, target); with pandas' tables in the place of arrays if asked.

    Raises Problem where tables are asked for and pandas is not there.
    """
    if as_frame:
        if not has_pandas():
            raise Problem(
                Trouble.NOT_IMPORTABLE,
                "the script asks for a table of pandas (as_frame=True), and this box has no "
                "pandas; use as_frame=False",
            )
        into_tables(bunch)
    if return_X_y:
        return bunch["data"], bunch["target"]
    return bunch


def into_tables(bunch: Bunch) -> None:
    """Turn data and target of a bunch into pandas' tables."""
    import pandas

    data = pandas.DataFrame(bunch["data"], columns=bunch["feature_names"])
    target = pandas.Series(bunch["target"], name="target")
    if target.dtype == object:
        target = target.rename("class").astype("category")
    bunch.update(data=data, target=target, frame=pandas.concat([data, target], axis=1))


def has_pandas() -> bool:
    """Whether pandas can be imported."""
    try:
        import pandas  # noqa: F401
    except ImportError:
        return False
    return True


def fill_datasets(module: ModuleType) -> None:
    """Give the stand-in for sklearn.datasets the loaders of the grader's data sets."""
    module.__dict__.update(LOADERS, __getattr__=missing_from(module.__name__, LOADERS))


def fill_model_selection(module: ModuleType) -> None:
    """Give the stand-in for sklearn.model_selection the one function that it has."""
    given = {"train_test_split": train_test_split}
    module.__dict__.update(given, __getattr__=missing_from(module.__name__, given))


def missing_from(name: str, given: Iterable[str]) -> Callable[[str], Any]:
    """Return what a stand-in does when it is asked for something else than these."""

    def missing(wanted: str) -> Any:
        if wanted.startswith("__"):
            raise AttributeError(wanted)
        raise ImportError(
            f"{name}.{wanted}: this box has no scikit-learn; in its place, {name} offers "
            f"{', '.join(given)} alone"
        )

    return missing


def train_test_split(
    *arrays: Any,
    test_size: float | None = None,
    train_size: float | None = None,
    random_state: int | None = None,
    shuffle: bool = True,
    stratify: Any = None,
) -> list[Any]:
    """Return for each array its part to train on and its part to test with, as scikit-learn does.

    Which rows go where is drawn in another way than there.
    """
    count = len(arrays[0])
    tested = number_of(test_size, count)
    if tested is None:
        trained = number_of(train_size, count)
        tested = round(TEST_SHARE * count) if trained is None else count - trained
    order = np.arange(count)
    if shuffle:
        order = np.random.RandomState(random_state).permutation(count)
    if stratify is not None:
        order = spread_classes(order, np.asarray(stratify))
    last = number_of(train_size, count)
    places = order[tested:][:last], order[:tested]
    return [rows_of(array, part) for array in arrays for part in places]


def number_of(size: float | None, count: int) -> int | None:
    """Return a size, which may be a share of the count or a number of rows, as a number of rows."""
    if size is None:
        return None
    return round(size * count) if isinstance(size, float) else int(size)


def spread_classes(order: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return rows in an order in which the classes are spread evenly."""
    within = np.empty(len(order))
    for label in np.unique(labels):
        of_class = np.flatnonzero(labels[order] == label)
        within[of_class] = (np.arange(len(of_class)) + 0.5) / len(of_class)
    return order[np.argsort(within, kind="stable")]


def rows_of(array: Any, places: np.ndarray) -> Any:
    """Return rows of an array, a table of pandas or a list."""
    if hasattr(array, "iloc"):
        return array.iloc[places]
    if isinstance(array, list):
        return [array[place] for place in places]
    return array[places]


LOADERS: dict[str, Callable[..., Any]] = {
    "load_digits": load_digits,
    "load_diabetes": load_diabetes,
    "fetch_openml": fetch_openml,
}
