"""What the runner makes of Keras, TensorFlow and JAX: datasets, the form of inputs, the answer, and
what is missing.

Forms and loaders are tried without any framework. What needs one runs in a process of its own.
"""

from __future__ import annotations

import importlib.machinery
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from support.paths import ROOT

from grader.commands.image import Recipe
from grader.course.pictures import blobs
from grader.runner import (
    classifier,
    fed,
    finding,
    forms,
    frameworks,
    given_data,
    imports,
    keras_loaders,
    script,
    text_forms,
    text_loaders,
    training_trace,
    values,
)
from grader.runner.data import Data
from grader.runner.frames import Trouble
from grader.runner.networks import Parameters
from grader.runner.problem import Problem, explain

TEXTS = [
    "The film was good, the actor was good.<br />Good!",
    "It's bad: a bad, bad film",
    "end",
    "a story of the sea",
] * 6
LABELS = np.arange(24) % 2

Prepare = Callable[[np.ndarray], np.ndarray]


# How pictures were prepared, told from what a model was fed with.


def pictures(shape: tuple[int, ...], count: int, seed: int = 0) -> np.ndarray:
    raw, *_ = blobs(np.random.default_rng(seed), shape, 10, count, 0)
    if len(shape) == 2:
        raw[:, :3] = 0  # as in MNIST, a border that is always black
    return raw


GREY = pictures((28, 28), 600)
COLOUR = pictures((32, 32, 3), 600)
MEAN = GREY.mean(axis=0)
STD = GREY.std(axis=0) + 1e-7

