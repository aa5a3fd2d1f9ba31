"""What the runner makes of a learner's file: script or solution, values that travel, transforms,
the right model.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from support.paths import ROOT

from grader.runner import classifier, given_data, script, values
from grader.runner.frames import Trouble
from grader.runner.problem import Problem

DATASETS = "from torchvision import datasets\n"


def trouble(error: pytest.ExceptionInfo[Problem]) -> Trouble:
    return error.value.trouble


# Scores.


def test_scores_of_the_right_shape_become_float32() -> None:
    given = np.arange(6, dtype=np.int64).reshape(2, 3)
    scores = classifier.as_scores(given, 2, 3)
    assert scores.dtype == np.float32
    assert scores.flags.c_contiguous
    np.testing.assert_array_equal(scores, given)


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.int32])
def test_labels_become_ones_and_zeros(dtype: type) -> None:
    scores = classifier.as_scores(np.array([2, 0], dtype=dtype), 2, 3)
    np.testing.assert_array_equal(scores, [[0, 0, 1], [1, 0, 0]])


def test_a_list_of_lists_and_a_transposed_array_are_scores() -> None:
    np.testing.assert_array_equal(
        classifier.as_scores([[1, 2, 3], [4, 5, 6]], 2, 3), [[1, 2, 3], [4, 5, 6]]
    )
    assert classifier.as_scores(np.ones((3, 2)).T, 2, 3).flags.c_contiguous


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "None"),
        ("seven", "a str"),
        ({"scores": 1}, "a dict"),
        (np.array([1, 3]), "labels from 1 to 3; expected 0 to 2"),
        (np.array([-1, 0]), "labels from -1 to 0"),
        (np.array([0.0, 1.0]), r"shape \(2,\) \(float64\)"),
        (np.zeros((3, 3)), r"shape \(3, 3\)"),
        (np.zeros((2, 4)), r"expected \(2, 3\) class scores"),
        (np.zeros((2, 1, 3)), r"shape \(2, 1, 3\)"),
        (np.array([object(), object()]), "expected an array of class scores"),
        (np.zeros((2, 3), dtype=complex), "expected an array of class scores"),
        ([[1], [2, 3]], "expected an array of class scores"),
    ],
)
def test_an_answer_of_another_kind_is_said(answer: Any, says: str) -> None:
    with pytest.raises(Problem, match=says) as caught:
        classifier.as_scores(answer, 2, 3)
    assert trouble(caught) is Trouble.WRONG_TYPE


# Values of functions.


@pytest.mark.parametrize("value", [3, 2.5, True])
def test_a_python_number_travels_as_one(value: float) -> None:
    array, scalar = values.travelling(value, "f", "result")
    assert scalar
    assert isinstance(array, np.ndarray)
    assert array.shape == ()
    assert array.item() == value


def test_texts_travel_as_texts() -> None:
    assert values.travelling("one", "f", "result") == (["one"], True)
    assert values.travelling(["one", "two"], "f", "result") == (["one", "two"], False)


def test_an_array_travels_in_native_byte_order_and_is_no_scalar() -> None:
    array, scalar = values.travelling(np.array([1, 2], dtype=">i4"), "f", "result")
    assert isinstance(array, np.ndarray)
    assert array.dtype == np.dtype("int32")
    assert array.tolist() == [1, 2]
    assert not scalar


def test_a_nested_list_and_a_numpy_number_are_arrays() -> None:
    assert values.travelling([[1, 2], [3, 4]], "f", "result")[0].shape == (2, 2)  # type: ignore[union-attr]
    array, scalar = values.travelling(np.float32(1.5), "f", "result")
    assert isinstance(array, np.ndarray)
    assert array.dtype == np.float32
    assert not scalar


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, r"f\(\) returned None for loss; expected a NumPy array"),
        ({1, 2}, "a set"),
        (b"bytes", "a bytes"),
        ([1, "two"], "dtype"),
        (np.array([1 + 2j]), "dtype complex128"),
        (np.zeros((1,) * 8), "8 dimensions"),
        (np.array([None]), "ndarray of shape"),
        pytest.param(lambda: 1, "a function", id="lambda"),
    ],
    ids=str,
)
def test_what_cannot_travel_is_said(value: Any, says: str) -> None:
    with pytest.raises(Problem, match=says) as caught:
        values.travelling(value, "f", "loss")
    assert trouble(caught) is Trouble.WRONG_TYPE


# Script or solution.

SCRIPTS = {
    "statements alone": DATASETS + "model = 1\n",
    "train of a usual script": DATASETS
    + "def train(args, model, device, loader, optimizer, epoch):\n    pass\n",
    "train of an epoch": DATASETS + "def train(epoch):\n    pass\n",
    "train of a loader": DATASETS + "def train(dataloader, model, loss_fn, optimizer):\n    pass\n",
    "train without arguments": DATASETS + "def train():\n    pass\n",
    "train of an epoch with torchvision.datasets": (
        "import torchvision.datasets as D\ndef train(epoch):\n    pass\n"
    ),
    "train with a keyword that must be given": "def train(data, *, rate):\n    pass\n",
    "load of several": DATASETS + "def load(path, device, strict):\n    pass\n",
    "train only inside a class": DATASETS + "class A:\n    def train(self, data):\n        pass\n",
}
SOLUTIONS = {
    "train(data)": "def train(data):\n    pass\n",
    "train(data) that may use datasets": DATASETS + "def train(data):\n    pass\n",
    "train of another name": "def train(d):\n    pass\n",
    "train with defaults": "def train(data, rate=0.1, *, epochs=3):\n    pass\n",
    "train of any": "def train(*args, **kwargs):\n    pass\n",
    "load(folder)": "def load(folder):\n    pass\n",
    "train from a helper": "from helper import fit as train\n",
    "no Python": "def train(:\n",
    "with a null byte": "x = 1\0",
}


@pytest.mark.parametrize("source", SCRIPTS.values(), ids=SCRIPTS)
def test_a_script_is_seen_as_one(source: str) -> None:
    assert script.is_script(source)


@pytest.mark.parametrize("source", SOLUTIONS.values(), ids=SOLUTIONS)
def test_a_solution_is_not_taken_for_a_script(source: str) -> None:
    assert not script.is_script(source)


# The data that loaders answer with.


@pytest.fixture
def given() -> Iterator[given_data.Given]:
    labels = np.arange(240) % 10
    images = np.arange(240 * 2, dtype="<u2").view(np.uint8).reshape(240, 2, 2)
    yield given_data.give(images, labels, "mnist")
    given_data.GIVEN.clear()


def test_the_test_split_of_a_script_is_disjoint_and_stratified(given: given_data.Given) -> None:
    train, train_labels = given.ask("mnist", True, None)
    test, test_labels = given.ask("mnist", False, None)
    assert len(train) + len(test) == 240
    assert np.bincount(test_labels).tolist() == [2] * 10
    assert np.bincount(train_labels).tolist() == [22] * 10
    seen = {row.tobytes() for row in train}
    assert not seen & {row.tobytes() for row in test}


def test_the_last_transform_of_each_split_is_remembered(given: given_data.Given) -> None:
    for train, transform in ((True, "a"), (False, "b"), (True, "c"), (False, None)):
        given.ask("mnist", train, transform)
    assert given.transforms == {True: "c", False: "b"}


def test_another_dataset_is_refused(given: given_data.Given) -> None:
    with pytest.raises(Problem, match="asks for cifar10; this task provides mnist") as caught:
        given.ask("cifar10", True, None)
    assert trouble(caught) is Trouble.NOT_DEFINED


def test_a_loader_before_training_says_when_to_call_it() -> None:
    given_data.GIVEN.clear()
    with pytest.raises(Problem, match=r"inside train\(data\)"):
        given_data.given()


# What needs PyTorch runs in a process of its own: importing it here would weigh on every other
# test.

WITH_TORCH = """
import sys
from types import ModuleType, SimpleNamespace
import numpy as np
from grader.runner import finding, given_data, loaders, script, tracing
loaders.install(3)
import torch
import torchvision
from PIL import Image
from torch import nn
from torchvision import transforms as t
from torchvision.transforms import v2
from grader.runner import with_torch_transforms, with_torch
from grader.runner.problem import Problem

