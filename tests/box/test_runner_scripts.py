"""What the runner does for scripts as people write them: data in its published sizes, doors to it,
the end of the budget, errors after the training, names inside functions.
"""

from __future__ import annotations

import ast
import gzip
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.paths import ROOT

from grader.runner import (
    after_training,
    given_data,
    kept_names,
    notes,
    old_tensorflow,
    painters,
    problem,
    published_files,
    short_passes,
    text_loaders,
    torchtext_stand_in,
    well_known,
)
from grader.runner.frames import Trouble
from grader.runner.given_data import Given, NotThisTask
from grader.runner.problem import Problem, explain
from grader.runner.time_up import Clock, TimeIsUp


def whole(dataset: str = "mnist", pass_rows: int = 0, count: int = 60_000) -> Given:
    """Return data of which every row is another one: its own number."""
    rows = np.arange(count, dtype=np.uint32).reshape(count, 1)
    return given_data.give(rows, np.arange(count) % 10, dataset, pass_rows)


@pytest.fixture(autouse=True)
def nothing_given() -> Iterator[None]:
    yield
    given_data.GIVEN.clear()
    published_files.TEXT.clear()
    notes.NOTES.clear()


# Sizes.


def test_both_parts_have_the_published_sizes_and_share_no_row() -> None:
    given = whole()
    train, train_labels = given.part(True)
    test, test_labels = given.part(False)
    assert (len(train), len(train_labels), len(test), len(test_labels)) == (
        60_000,
        60_000,
        10_000,
        10_000,
    )
    assert not set(train[:, 0]) & set(test[:, 0])
    assert len(set(train[:, 0])) == 55_000
    assert len(set(test[:, 0])) == 5_000


def test_wherever_the_training_part_is_cut_no_row_is_on_both_sides() -> None:
    train, _ = whole().part(True)
    for cut in (10_000, 50_000, 55_000, 59_999):
        shared = set(train[:cut, 0]) & set(train[cut:, 0])
        assert len(shared) <= 1, "a row and its repetition stand side by side"


def test_a_part_of_a_set_and_other_sets_are_given_as_they_are() -> None:
    assert len(whole(count=1000).part(True)[0]) == 910
    assert len(whole("digits", count=1200).part(True)[0]) == 1100


def test_a_rehearsal_gives_its_few_rows_as_long_as_the_real_thing() -> None:
    given = whole(pass_rows=600, count=600)
    train, _ = given.part(True)
    assert len(train) == 60_000
    assert len(set(train[:600, 0])) == 550, "the first pass has them all"
    assert len(given.part(False)[0]) == 10_000


def test_a_loop_ends_after_a_short_pass_and_next_goes_on() -> None:
    whole(pass_rows=600, count=600)
    batches = [np.zeros((100, 2))] * 50
    assert len([each for each in short_passes.shortened(iter(batches), 5000)]) == 6
    by_hand = short_passes.shortened(iter(batches), 5000)
    assert len([next(by_hand) for _ in range(50)]) == 50
    assert len(list(short_passes.shortened(iter(batches), 1000))) == 50, "hardly longer: left"


def test_what_fit_is_given_is_cut_to_one_pass() -> None:
    whole(pass_rows=600, count=600)
    x = np.zeros((60_000, 4))
    options = {"validation_data": (x[:10_000], x[:10_000, 0]), "epochs": 2}
    cut, arguments, options = short_passes.fit_arguments(x, (x[:, 0],), options)
    assert (len(cut), len(arguments[0]), options["epochs"]) == (600, 600, 2)
    assert [len(each) for each in options["validation_data"]] == [600, 600]
    given_data.GIVEN.clear()
    assert short_passes.fit_arguments(x, (), {})[0] is x, "a graded training sees everything"


def test_a_prediction_has_a_row_for_every_row_of_a_rehearsal() -> None:
    given = whole(pass_rows=600, count=600)
    asked: list[int] = []

    def predict(x: np.ndarray) -> np.ndarray:
        asked.append(len(x))
        return x[:, :1] * 2.0

    x, _ = given.part(False)
    answer = short_passes.predicted(predict, x)
    assert asked == [600]
    assert (answer == x * 2.0).all(), "the rows of a part repeat, and so do the answers"
    given_data.end_short_passes()
    assert len(short_passes.predicted(predict, x)) == 10_000
    assert asked == [600, 10_000], "after the training every row is answered"