PREPARED: dict[str, tuple[np.ndarray, Prepare]] = {
    "as it is": (GREY, lambda x: x),
    "as it is, float": (GREY, lambda x: x.astype("float64")),
    "0 to 1": (GREY, lambda x: x / 255.0),
    "-1 to 1": (GREY, lambda x: x / 127.5 - 1),
    "standardised": (GREY, lambda x: (x / 255 - 0.1307) / 0.3081),
    "float16": (GREY, lambda x: (x / 255).astype(np.float16)),
    "with a channel": (GREY, lambda x: x[..., None].astype("float32") / 255),
    "channel first": (GREY, lambda x: x[:, None] / 255.0),
    "flattened": (GREY, lambda x: x.reshape(len(x), -1) / 255.0),
    "padded": (GREY, lambda x: np.pad(x, ((0, 0), (2, 2), (2, 2)))[..., None] / 255.0),
    "padded after scaling": (
        GREY,
        lambda x: np.pad(x / 127.5 - 1, ((0, 0), (2, 2), (2, 2)), constant_values=-1),
    ),
    "three channels": (GREY, lambda x: np.repeat(x[..., None], 3, axis=3) / 255.0),
    "three channels, padded": (
        GREY,
        lambda x: np.pad(np.stack([x] * 3, axis=-1) / 255.0, ((0, 0), (2, 2), (2, 2), (0, 0))),
    ),
    "each pixel standardised": (GREY, lambda x: ((x - MEAN) / STD)[..., None]),
    "mean picture taken off": (GREY, lambda x: (x - MEAN) / 255),
    "colour": (COLOUR, lambda x: x / 255.0),
    "colour, channels first": (COLOUR, lambda x: np.moveaxis(x, 3, 1) / 255.0),
    "colour, each channel": (COLOUR, lambda x: (x / 255 - [0.49, 0.48, 0.45]) / [0.25, 0.24, 0.26]),
    "colour, channels far apart": (
        COLOUR,
        lambda x: (x - [10.0, 120.0, 200.0]) / [20.0, 60.0, 90.0],
    ),
}
ORDERS = {
    "all": np.arange(600),
    "the end": np.arange(200, 600),
    "shuffled": np.random.default_rng(1).permutation(600)[:400],
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", PREPARED)
def test_the_form_is_told_from_what_was_fed(name: str, order: str) -> None:
    raw, prepare = PREPARED[name]
    rows = fed.rows_of_array(prepare(raw[ORDERS[order]]))
    assert rows is not None
    form = forms.infer(rows, raw)
    assert form is not None
    fresh = pictures(raw.shape[1:], 50, seed=7)
    got = form(fresh)
    want = prepare(fresh)
    assert got.shape == want.shape
    assert got.dtype == (np.float32 if want.dtype == np.float64 else want.dtype)
    never_seen = (
        raw.std(axis=0) == 0 if name == "each pixel standardised" else np.zeros(raw.shape[1:], bool)
    )
    known = ~form.layout.there(never_seen[None])[0].astype(bool)
    error = np.abs(got.astype(np.float64) - want)[:, known].max()
    assert error <= 2e-3 * np.std(want)


@pytest.mark.parametrize(
    ("scale", "shift", "prepare"),
    [
        (1 / 255, 0.0, lambda x: x / 255.0),
        (1 / 127.5, -1.0, lambda x: x / 127.5 - 1),
        (1.0, 0.0, lambda x: x.astype("float32")),
    ],
)
def test_augmented_rows_tell_their_range(scale: float, shift: float, prepare: Prepare) -> None:
    flipped = np.roll(prepare(COLOUR)[:, :, ::-1], 3, axis=1)
    form = forms.infer(flipped[:256], COLOUR)
    assert form is not None
    assert (form.scale, form.shift) == (scale, shift)


@pytest.mark.parametrize(
    "rows",
    [
        np.random.default_rng(0).normal(size=(256, 28, 28)),
        np.random.default_rng(0).normal(size=(256, 77)),
        np.abs(np.fft.fft2(GREY[:256])),
        (GREY[:256] > 128).astype("float32")[:, ::-1] * 9 - 3,
        np.zeros((256, 28, 28)),
        GREY[:2] / 255.0,
        np.array(["a", "b"]),
    ],
    ids=["noise", "other size", "spectrum", "two values", "zeros", "two rows", "texts"],
)
def test_what_is_no_picture_tells_nothing(rows: np.ndarray) -> None:
    assert forms.infer(rows, GREY) is None


def test_without_evidence_the_form_that_answers_training_examples_best_is_taken() -> None:
    labels = np.arange(600) % 10
    raw = np.where(np.arange(784).reshape(28, 28) // 78 == labels[:, None, None], 250, 5).astype(
        np.uint8
    )

    def ask(batch: np.ndarray) -> np.ndarray:
        if batch.ndim != 2:
            raise ValueError("flat pictures only")
        sums = np.stack(
            [batch[:, 78 * place : 78 * (place + 1)].sum(axis=1) for place in range(10)], axis=1
        )
        return np.where(batch.max() <= 1.0, sums, 0.0)

    form = forms.most_accurate(forms.usual_forms(raw), ask, raw, labels, 10)
    assert isinstance(form, forms.Form)
    assert (form.layout.shape, form.scale) == ((784,), 1 / 255)
    assert (
        forms.most_accurate(forms.usual_forms(raw), lambda batch: np.zeros((2, 3)), raw, labels, 10)
        is None
    )


# How texts were prepared.


@pytest.fixture
def imdb() -> Iterator[given_data.Given]:
    yield given_data.give(list(TEXTS), LABELS, "imdb")
    given_data.GIVEN.clear()


def test_words_are_ranked_and_cut_as_keras_does(imdb: given_data.Given) -> None:
    assert keras_loaders.words_of(TEXTS[0]) == [
        "the",
        "film",
        "was",
        "good",
        "the",
        "actor",
        "was",
        "good",
        "br",
        "good",
    ]
    assert keras_loaders.words_of(TEXTS[1])[0] == "it's"
    index = keras_loaders.word_index()
    assert index["the"] == 1
    assert sorted(index.values()) == list(range(1, len(index) + 1))


@pytest.mark.parametrize(
    ("options", "text", "numbers"),
    [
        ({}, "the good zebra", [1, 4, 5]),
        ({"start_char": None}, "the good", [4, 5]),
        ({"start_char": None, "index_from": 0}, "the good", [1, 2]),
        ({"start_char": 9, "index_from": 10}, "the good", [9, 11, 12]),
        ({"num_words": 5}, "the good the", [1, 4, 2, 4]),
        ({"num_words": 5, "oov_char": None}, "the good the", [1, 4, 4]),
        ({"skip_top": 5, "oov_char": 7}, "the good", [7, 7, 5]),
    ],
)
def test_every_option_of_load_data_is_kept(
    imdb: given_data.Given, options: dict[str, Any], text: str, numbers: list[int]
) -> None:
    keras_loaders.load_imdb(**options)
    assert imdb.encoders[0]([text]) == [numbers]


def test_imdb_comes_shuffled_in_two_disjoint_parts(imdb: given_data.Given) -> None:
    (x_train, y_train), (x_test, _) = keras_loaders.load_imdb(num_words=100)
    assert (len(x_train), len(x_test)) == (22, 2)
    assert x_train.dtype == object
    assert isinstance(x_train[0], list)
    assert y_train.tolist() != sorted(y_train.tolist())
    encoded = [imdb.encoders[0]([text])[0] for text in TEXTS]
    assert all(
        LABELS[encoded.index(row)] == label for row, label in zip(x_train, y_train, strict=True)
    )
    (short, _), _ = keras_loaders.load_imdb(maxlen=8)
    assert max(map(len, short)) < 8
    with pytest.raises(ValueError, match="increase maxlen"):
        keras_loaders.load_imdb(maxlen=2)


def padded(
    rows: list[list[int]], width: int, before: bool, keeps_end: bool, filler: int = 0
) -> np.ndarray:
    made = []
    for row in rows:
        kept = row[-width:] if keeps_end else row[:width]
        fill = [filler] * (width - len(kept))
        made.append(fill + kept if before else kept + fill)
    return np.array(made, dtype=np.int32)


@pytest.mark.parametrize("width", [3, 7, 20])
@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("keeps_end", [True, False])
def test_cut_and_filled_texts_are_told(
    imdb: given_data.Given, width: int, before: bool, keeps_end: bool
) -> None:
    (x_train, _), _ = keras_loaders.load_imdb(num_words=30)
    form = text_forms.infer(padded(list(x_train), width, before, keeps_end), TEXTS, imdb.encoders)
    assert form is not None
    fresh = ["the film was bad bad", "good", "the sea of the end of the story was good good bad"]
    np.testing.assert_array_equal(
        form(fresh), padded(imdb.encoders[0](fresh), width, before, keeps_end)
    )


@pytest.mark.parametrize("counted", [False, True])
def test_vectors_of_words_are_told(imdb: given_data.Given, counted: bool) -> None:
    (x_train, _), _ = keras_loaders.load_imdb()

    def vectors(rows: Any) -> np.ndarray:
        made = np.stack([np.bincount(row, minlength=40) for row in rows]).astype(np.float64)
        return made if counted else np.minimum(made, 1)

    form = text_forms.infer(vectors(x_train), TEXTS, imdb.encoders)
    assert form is not None
    np.testing.assert_array_equal(
        form(["good good end"]), vectors(imdb.encoders[0](["good good end"]))
    )


def test_texts_themselves_and_what_cannot_be_told() -> None:
    form = text_forms.infer(np.array([["one"], ["two"]], dtype=object), TEXTS, [])
    assert form is not None
    assert form(["a b", "c"]).tolist() == [["a b"], ["c"]]
    assert (
        text_forms.infer(np.arange(40).reshape(8, 5), TEXTS, [lambda texts: [[1] for _ in texts]])
        is None
    )


# What keras.datasets gives.


def fake_module(name: str) -> ModuleType:
    module = ModuleType(name)
    module.__dict__.update(load_data=None, get_word_index=None)
    keras_loaders.answer(module)
    return module


@pytest.mark.parametrize(
    ("name", "dataset", "raw", "labels"),
    [
        ("mnist", "mnist", GREY, (550,)),
        ("fashion_mnist", "fashion-mnist", GREY, (550,)),
        ("cifar10", "cifar10", COLOUR, (550, 1)),
    ],
)
def test_pictures_come_in_keras_form(
    name: str, dataset: str, raw: np.ndarray, labels: tuple[int, ...]
) -> None:
    given = given_data.give(raw, np.arange(600) % 10, dataset)
    (x_train, y_train), (x_test, y_test) = fake_module(f"keras.src.datasets.{name}").load_data()
    assert (x_train.shape, x_train.dtype) == ((550, *raw.shape[1:]), np.uint8)
    assert (y_train.shape, y_train.dtype) == (labels, np.uint8)
    assert len(x_test) == len(y_test) == 50
    x_train[:] = 0
    assert given.inputs.any(), "a script works on its own copy"


@pytest.mark.parametrize("name", ["cifar10", "imdb", "reuters"])
def test_another_dataset_of_keras_is_refused(name: str) -> None:
    given_data.give(GREY, np.arange(600) % 10, "mnist")
    with pytest.raises(given_data.NotThisTask, match=r"this task provides mnist"):
        fake_module(f"keras.src.datasets.{name}").load_data()


# What stands in for the package `datasets`.


@pytest.fixture
def stand_in(imdb: given_data.Given) -> ModuleType:
    module = ModuleType("datasets")
    module.__spec__ = importlib.machinery.ModuleSpec("datasets", None)
    text_loaders.answer(module)
    return module


def test_both_splits_of_imdb(stand_in: ModuleType) -> None:
    both = stand_in.load_dataset("stanfordnlp/imdb")
    assert {name: len(table) for name, table in both.items()} == {"train": 22, "test": 2}
    assert both["train"].column_names == ["text", "label"]
    assert both["train"].features["label"].names == ["neg", "pos"]
    assert both["train"][0] == {"text": TEXTS[1], "label": 1} or both["train"][0]["text"] in TEXTS
    assert both["train"][:3]["label"] == both["train"]["label"][:3]
    assert [row["label"] for row in both["test"]] == both["test"]["label"]
    assert both.num_rows == {"train": 22, "test": 2}


@pytest.mark.parametrize(
    ("split", "count"),
    [
        ("train", 22),
        ("test", 2),
        ("train[:5]", 5),
        ("train[50%:]", 11),
        ("train[2:4]", 2),
        ("train+test", 24),
    ],
)
def test_splits_may_be_cut_and_joined(stand_in: ModuleType, split: str, count: int) -> None:
    assert len(stand_in.load_dataset("imdb", split=split)) == count


def test_a_table_does_what_tutorials_do_with_it(stand_in: ModuleType) -> None:
    table, test = stand_in.load_dataset("imdb", split=["train", "test"])
    assert len(test) == 2
    longer = table.map(lambda row: {"words": row["text"].split()})
    assert longer.column_names == ["text", "label", "words"]
    batched = table.map(
        lambda rows: {"size": [len(text) for text in rows["text"]]}, batched=True, batch_size=5
    )
    assert batched["size"] == [len(text) for text in table["text"]]
    numbered = table.map(
        lambda row, place: {"place": place}, with_indices=True, remove_columns=["text"]
    )
    assert numbered.column_names == ["label", "place"]
    assert numbered["place"] == list(range(22))
    assert set(table.filter(lambda row: row["label"] == 1)["label"]) == {1}
    mixed = table.shuffle(seed=3)
    assert sorted(mixed["text"]) == sorted(table["text"])
    assert mixed["text"] == table.shuffle(seed=3)["text"] != table["text"]
    parts = table.train_test_split(test_size=0.25, seed=1)
    assert (len(parts["train"]), len(parts["test"])) == (16, 6)
    assert table.select([2, 0])["text"] == [table["text"][2], table["text"][0]]
    assert table.rename_column("label", "labels").remove_columns("text").column_names == ["labels"]
    numbers = table.with_format("numpy", columns=["label"])[:4]
    assert list(numbers) == ["label"]
    assert isinstance(numbers["label"], np.ndarray)
    assert table.to_pandas()["label"].tolist() == table["label"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda datasets: datasets.load_metric("accuracy"),
        lambda datasets: datasets.load_dataset("imdb", split="unsupervised"),
        lambda datasets: datasets.load_dataset("imdb")["train"].push_to_hub("x"),
        lambda datasets: datasets.load_dataset("imdb").save_to_disk("x"),
        lambda datasets: datasets.load_dataset("imdb")["train"].with_format("tensorflow"),
    ],
)
def test_what_the_stand_in_lacks_is_said(stand_in: ModuleType, ask: Callable[[Any], Any]) -> None:
    with pytest.raises(Problem, match=r"stand-in has no .*offers load_dataset with tables"):
        ask(stand_in)


