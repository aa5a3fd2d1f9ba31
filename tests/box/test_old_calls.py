"""Calls of before are given on to what they are called today, and nothing else is touched."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from support.paths import ROOT

from grader.runner import notes, old_calls, old_keras, old_options
from grader.runner.old_options import OldOptions


@pytest.fixture(autouse=True)
def no_notes() -> Any:
    notes.NOTES.clear()
    yield
    notes.NOTES.clear()


class Schedule:
    def __init__(self, optimizer: str, step: int = 1, mode: str = "min") -> None:
        self.seen = (optimizer, step, mode)


def taking(old: OldOptions) -> Any:
    """Return a fresh class that takes old options."""
    kind = type("Schedule", (Schedule,), {"__init__": Schedule.__init__})
    old_options.take(kind, old)
    return kind


def test_an_option_that_is_gone_is_left_out_and_said() -> None:
    kind = taking(OldOptions(dropped=("verbose",)))
    assert kind("sgd", 2, verbose=True).seen == ("sgd", 2, "min")
    assert notes.NOTES == ["Schedule has no option `verbose` any more: it was left out"]


def test_a_renamed_option_and_an_old_value_reach_their_new_ones() -> None:
    kind = taking(OldOptions(renamed={"steps": "step"}, values={"mode": {"lowest": "min"}}))
    assert kind("sgd", steps=3, mode="lowest").seen == ("sgd", 3, "min")
    assert len(notes.NOTES) == 2
    assert kind("sgd", mode="max").seen == ("sgd", 1, "max")


def test_what_a_class_still_takes_is_never_touched() -> None:
    kind = taking(OldOptions(dropped=("step",), renamed={"mode": "step"}))
    assert kind.__init__ is Schedule.__init__


def test_what_a_class_takes_can_still_be_read_from_it() -> None:
    kind = taking(OldOptions(dropped=("verbose",)))
    names = ["self", "optimizer", "step", "mode"]
    assert inspect.getfullargspec(kind.__init__).args == names


def test_an_unknown_option_is_still_refused() -> None:
    with pytest.raises(TypeError, match="verbos"):
        taking(OldOptions(dropped=("verbose",)))("sgd", verbos=True)


def test_numpy_gets_the_names_back_that_it_lacks() -> None:
    numpy: Any = ModuleType("numpy")
    numpy.inf = float("inf")
    numpy.prod = max
    numpy.product = min  # what is still there stays
    old_calls.old_numpy(numpy)
    assert numpy.Inf == numpy.inf
    assert numpy.product is min
    assert numpy.float is float
    assert "in1d" not in vars(numpy)  # its new form is not there either


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("seaborn", "seaborn-v0_8"),
        ("seaborn-whitegrid", "seaborn-v0_8-whitegrid"),
        ("seaborn-v0_8-dark", "seaborn-v0_8-dark"),
        ("ggplot", "ggplot"),
        ({"axes.grid": True}, {"axes.grid": True}),
    ],
)
def test_styles_of_seaborn_have_moved(old: Any, new: Any) -> None:
    asked: list[Any] = []
    style = SimpleNamespace(use=lambda value: asked.append(value))
    old_calls.old_styles(style)
    style.use(old)
    style.use([old, "ggplot"])
    assert asked == [new, [new, "ggplot"]]


def test_trees_of_jax_are_found_at_their_old_place() -> None:
    trees = {name: object() for name in old_calls.JAX_TREES}
    jax: Any = ModuleType("jax")
    jax.tree_util = SimpleNamespace(**trees)
    jax.random = SimpleNamespace(permutation=sorted)
    jax.ops = SimpleNamespace()
    jax.numpy = SimpleNamespace()
    jax.Array = list
    old_calls.old_trees(jax)
    assert jax.tree_map is trees["tree_map"]
    assert jax.tree_multimap is trees["tree_map"]
    assert jax.random.shuffle is sorted


@pytest.mark.parametrize(
    ("path", "only_weights", "written"),
    [
        ("best.hdf5", False, "best.hdf5.keras"),
        ("best.h5", False, "best.h5"),
        ("best.keras", False, "best.keras"),
        ("ckpt", True, "ckpt.weights.h5"),
        ("w.weights.h5", True, "w.weights.h5"),
    ],
)
def test_checkpoints_get_the_suffix_that_keras_asks_for(
    path: str, only_weights: bool, written: str
) -> None:
    made: list[str] = []
    begin = old_keras.with_suffix(lambda self, filepath, **_: made.append(filepath))
    begin(None, path, save_weights_only=only_weights)
    assert made == [written]


def test_weights_are_found_under_the_suffix_they_got(tmp_path: Path) -> None:
    asked: list[str] = []

    def load_weights(self: Any, filepath: str) -> None:
        asked.append(Path(filepath).name)

    load = old_keras.finding_files(load_weights)
    (tmp_path / "best.hdf5.keras").touch()
    (tmp_path / "w.weights.h5").touch()
    for name in ("best.hdf5", "w", "nothing"):
        load(None, str(tmp_path / name))
    assert asked == ["best.hdf5.keras", "w.weights.h5", "nothing"]


def test_fit_generator_is_fit_without_what_fetches_its_batches() -> None:
    asked: list[Any] = []

    class Model:
        fit_generator = old_keras.calling("fit", "fit_generator")

        def fit(self, *arguments: Any, **options: Any) -> None:
            asked.append((arguments, options))

    Model().fit_generator("batches", 10, 3, workers=4)
    Model().fit_generator(generator="batches", steps_per_epoch=5, epochs=1)
    assert asked == [
        (("batches",), {"steps_per_epoch": 10, "epochs": 3}),
        (("batches",), {"steps_per_epoch": 5, "epochs": 1}),
    ]


IN_A_BOX = {
    "torch": """
import numpy, torch
optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1)
torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, verbose=True)
assert numpy.Inf > 1
from torchvision import transforms
assert transforms.Scale is transforms.Resize
""",
    "sklearn": """
import numpy
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import plot_confusion_matrix
x, y = numpy.random.rand(30, 3), numpy.arange(30) % 3
old = LogisticRegression(multi_class="multinomial", penalty="none")
assert clone(old).fit(x, y).score(x, y) > 0
""",
    "keras": """
import numpy as np
from keras import backend as K
from keras.callbacks import ModelCheckpoint, TensorBoard
from keras.layers.core import Dense
from keras.models import Sequential
from keras.optimizers import Adam
from keras.preprocessing.image import ImageDataGenerator
from keras.preprocessing.text import Tokenizer
from keras.utils import np_utils
x, y = np.zeros((8, 3)), np_utils.to_categorical(np.arange(8) % 2)
model = Sequential([Dense(2, input_dim=3, activation="softmax")])
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
saved = ModelCheckpoint("best.hdf5", monitor="loss", save_best_only=True)
model.fit(x, y, nb_epoch=1, verbose=0, callbacks=[saved, TensorBoard("logs", write_grads=True)])
model.load_weights("best.hdf5")
assert len(model.predict_classes(x)) == 8
rate = Adam(lr=0.5).lr
assert abs(float(K.get_value(rate)) - 0.5) < 1e-6
""",
}


@pytest.mark.parametrize("name", IN_A_BOX)
def test_programs_of_before_run_in_a_box(name: str, tmp_path: Path) -> None:
    start = "from grader.runner import loaders\nloaders.install(0)\n"
    (tmp_path / "case.py").write_text(start + IN_A_BOX[name])
    done = subprocess.run(
        [sys.executable, "case.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