def test_another_set_is_told_with_its_task_and_with_the_loader_of_the_same_shapes() -> None:
    given = whole("mnist", count=600)
    with pytest.raises(NotThisTask, match=r"--task fashion-mnist\), or load datasets.MNIST or"):
        given.must_be("fashion-mnist")
    with pytest.raises(NotThisTask, match=r"--task cifar10\)$"):
        given.must_be("cifar10")
    with pytest.raises(NotThisTask, match=r"this task provides mnist$"):
        given.must_be("reuters")


# Doors.


def test_the_files_of_mnist_are_at_their_addresses(tmp_path: Path) -> None:
    pictures = np.arange(240 * 4, dtype="<u2").view(np.uint8).reshape(240, 2, 4)[:, :, :2]
    given_data.give(pictures, np.arange(240) % 10, "mnist")
    packed = well_known.urlopen("https://somewhere/mnist/train-images-idx3-ubyte.gz").read()
    content = gzip.decompress(packed)
    assert np.frombuffer(content[:16], ">i4").tolist() == [2051, 220, 2, 2]
    with np.load(io.BytesIO(well_known.content_of("https://x/mnist.npz"))) as file:
        assert (len(file["x_train"]), len(file["y_test"])) == (220, 20)


@pytest.mark.parametrize("address", ["https://example.org/cats.zip", "http://x/cifar-10.tar.gz"])
def test_any_other_address_is_refused_with_what_the_task_offers(address: str) -> None:
    whole()
    with pytest.raises(Problem, match=r"a box has no network; .*torchvision\.datasets\.MNIST"):
        well_known.content_of(address)