def test_the_real_package_gives_its_own_tables(imdb: given_data.Given) -> None:
    module = ModuleType("datasets")
    tables = SimpleNamespace(from_dict=lambda columns: ("real", len(columns["text"])))
    module.__dict__.update(load_dataset=None, Dataset=tables, DatasetDict=dict)
    text_loaders.answer(module)
    assert module.load_dataset("imdb") == {"train": ("real", 22), "test": ("real", 2)}


def test_a_module_of_the_learner_called_datasets_stays(imdb: given_data.Given) -> None:
    module = ModuleType("datasets")
    module.__spec__ = importlib.machinery.ModuleSpec("datasets", None, origin="datasets.py")
    text_loaders.answer(module)
    assert not hasattr(module, "load_dataset")


# Imports.


def test_a_module_is_changed_once_it_ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "one_to_change.py").write_text("value = 1\n")
    imports.install()
    imports.after_import("one_to_change", lambda module: setattr(module, "value", module.value + 1))
    imports.stand_in("nobody_has_this", lambda module: setattr(module, "made", True))
    imports.stand_in("one_to_change", lambda module: setattr(module, "value", 9))
    try:
        import nobody_has_this  # type: ignore[import-not-found]
        import one_to_change  # type: ignore[import-not-found]

        assert one_to_change.value == 2
        assert nobody_has_this.made
        imports.after_import("one_to_change", lambda module: setattr(module, "value", 5))
        assert one_to_change.value == 5
    finally:
        for name in ("one_to_change", "nobody_has_this"):
            sys.modules.pop(name, None)
        imports.CHANGES.clear()
        imports.STAND_INS.clear()


