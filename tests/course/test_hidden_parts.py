"""Private hidden parts: every form is read, and what is wrong with one is said in one message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support import small_data
from support.commands import grader
from support.factories import make_task

from grader.course.curriculum import Task, find_task
from grader.course.datasets import digits
from grader.course.hidden_parts import HiddenPart, also_published, find_part
from grader.errors import DataError, UsageError
from grader.records import published_version

DIGITS = find_task("digits")
COUNT = 120
DRAW = np.random.default_rng(5)
INPUTS = DRAW.integers(0, 256, size=(COUNT, 8, 8), dtype=np.uint8)
LABELS = np.arange(COUNT) % 10


def part_of(folder: Path, task: Task = DIGITS) -> HiddenPart:
    part = find_part(task, folder, None)
    assert part is not None
    return part


def arrays(folder: Path, inputs: np.ndarray = INPUTS, labels: np.ndarray = LABELS) -> None:
    np.savez(folder / "hidden.npz", inputs=inputs, labels=labels)


def pictures(folder: Path) -> None:
    for number, (picture, label) in enumerate(zip(INPUTS, LABELS, strict=True)):
        (folder / str(label)).mkdir(exist_ok=True)
        Image.fromarray(picture).save(folder / str(label) / f"{number:03}.png")


def test_arrays_are_a_hidden_part(tmp_path: Path) -> None:
    arrays(tmp_path)
    part = part_of(tmp_path)
    np.testing.assert_array_equal(part.inputs, INPUTS)
    assert part.labels.dtype == np.int64


def test_a_folder_of_pictures_for_each_class_is_one_too(tmp_path: Path) -> None:
    pictures(tmp_path)
    (tmp_path / "3" / ".DS_Store").touch()
    part = part_of(tmp_path)
    assert sorted(part.labels.tolist()) == sorted(LABELS.tolist())
    of_three = part.inputs[part.labels == 3]
    np.testing.assert_array_equal(of_three[0], INPUTS[3])


def test_texts_stand_in_files_of_their_class(tmp_path: Path, small_reviews: None) -> None:
    for label, name in enumerate(("negative", "positive")):
        (tmp_path / name).mkdir()
        for number in range(60):
            (tmp_path / name / f"{number}.txt").write_text(f"review {number} of {label}")
    part = part_of(tmp_path, make_task("imdb", dataset="imdb", classes=2))
    assert part.inputs.dtype == object
    assert part.inputs[0] == "review 0 of 0"
    assert part.labels.tolist() == [0] * 60 + [1] * 60


@pytest.fixture
def small_reviews(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small_data.small_reviews(tmp_path_factory.mktemp("data"), monkeypatch)
    monkeypatch.setenv("GRADER_DATA", str(folder))


def test_each_task_may_have_a_folder_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "digits").mkdir()
    arrays(tmp_path / "digits")
    assert len(part_of(tmp_path).labels) == COUNT


def test_the_fingerprint_is_of_all_there_is(tmp_path: Path) -> None:
    base = HiddenPart(INPUTS, LABELS)
    others = [
        HiddenPart(INPUTS[::-1], LABELS),
        HiddenPart(INPUTS, LABELS[::-1]),
        HiddenPart(INPUTS[:-1], LABELS[:-1]),
        HiddenPart(INPUTS, LABELS, "text"),
    ]
    found = {each.fingerprint for each in (base, *others)}
    assert len(found) == 5
    assert base.fingerprint == HiddenPart(INPUTS.copy(), LABELS.copy()).fingerprint


def test_results_stand_apart_and_still_belong_to_the_exam() -> None:
    part = HiddenPart(INPUTS, LABELS)
    task = part.of_task(DIGITS)
    assert task.exam_version != DIGITS.exam_version
    assert published_version(task.exam_version) == DIGITS.exam_version
    assert part.of_task(task).exam_version == task.exam_version


def test_functions_have_nothing_to_replace(tmp_path: Path) -> None:
    assert find_part(find_task("neuron"), tmp_path, None) is None
    assert find_part(DIGITS, None, None) is None


def nan(folder: Path) -> None:
    arrays(folder, INPUTS.astype(np.float32) / np.float32(0))


WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "nothing": (lambda folder: None, "neither hidden.npz nor a folder for each class"),
    "no labels": (lambda f: np.savez(f / "hidden.npz", inputs=INPUTS), "no array .*labels"),
    "not arrays": (lambda f: (f / "hidden.npz").write_bytes(b"PK"), "cannot be read"),
    "objects": (
        lambda f: np.savez(f / "hidden.npz", inputs=np.array([None] * 200), labels=LABELS),
        "cannot be read",
    ),
    "few": (lambda f: arrays(f, INPUTS[:50], LABELS[:50]), "50 inputs; .* needs 100 or more"),
    "another shape": (lambda f: arrays(f, INPUTS[:, :7]), r"expected \(n, 8, 8\) of uint8"),
    "shares": (lambda f: arrays(f, INPUTS / 255), "expected uint8, grey levels"),
    "a label less": (lambda f: arrays(f, INPUTS, LABELS[:-1]), "expected a label for each"),
    "labels beyond": (lambda f: arrays(f, INPUTS, LABELS + 1), "labels from 1 to 10"),
    "labels below": (lambda f: arrays(f, INPUTS, LABELS - 1), "labels from -1 to 8"),
    "labels in float": (lambda f: arrays(f, INPUTS, LABELS / 2), "expected whole numbers"),
    "a class missing": (lambda f: arrays(f, INPUTS, LABELS % 9), "no input of the class 9"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_said(wrong: str, tmp_path: Path) -> None:
    make, says = WRONG[wrong]
    make(tmp_path)
    with pytest.raises((DataError, UsageError), match=says):
        part_of(tmp_path)


def test_a_picture_of_another_size_is_named(tmp_path: Path) -> None:
    pictures(tmp_path)
    Image.fromarray(np.zeros((9, 10), np.uint8)).save(tmp_path / "4" / "large.png")
    with pytest.raises(DataError, match=r"large\.png is 10 by 9 pixels; expected 8 by 8, grey"):
        part_of(tmp_path)


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    pictures(tmp_path)
    (tmp_path / "4" / "broken.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"broken\.png cannot be read as a picture"):
        part_of(tmp_path)


def test_a_text_with_unknown_characters_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = small_data.small_plays(tmp_path_factory.mktemp("data"), monkeypatch)
    monkeypatch.setenv("GRADER_DATA", str(folder))
    task = make_task("plays", exam="language", dataset="tiny-shakespeare", context=32)
    with pytest.raises(UsageError, match=r"has no hidden\.txt"):
        part_of(tmp_path, task)
    (tmp_path / "hidden.txt").write_text("aé" * 9000)
    with pytest.raises(DataError, match=r"'.xe9'"):
        part_of(tmp_path, task)
    (tmp_path / "hidden.txt").write_text("a")
    with pytest.raises(DataError, match="1 characters; expected 10000"):
        part_of(tmp_path, task)
    (tmp_path / "hidden.txt").write_text("a king " * 2000)
    assert len(part_of(tmp_path, task).text) == 14_000


def test_what_everybody_has_is_counted(tmp_path: Path) -> None:
    dataset = digits.load(Path())
    mixed = np.concatenate([INPUTS[:100], dataset.hidden_inputs[:7], dataset.train_inputs[:13]])
    assert also_published(HiddenPart(mixed, LABELS), dataset) == 20


def test_the_command_says_what_it_found(tmp_path: Path) -> None:
    arrays(tmp_path)
    done = grader("data", "hidden", "digits", tmp_path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "120 inputs, fingerprint " in done.stdout
    done = grader("data", "hidden", "neuron", tmp_path, cwd=tmp_path)
    assert done.returncode == 2
    assert "nothing hidden to replace" in done.stderr