def test_the_reviews_lie_in_their_folders(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    given_data.give([f"text {n}" for n in range(240)], np.arange(240) % 2, "imdb")
    path = well_known.get_file("aclImdb_v1", "https://x/aclImdb_v1.tar.gz", untar=True)
    reviews = sorted(Path(path, "aclImdb", "train", "pos").glob("*.txt"))
    assert len(reviews) == 110
    assert {each.read_text()[:5] for each in reviews} == {"text "}
    assert not {each.read_text() for each in reviews} & {
        each.read_text() for each in Path(path, "aclImdb", "test").rglob("*.txt")
    }


def test_load_dataset_gives_pictures(tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 255, (240, 28, 28), dtype=np.uint8)
    given_data.give(pictures, np.arange(240) % 10, "mnist")
    module = types.ModuleType("datasets")
    module.__spec__ = types.SimpleNamespace(origin=None)  # type: ignore[assignment]
    text_loaders.answer(module)
    table = module.__dict__["load_dataset"]("ylecun/mnist", split="train")
    assert table[0]["image"].size == (28, 28)
    assert table.features["label"].names == [str(digit) for digit in range(10)]
    doubled = table.with_transform(lambda rows: {"twice": [2 * each for each in rows["label"]]})
    assert doubled[3] == {"twice": 2 * table[3]["label"]}
    assert [len(part["label"]) for part in table.iter(100)] == [100, 100, 20]
    with pytest.raises(NotThisTask, match=r'asks for load_dataset\("imdb_x"\); this task provides'):
        module.__dict__["load_dataset"]("imdb_x")


def test_torchtext_has_a_vocabulary_and_reviews() -> None:
    given_data.give(["A film, good!", "a bad film"] * 12, np.arange(24) % 2, "imdb")
    tokenize = torchtext_stand_in.get_tokenizer("basic_english")
    assert tokenize("It's good.") == ["it", "'", "s", "good", "."]
    pairs = torchtext_stand_in.imdb(split="train")
    vocabulary = torchtext_stand_in.build_vocab_from_iterator(
        (tokenize(text) for _, text in pairs), specials=["<unk>"]
    )
    vocabulary.set_default_index(vocabulary["<unk>"])
    assert vocabulary(["film", "zebra"]) == [vocabulary["film"], 0]
    assert {label for label, _ in pairs} == {1, 2}


def test_the_batches_of_tensorflow_1_go_on_without_end() -> None:
    pictures = np.random.default_rng(0).integers(0, 255, (12_000, 28, 28), dtype=np.uint8)
    given_data.give(pictures, np.arange(12_000) % 10, "mnist")
    digits = old_tensorflow.read_data_sets("MNIST_data", one_hot=True)
    assert (digits.train.num_examples, digits.validation.num_examples) == (6000, 5000)
    for _ in range(70):
        images, labels = digits.train.next_batch(100)
    assert (images.shape, labels.shape, digits.train.epochs_completed) == ((100, 784), (100, 10), 1)


def test_a_missing_text_is_the_tasks_only_in_the_programs_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    published_files.TEXT[:] = ["To be"]
    assert well_known.lay_down("books/plays.txt", open)
    assert Path("books/plays.txt").read_text() == "To be"
    assert not well_known.lay_down(str(tmp_path / "entry_points.txt"), open)
    assert not (tmp_path / "entry_points.txt").exists()


# Errors that are told.


def test_a_program_that_asks_a_person_is_told_that_nobody_answers() -> None:
    _, text = explain(EOFError("EOF when reading a line"))
    assert "nobody answers in a box; write the value into the program" in text


def test_a_missing_file_and_a_missing_network_come_with_the_doors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole()
    monkeypatch.setattr(problem, "ADVICE", [well_known.advice])
    for error in (FileNotFoundError(2, "No such file", "train.csv"), OSError("no route")):
        if not isinstance(error, FileNotFoundError):
            error.__cause__ = type("gaierror", (OSError,), {})()
        assert "this task gives its data (mnist) through" in explain(error)[1]
    assert explain(OSError("disk full")) == (Trouble.RAISED, "OSError: disk full")


# Errors after the training.

STEPS = textwrap.dedent(
    """
    def fit():
        for epoch in range(2):
            for batch in range(3):
                step()
            check()


    fit()
    report()
    """
)


@pytest.mark.parametrize(
    ("error", "is_after"),
    [
        ([("<module>", 10)], True),
        ([("<module>", 9), ("fit", 6)], False),
        ([("<module>", 9), ("fit", 5)], False),
        ([("<module>", 2)], False),
    ],
)
def test_an_error_is_after_the_training_where_no_loop_holds_both(
    error: list[tuple[str, int]], is_after: bool, tmp_path: Path
) -> None:
    file = tmp_path / "work.py"
    file.write_text(STEPS)

    def way(lines: list[tuple[str, int]]) -> after_training.Way:
        return [after_training.Line(str(file), name, number) for name, number in lines]

    step = way([("<module>", 9), ("fit", 5)])
    assert after_training.is_after(way(error), step) is is_after


# Names inside functions.


def test_what_a_function_held_at_its_end_is_kept_also_when_it_fails() -> None:
    source = textwrap.dedent(
        """
        def helper():
            hidden = 1

        def main():
            for number in range(3):
                params = [number]
            helper()
            raise ValueError

        try:
            main()
        except ValueError as error:
            line = error.__traceback__.tb_next.tb_lineno
        """
    )
    kept = kept_names.Kept()
    names: dict[str, Any] = {kept_names.KEEPER: kept}
    exec(compile(kept_names.keeping(ast.parse(source)), "work.py", "exec"), names)
    assert kept.names()["params"] == [2]
    assert "hidden" not in kept.names(), "only functions that the script itself calls"
    assert names["line"] == 9, "lines keep their numbers"


def test_large_arrays_are_not_kept() -> None:
    kept = kept_names.Kept()
    kept("main", {"x": np.zeros(1 << 20), "w": np.zeros(3)})
    assert set(kept.names()) == {"w"}


# The end of the budget.


@pytest.fixture
def clock() -> Iterator[Clock]:
    made = Clock()
    before = signal.getsignal(signal.SIGALRM)
    yield made
    made.end()
    signal.signal(signal.SIGALRM, before)


def run_until_stopped(clock: Clock, source: str, tmp_path: Path, **options: Any) -> dict[str, Any]:
    """Run a program under a clock of 50 ms; returns its names."""
    file = tmp_path / "work.py"
    names: dict[str, Any] = {"clock": clock, "time": time}
    code = compile(textwrap.dedent(source), str(file), "exec")
    clock.begin(0.05, str(tmp_path), options.pop("is_in_library", lambda: False), **options)
    with pytest.raises(TimeIsUp):
        exec(code, names)
    return names


def test_a_loop_is_stopped_at_its_next_line(clock: Clock, tmp_path: Path) -> None:
    names = run_until_stopped(clock, "count = 0\nwhile True:\n    count += 1\n", tmp_path)
    assert names["count"] > 0


def test_a_step_stops_where_the_hook_asks(clock: Clock, tmp_path: Path) -> None:
    source = """
        steps = 0
        def step():
            global steps
            steps += 1
            clock.check()
        while True:
            step()
    """
    assert run_until_stopped(clock, source, tmp_path)["steps"] > 0


def test_a_program_that_swallows_the_stop_is_stopped_again(clock: Clock, tmp_path: Path) -> None:
    source = """
        stops = 0
        while stops < 2:
            try:
                while True:
                    time.sleep(0.001)
            except KeyboardInterrupt:
                stops += 1
        while True:
            time.sleep(0.001)
    """
    assert run_until_stopped(clock, source, tmp_path)["stops"] == 2


def test_what_only_prepares_is_left_to_go_on(clock: Clock, tmp_path: Path) -> None:
    trained: list[int] = []
    clock.begin(0.02, str(tmp_path), lambda: False, lambda: bool(trained), patience=60.0)
    time.sleep(0.1)
    assert not clock.is_over


# Boxes without a GPU, in a process of its own: PyTorch is changed for good there.

WITHOUT_GPU = """
import sys, pathlib
from grader.runner import loaders, notes, without_gpu
pathlib.Path("work.py").write_text("x.cuda()")
loaders.install(3)
without_gpu.prepare(pathlib.Path("."))
import torch, copy, pickle
from torch import nn
x = torch.ones(3, device="cuda").cuda().to("cuda:0").to(torch.device("cuda", 0))
assert x.device.type == "cpu" and isinstance(x.device, torch.device)
layer = nn.Linear(3, 2).to("cuda").cuda()
assert layer(x).shape == (2,)
assert torch.zeros(2, device=torch.device("cuda")).device == torch.device("cpu")
assert pickle.loads(pickle.dumps(x.device)) == copy.deepcopy(x.device)
assert torch.cuda.get_device_name(0)
assert torch.randn(2, generator=torch.Generator(device="cuda")).shape == (2,)
torch.cuda.synchronize()
assert [each for each in notes.NOTES if "no GPU in this box" in each]
"""


def test_what_is_sent_to_a_gpu_stays_on_the_cpu(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_GPU],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


# Generators.


def test_noise_is_drawn_as_it_was_seen() -> None:
    random = np.random.default_rng(0)
    uniform = painters.as_seen(random.uniform(-1, 1, (256, 8)).astype(np.float32))(random, 400)
    assert -1 <= uniform.min() < -0.9
    normal = painters.as_seen(random.standard_normal((256, 8)).astype(np.float32))(random, 400)
    assert normal.max() > 2
    classes = painters.as_seen(np.arange(256) % 10)(random, 400)
    assert set(classes) == set(range(10))
    noise = random.standard_normal((256, 5)).astype(np.float32)
    both = painters.as_seen(np.hstack([noise, np.eye(10, dtype=np.float32)[np.arange(256) % 10]]))
    made = both(random, 50)
    assert (made[:, 5:].sum(axis=1) == 1).all()
    assert len(np.unique(made[:, 0])) == 50


def test_pictures_get_the_sides_of_the_task() -> None:
    square = np.zeros((2, 1, 32, 32))
    square[:, :, 8:24, 8:24] = 1.0
    made = painters.as_squares(square, 28)
    assert made.shape == (2, 28, 28)
    assert made[0, 14, 14] == pytest.approx(1.0)
    assert made[0, 0, 0] == pytest.approx(0.0)
    assert painters.as_squares(np.ones((3, 784)), 28).shape == (3, 28, 28)
    assert painters.as_squares(np.ones((3, 3, 28, 28)), 28).shape == (3, 28, 28)


def test_notes_are_said_once_and_not_without_end() -> None:
    for number in range(20):
        notes.note(f"about {number % 12}")
    assert notes.report()[:2] == ["note 1", "about 0"]
    assert len(notes.report()) == 2 * notes.MOST
    assert json.dumps(notes.report())


OLD_CALLS = """
from grader.runner import loaders
loaders.install(3)
import numpy, matplotlib
matplotlib.use("TkAgg")
import matplotlib.pyplot as plt
assert numpy.ones(3, dtype=numpy.float).sum() == 3.0
assert plt.subplot(2, 20 / 2, 1) is not None
plt.figure()
plt.show()
"""


def test_old_calls_and_windows_for_plots_do_no_harm(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", OLD_CALLS],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