BATCH = np.random.default_rng(0).integers(0, 256, (9, 28, 28), dtype=np.uint8)


def by_hand(steps, batch=BATCH):
    return torch.stack([t.Compose(steps)(Image.fromarray(image)) for image in batch])


def same(chosen, steps, batch=BATCH):
    got = with_torch_transforms.evaluation_transform(chosen)(batch)
    want = by_hand(steps, batch)
    assert got.shape == want.shape and got.dtype == want.dtype, (got.shape, want.shape, got.dtype)
    largest = (torch.as_tensor(got) - torch.as_tensor(want)).abs().max()
    assert largest <= 1e-6, largest


def fails(call, says):
    try:
        call()
    except Problem as problem:
        assert says in problem.text, problem.text
    else:
        raise AssertionError(f"nothing was raised; expected {says}")


def data(inputs=BATCH):
    return SimpleNamespace(inputs=inputs, labels=np.arange(len(inputs)) % 10, num_classes=10)
"""

CASES = {
    "ToTensor and Normalize": """
steps = [t.ToTensor(), t.Normalize((0.1307,), (0.3081,))]
same({False: t.Compose(steps)}, steps)
same({True: t.Compose(steps)}, steps)
""",
    "ToTensor alone": "same({True: t.ToTensor()}, [t.ToTensor()])",
    "no transform": """