# What a box has, and what it lacks.


@pytest.mark.parametrize(
    ("there", "backend"),
    [
        ({"tensorflow", "torch", "jax"}, "tensorflow"),
        ({"torch", "jax"}, "torch"),
        ({"jax"}, "jax"),
        (set(), None),
    ],
)
def test_keras_gets_the_first_backend_that_is_there(
    there: set[str], backend: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frameworks, "is_installed", lambda name: name in there)
    monkeypatch.setattr(imports, "after_import", lambda *_: None)
    monkeypatch.setenv("KERAS_BACKEND", "x")
    monkeypatch.delenv("KERAS_BACKEND")
    frameworks.prepare(0)
    assert os.environ.get("KERAS_BACKEND") == backend


def test_a_backend_that_was_chosen_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "after_import", lambda *_: None)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    frameworks.prepare(0)
    assert os.environ["KERAS_BACKEND"] == "jax"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (
            "keras.layers",
            "--frameworks torch,keras`, or run `pip install keras` where no containers are used",
        ),
        (
            "tensorflow",
            "--frameworks torch,tensorflow`, or run `pip install tensorflow-cpu` "
            "where no containers are used",
        ),
        ("jax.numpy", "--frameworks torch,jax`"),
    ],
)
def test_a_framework_that_is_not_in_the_box_is_named(
    name: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        frameworks, "is_installed", lambda each: each in ("numpy", "torch", "torchvision")
    )
    trouble, text = explain(ModuleNotFoundError(f"No module named {name!r}", name=name))
    assert trouble is Trouble.NOT_IMPORTABLE
    assert (
        f"No module named {name!r}: this box has numpy, torch, torchvision, and the "
        "submission's own files" in text
    )
    assert says in text