assert torch.equal(with_torch_transforms.evaluation_transform({})(BATCH), by_hand([t.ToTensor()]))
""",
    "colour": """
colour = np.random.default_rng(1).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
steps = [t.ToTensor(), t.Normalize((0.5, 0.4, 0.3), (0.2, 0.3, 0.4))]
same({False: t.Compose(steps)}, steps, colour)
""",
    "nested, with steps one by one": """
flat = t.Lambda(lambda x: x.view(-1))
steps = [t.Compose([t.ToTensor()]), t.Normalize(0.5, 0.5), flat, lambda x: x * 2]
same({False: t.Compose(steps)}, steps)
""",
    "steps before ToTensor": """
steps = [t.Resize(32), t.Grayscale(3), t.ToTensor(), t.Normalize((0.5,) * 3, (0.5,) * 3)]
same({False: t.Compose(steps)}, steps)
""",
    "a crop of the middle": """
for size in (24, 28, 32):
    steps = [t.CenterCrop(size), t.ToTensor(), t.Normalize(0.5, 0.5)]
    same({False: t.Compose(steps)}, steps)
""",
    "v2": """
steps = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.1307], [0.3081])]
same({False: v2.Compose(steps)}, steps)
steps = [v2.ToImage(), v2.Resize((14, 14)), v2.ToDtype(torch.float32, scale=True)]
same({False: v2.Compose(steps)}, steps)
steps = [v2.PILToTensor(), v2.ToDtype(torch.float32, scale=False)]
same({False: v2.Compose(steps)}, steps)
""",
    "the test transform goes first": """
same({True: t.Compose([t.RandomRotation(90), t.ToTensor()]), False: t.ToTensor()}, [t.ToTensor()])
""",
    "without the random steps": """
random = [
    t.RandomRotation(90), t.RandomHorizontalFlip(1.0), t.ColorJitter(0.9), t.RandAugment(),
    t.AugMix(), t.GaussianBlur(3), t.RandomApply([t.RandomAffine(90)], p=1.0), t.ElasticTransform(),
]
kept = [t.ToTensor(), t.Normalize(0.5, 0.5)]
same({True: t.Compose([*random, *kept, t.RandomErasing(1.0)])}, kept)
left = with_torch_transforms.without_random(t.Compose([*random, *kept])).transforms
names = [with_torch_transforms.kind(step) for step in left]
assert names == ["ToTensor", "Normalize"], names
same({True: t.Compose([t.RandomCrop(24), t.ToTensor()])}, [t.CenterCrop(24), t.ToTensor()])
same({True: t.Compose([t.RandomCrop(28, padding=4), t.ToTensor()])}, [t.ToTensor()])
same({True: t.Compose([t.RandomResizedCrop(20), t.ToTensor()])}, [t.Resize((20, 20)), t.ToTensor()])
blurred = [t.GaussianBlur(3, sigma=1.0), t.ToTensor()]
same({True: t.Compose(blurred)}, blurred)
""",
    "a step that cannot be applied": """
three = t.Normalize((0.5,) * 3, (0.5,) * 3)
def fails_with(transform, text):
    fails(lambda: with_torch_transforms.evaluation_transform({False: transform})(BATCH), text)
fails_with(t.Compose([t.ToTensor(), three]), "Normalize cannot be")
fails_with(t.Compose([t.ToTensor(), t.Lambda(lambda x: x[7])]), "Lambda cannot be")
fails_with(t.Resize(9), "add transforms.ToTensor()")
""",
    "the form a model takes": """
class Rows(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru, self.head = nn.GRU(28, 4, batch_first=True), nn.Linear(4, 10)

    def forward(self, rows):
        return self.head(self.gru(rows)[0][:, -1])


shapes = []
for model, shape in (
    (nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), (1, 28, 28)),
    (nn.Sequential(nn.Linear(784, 10)), (784,)),
    (Rows(), (28, 28)),
    (nn.Sequential(nn.Conv2d(1, 2, 28), nn.Flatten(), nn.Linear(2, 10)), (1, 28, 28)),
):
    answer = with_torch.answerer(model, data())
    model.register_forward_pre_hook(lambda module, inputs: shapes.append(tuple(inputs[0].shape)))
    assert answer(BATCH).shape == (9, 10) and shapes.pop() == (9, *shape), shape
    assert answer(BATCH[:1]).shape == (1, 10) and not model.training
misfit = with_torch.answerer(nn.Linear(9, 10), data())
fails(lambda: misfit(BATCH), "given float32 of shape (9, 1, 28, 28) and raised")
""",
    "the model that was trained": """