def test_another_package_is_named_without_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frameworks, "is_installed", lambda each: each == "numpy")
    assert (
        frameworks.missing("flax")
        == "No module named 'flax': this box has numpy, and the submission's own files."
    )


FRAMEWORK_PACKAGES = ("torch", "torchvision", "keras", "tensorflow-cpu", "jax")


@pytest.mark.parametrize(
    ("chosen", "packages"),
    [
        (("keras",), ["keras", "tensorflow-cpu"]),
        (("torch", "keras"), ["torch", "torchvision", "keras"]),
        (("jax", "keras"), ["jax", "keras"]),
        (("tensorflow",), ["tensorflow-cpu"]),
    ],
)
def test_an_image_with_keras_has_something_it_computes_with(
    chosen: tuple[str, ...], packages: list[str]
) -> None:
    found = [each for each in Recipe(frameworks=chosen).packages if each in FRAMEWORK_PACKAGES]
    assert found == packages


def test_an_image_holds_what_tutorials_import_beside_a_framework() -> None:
    packages = Recipe(frameworks=("torch", "jax")).packages
    assert {"pandas", "scikit-learn", "seaborn", "ipython", "lightning", "flax"} <= set(packages)
    assert Recipe(frameworks=()).packages == ["numpy", "pandas"], "nothing to be trained there"


# Plain functions and their parameters.


def left(**names: Any) -> list[Any]:
    """Return what a script that leaves these names may have meant as its model."""
    ran = script.Ran(ModuleType("__main__"), "x.py", names, training_trace.Training())
    return [each.model for each in finding.find_models(ran).candidates]


def predict(params: Any, x: Any) -> Any:
    return x @ params