def train(model, steps=1, optimizer=True):
    step = torch.optim.SGD(model.parameters(), 0.1)
    for _ in range(steps):
        model(torch.ones(1, 4)).sum().backward()
        if optimizer:
            step.step()


def left(**names):
    ran = script.Ran(ModuleType("__main__"), "x.py", names, seen)
    return finding.find_models(ran)


def found(**names):
    return left(**names).candidates[0].model


def fresh():
    return nn.Sequential(nn.Linear(4, 3))


seen = tracing.trace_script()
a, b = fresh(), fresh()
fails(lambda: found(), "left no model")
fails(lambda: found(loss=nn.CrossEntropyLoss(), flat=nn.Flatten()), "left no model")
fails(lambda: found(a=a), "trained nothing")
train(a, optimizer=False)
assert found(a=a) is a, "trained by hand"
train(a)
assert found(a=a, again=a, part=a[0], b=b, loss=nn.CrossEntropyLoss()) is a
assert found() is a, "without a global name"
train(b)
assert found(a=a, b=b, c=b) is b, "the one that was trained last"
assert [each.name for each in left(a=a, b=b).trained] == ["b", "a"]
train(a)
assert found(a=a, b=b) is a
assert found(a=a, model=b) is b, "a name says more than the order"
assert found(net=a, model=b) is b
best = fresh()
assert found(net=a, best=best) is a, "a name that is graded goes first"
assert found(student=a, best=best) is best, "a copy that is called the best"
assert found(student=a, other=nn.Linear(9, 3)) is a
both = [a, b]
assert found(a=a, b=b, ensemble=both) == both
b.load_state_dict(a.state_dict())
assert found(a=a, b=b) is b, "trained weights were loaded into it"

seen = tracing.trace_script()


def main():
    train(fresh(), 3)


main()
assert [type(model) for model in seen.models] == [nn.Sequential], seen.models
assert found(untrained=fresh()) is seen.models[0], "made and trained inside main()"
""",
    "datasets in torchvision's form": """
from torch.utils.data import DataLoader

images = np.random.default_rng(0).integers(0, 256, (240, 28, 28), dtype=np.uint8)
given = given_data.give(images, np.arange(240) % 10, "mnist")
train = torchvision.datasets.MNIST("anywhere", download=True, transform=t.ToTensor())
test = torchvision.datasets.MNIST("anywhere", False)
assert (len(train), len(test)) == (220, 20)
assert train.data.dtype == torch.uint8 and train.data.shape == (220, 28, 28)
assert train.targets.dtype == torch.int64
assert train.classes[3] == "3 - three" and train.class_to_idx["3 - three"] == 3
image, label = test[0]
assert isinstance(image, Image.Image) and image.size == (28, 28) and isinstance(label, int)
batch, labels = next(iter(DataLoader(train, 50)))
assert batch.shape == (50, 1, 28, 28) and labels.dtype == torch.int64
assert isinstance(train, torchvision.datasets.mnist.MNIST) and "220" in repr(train)
train.data.zero_()
assert given.inputs.any(), "a script works on its own copy"
fails(lambda: torchvision.datasets.FashionMNIST("anywhere"), "asks for fashion-mnist")
fails(lambda: torchvision.datasets.CIFAR10("anywhere"), "asks for cifar10")
given_data.give(np.zeros((24, 32, 32, 3), np.uint8), np.arange(24) % 10, "cifar10")
colour = torchvision.datasets.CIFAR10("anywhere", train=True, transform=t.ToTensor())
assert colour[0][0].shape == (3, 32, 32) and isinstance(colour.targets, list)
assert colour.class_to_idx["cat"] == 3
""",
}


@pytest.fixture(scope="module")
def with_torch(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Run every case in one process; returns what each ended with, empty where it passed."""
    folder = tmp_path_factory.mktemp("cases")
    lines = [WITH_TORCH, "import traceback", f"CASES = {CASES!r}"]
    lines.append("for name, code in CASES.items():")
    lines.append("    try:")
    lines.append("        exec(compile(code, name, 'exec'), dict(globals()))")
    lines.append("        print(f'case {name}: passed', flush=True)")
    lines.append("    except BaseException:")
    lines.append(
        "        text = traceback.format_exc().replace(chr(10), chr(0))\n"
        "        print(f'case {name}: ' + text, flush=True)"
    )
    (folder / "cases.py").write_text("\n".join(lines))
    done = subprocess.run(
        [sys.executable, "cases.py"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    found = dict(
        line[5:].split(": ", 1) for line in done.stdout.splitlines() if line.startswith("case ")
    )
    return {
        name: found.get(name, f"not reached: {done.stderr}").replace("\0", "\n") for name in CASES
    }


@pytest.mark.parametrize("name", CASES)
def test_with_torch(name: str, with_torch: dict[str, str]) -> None:
    assert with_torch[name] == "passed", with_torch[name]