def test_parameters_are_found_with_their_functions() -> None:
    params = np.eye(3)
    names = {"params": params, "predict": predict, "loss": lambda p, x, y: 0, "forward": predict}
    model = left(**names)[0]
    assert isinstance(model, Parameters)
    assert model.values is params
    assert model.functions == [predict, predict]
    for nothing in ({"params": params}, {"model": dict}, {"model": [1, 2]}, {}):
        with pytest.raises(Problem, match="left no model"):
            left(**nothing)


def test_a_function_gets_the_names_of_the_script_that_its_arguments_are_called() -> None:
    def forward(x: Any, w: Any, b: Any) -> Any:
        return x @ w + b

    forward.__module__ = "__main__"
    (asked, *_) = left(forward=forward, w=np.eye(3), b=np.ones(3))
    np.testing.assert_array_equal(asked.functions[0](None, np.zeros((1, 3))), [[1, 1, 1]])


def test_an_object_of_the_scripts_own_class_is_a_candidate() -> None:
    class Net:
        def predict(self, x: Any) -> Any:
            return x

    Net.__module__ = "__main__"
    mine = Net()
    assert left(mine=mine)[0] is mine


@pytest.mark.parametrize(
    ("function", "two"),
    [
        (lambda a, b: 0, True),
        (lambda a, b, c=1: 0, True),
        (lambda a: 0, False),
        (lambda a, b, c: 0, False),
        (lambda model, loader: 0, False),
        (lambda *both: 0, False),
        (lambda a, b, *, c: 0, False),
        (dict, False),
    ],
)
def test_functions_of_two_arguments(function: Any, two: bool) -> None:
    assert finding.takes_two(function) is two


def blocks() -> tuple[np.ndarray, np.ndarray]:
    """Return pictures of 10 classes, each with another bright block, and labels."""
    labels = np.arange(600) % 10
    return np.where(np.arange(784).reshape(28, 28) // 79 == labels[:, None, None], 250, 5).astype(
        np.uint8
    ), labels


@pytest.mark.parametrize("seen", [True, False])
def test_the_form_of_a_plain_function_is_told_by_arrays_or_by_trying(seen: bool) -> None:
    raw, labels = blocks()
    data = Data(raw, labels, 10, 0, "cpu")
    params = np.stack(
        [(np.arange(784) // 79 == digit).astype(float) for digit in range(10)], axis=1
    )
    names = {"x_train": raw.reshape(600, -1) / 255 * 3 - 1} if seen else {}
    asked = []

    def forward(params: np.ndarray, x: np.ndarray) -> np.ndarray:
        asked.append(x)
        return x @ params

    training_trace.begin(training_trace.Training())
    given = given_data.give(raw, labels, "mnist")
    answer = classifier.applied(Parameters(params, [forward]), data, names, given)
    scores = classifier.as_scores(answer(raw[:20]), 20, 10)
    assert (scores.argmax(axis=1) == labels[:20]).all()
    assert asked[-1].shape == (20, 784)
    assert asked[-1].max() == pytest.approx(250 / 255 * 3 - 1 if seen else 250 / 255)


def test_a_function_that_takes_no_form_is_refused() -> None:
    raw, labels = blocks()
    data = Data(raw, labels, 10, 0, "cpu")
    given = given_data.give(raw, labels, "mnist")
    training_trace.begin(training_trace.Training())
    with pytest.raises(Problem, match=r"makes predict return 10 scores for each example"):
        classifier.applied(Parameters(np.eye(5), [predict]), data, {}, given)


# One number for two classes.


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
@pytest.mark.parametrize(
    ("outputs", "scores"),
    [
        ([0.1, 0.9, 0.4, 0.6], [[0.9, 0.1], [0.1, 0.9], [0.6, 0.4], [0.4, 0.6]]),
        ([-2.0, 0.3, 4.0, -0.1], [[0, -2.0], [0, 0.3], [0, 4.0], [0, -0.1]]),
    ],
    ids=["probabilities", "logits"],
)
def test_one_number_an_example_becomes_two_scores(
    shape: tuple[int, ...], outputs: list[float], scores: list[list[float]]
) -> None:
    data = Data(np.arange(4), np.arange(4) % 2, 2, 0, "cpu")
    predict = classifier.two_columns(
        lambda batch: np.array(outputs, np.float32)[batch].reshape(shape), data
    )
    np.testing.assert_allclose(classifier.as_scores(predict(np.arange(4)), 4, 2), scores, atol=1e-6)
    np.testing.assert_allclose(
        classifier.as_scores(predict(np.arange(1)), 1, 2), scores[:1], atol=1e-6
    )


def test_two_numbers_and_labels_stay_what_they_are() -> None:
    data = Data(np.arange(4), np.arange(4) % 2, 2, 0, "cpu")
    for function in (lambda batch: np.eye(2)[batch % 2], lambda batch: batch % 2):
        assert classifier.two_columns(function, data) is function


def test_bfloat16_becomes_float32() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    array = values.as_array(np.array([[1.5, 2.0]], dtype=ml_dtypes.bfloat16))
    assert array is not None
    assert array.dtype == np.float32


# With a framework: each in a process of its own.

START = """
import os, sys, types
import numpy as np
from grader.runner import classifier, frameworks, given_data, loaders, training_trace
from grader.runner.data import Data
from grader.runner.problem import Problem
loaders.install(5)
RAW = np.random.default_rng(0).integers(0, 256, (600, 28, 28), dtype=np.uint8)
LABELS = np.arange(600) % 10
X = RAW[..., None] / 255.0


def data():
    return Data(RAW, LABELS, 10, 0, "cpu")


def network(*last):
    made = keras.Sequential([keras.layers.Input((28, 28, 1)), keras.layers.Flatten(),
                             keras.layers.Dropout(0.5), keras.layers.Dense(10), *last])
    made.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return made


def answers(model, want=X):
    from grader.runner import with_keras
    answer = with_keras.answerer(model, data(), training_trace.current())
    for size in (1, 2, 64, 64, 37, 1, 600):
        got = answer(RAW[:size])
        assert got.shape == (size, 10), got.shape
        own = model.predict(want[:size].astype("float32"), verbose=0)
        np.testing.assert_allclose(got, own, rtol=1e-3, atol=1e-4)
    return answer


def fails(call, says):
    try:
        call()
    except Problem as problem:
        assert says in problem.text, problem.text
    else:
        raise AssertionError(f"nothing was raised; expected {says}")
"""

CASES = {
    "the losses of fit": """
import keras
from grader.runner import entry
from grader.sandbox.training_trace import read_trace
model = network()


def train(data):
    returned.append(model.fit(X, LABELS, epochs=3, verbose=0))
    return model


returned, module = [], types.ModuleType("solution")
module.train = train
entry.train_or_load(entry.Loaded(None, "solution.py", module), data())
told = read_trace(training_trace.current().account.take())
# Batch by batch: 19 an epoch, whose mean is what fit tells of the epoch.
assert (told.source, told.noted, told.steps, told.backwards) == ("gradients", 57, 57, 57), told
epochs = told.losses.reshape(3, 19).mean(axis=1)
np.testing.assert_allclose(epochs, returned[0].history["loss"], rtol=1e-6)
assert (told.held, told.moved, told.frozen) == (1.0, 1.0, 0.0) and told.cross_entropy, told
""",
    "the losses of fit on torch": """
os.environ["KERAS_BACKEND"] = "torch"
import keras
from grader.sandbox.training_trace import read_trace
model = network()
history = model.fit(X, LABELS, epochs=2, batch_size=100, verbose=0).history
training_trace.current().account.close(model)
told = read_trace(training_trace.current().account.take())
# Each step once, though backward() shows it as well as fit.
assert (told.source, told.noted, told.steps, told.backwards) == ("gradients", 12, 12, 12), told
epochs = told.losses.reshape(2, 6).mean(axis=1)
np.testing.assert_allclose(epochs, history["loss"], rtol=1e-6)
assert (told.held, told.moved, told.frozen) == (1.0, 1.0, 0.0) and told.cross_entropy, told
""",
    "jax": """
os.environ["KERAS_BACKEND"] = "jax"
import keras
assert "torch" not in sys.modules, "a framework nobody asked for"
model = network()
model.fit(X[100:], LABELS[100:], epochs=1, verbose=0)
answers(model)
assert "tensorflow" not in frameworks.report()[1], frameworks.report()
assert frameworks.report()[1] == "keras jax"
assert f"{keras.__version__} on jax" in frameworks.report()

def batches():
    while True:
        yield X[:50] * 2 - 1, LABELS[:50]

given = network()
seen = []
given.fit((seen.append(1) or each for each in batches()), steps_per_epoch=3, epochs=1, verbose=0)
answers(given, X * 2 - 1)

class Sequence(keras.utils.PyDataset):
    def __len__(self):
        return 6
    def __getitem__(self, place):
        return X[place * 100:][:100] * 255, LABELS[place * 100:][:100]

fed = network()
fed.fit(Sequence(), epochs=1, verbose=0)
answers(fed, X * 255)

strange = network()
strange.fit(np.sqrt(np.abs(np.fft.fft2(RAW)))[..., None], LABELS, verbose=0)
fails(lambda: answers(strange),
      "trained on float64 of shape (n, 28, 28, 1), and the grader could not work out how")

untrained = network()
answers(untrained)  # nothing tells the form: float32 from 0 to 1, channels last

inputs = keras.Input((28, 28, 1))
flat = keras.layers.Flatten()(inputs)
two = keras.Model(inputs, [keras.layers.Dense(10)(flat), keras.layers.Dense(10)(flat)])
from grader.runner import with_keras
several = with_keras.answerer(two, data(), training_trace.current())(RAW[:3])
assert len(several) == 2 and several[0].shape == (3, 10)
np.testing.assert_array_equal(classifier.as_scores(several, 3, 10), several[0])
""",
    "jax alone": """
import jax, jax.numpy as jnp
from grader.runner import values
assert values.as_array(jnp.ones((2, 3), jnp.bfloat16)).dtype == np.float32
places = np.arange(784).reshape(28, 28) // 79
raw = np.where(places == LABELS[:, None, None], 250, 5).astype(np.uint8)
params = jnp.stack([(jnp.arange(784) // 79 == digit).astype(float) for digit in range(10)])
from grader.runner.networks import Parameters
given = given_data.give(raw, LABELS, "mnist")
one = Parameters(params, [jax.jit(lambda params, picture: jnp.dot(params, picture.ravel()))])
answer = classifier.applied(one, Data(raw, LABELS, 10, 0, "cpu"), {}, given)
scores = classifier.as_scores(answer(raw[:30]), 30, 10)
assert (scores.argmax(axis=1) == LABELS[:30]).all(), "a function of one example"
assert frameworks.report()[1] == "jax", frameworks.report()
""",
    "tensorflow": """
import tensorflow as tf
import keras
assert os.environ["KERAS_BACKEND"] == "tensorflow"
# the environment's: TF_NUM_INTRAOP_THREADS
assert tf.config.threading.get_intra_op_parallelism_threads() == 0
first = tf.random.normal((3,)).numpy()
tf.random.set_seed(5)
np.testing.assert_array_equal(first, tf.random.normal((3,)).numpy(), "seeded once imported")
model = network()
pipeline = tf.data.Dataset.from_tensor_slices((RAW, LABELS)).shuffle(600).batch(50)
pipeline = pipeline.map(lambda x, y: (tf.cast(x[..., None], tf.float32) / 255.0, y))
model.fit(pipeline, epochs=1, verbose=0)
answers(model)

class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense, self.drop = keras.layers.Dense(10), keras.layers.Dropout(0.5)
    def call(self, x, training=False):
        return self.drop(self.dense(tf.reshape(x, (-1, 784))), training=training)

def main():
    own, optimizer = Own(), keras.optimizers.SGD(0.1)
    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            scores = own(x, training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, scores))
        gradients = tape.gradient(loss, own.trainable_variables)
        optimizer.apply_gradients(zip(gradients, own.trainable_variables))
    scaled = tf.data.Dataset.from_tensor_slices(((X * 4 - 2).astype("float32"), LABELS))
    for x, y in scaled.shuffle(600).batch(100):
        step(x, y)

from grader.runner import finding, script, tracing
training = tracing.trace_script()
main()
ran = script.Ran(types.ModuleType("__main__"), "x.py", {}, training)
own = finding.find_models(ran).candidates[0].model
assert type(own).__name__ == "Own", own
answers(own, X * 4 - 2)
assert frameworks.report()[1] == "tensorflow keras", frameworks.report()
""",
}


@pytest.mark.parametrize("name", CASES)
def test_with_a_framework(name: str, tmp_path: Path) -> None:
    (tmp_path / "case.py").write_text(START + CASES[name])
    kept = {
        "PYTHONPATH": str(ROOT),
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
    done = subprocess.run(
        [sys.executable, "case.py"],
        cwd=tmp_path,
        env=kept,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-4000:]
