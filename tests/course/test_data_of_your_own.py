"""Data sets that a task brings along: every kind of file, what is said of a wrong one, what stays
private, and the two tasks that docs/teach/data-of-your-own.md shows.
"""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.documented import FOLDER, files_of, reference_of
from support.paths import ROOT

from grader.course.curriculum import find_task, load_task
from grader.course.dataset import dataset_states, find_dataset
from grader.course.dataset_file import read_dataset_file
from grader.course.examples import Dataset
from grader.course.hidden_parts import find_part
from grader.course.own_dataset import OwnDataset
from grader.course.own_place import OwnPlace, fingerprint
from grader.errors import DataError, UsageError
from grader.grading.verifying import verify_task
from grader.records import Result, Status
from grader.results import store

PAGE = ROOT / "docs" / "teach" / "data-of-your-own.md"
HEAD = 'name = "mine"\n{more}\n[train]\npath = "{train}"\n[hidden]\npath = "{hidden}"\n'
TABLE = "a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    return folder


def own(home: Path, train: str, hidden: str, more: str = "") -> OwnDataset:
    (home / "dataset.toml").write_text(HEAD.format(more=more, train=train, hidden=hidden))
    return OwnDataset(OwnPlace(read_dataset_file(home / "dataset.toml"), home))


def loaded(home: Path, train: str, hidden: str, more: str = "") -> Dataset:
    return own(home, train, hidden, more).load(home / "nowhere")


def tables(home: Path, train: str = TABLE, hidden: str = TABLE, suffix: str = ".csv") -> list[str]:
    (home / f"train{suffix}").write_text(train, "utf-8")
    (home / f"hidden{suffix}").write_text(hidden, "utf-8")
    return [f"train{suffix}", f"hidden{suffix}"]


# Every kind of file.


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_is_read_whatever_stands_between_its_columns(home: Path, separator: str) -> None:
    suffix = ".tsv" if separator == "\t" else ".csv"
    text = "\ufeff" + TABLE.replace(",", separator)
    found = loaded(home, *tables(home, text, text, suffix), 'label = "kind"')
    assert found.train_inputs.tolist() == [[1, 2], [3, 4], [5, 6], [7, 8]]
    assert (found.train_inputs.dtype, found.columns) == (np.float32, ("a", "b"))
    assert (found.classes, found.train_labels.tolist()) == (("x", "y"), [0, 1, 0, 1])


def test_a_column_of_numbers_may_be_the_target_and_others_dropped(home: Path) -> None:
    found = loaded(home, *tables(home), 'target = "b"\ndrop = ["kind"]')
    assert found.classes == ()
    assert (found.train_labels.dtype, found.train_labels.tolist()) == (np.float32, [2, 4, 6, 8])


def test_a_column_of_texts_alone_gives_texts(home: Path) -> None:
    text = 'review,kind\n"good, really",up\nbad,down\n'
    found = loaded(home, *tables(home, text, text), 'label = "kind"')
    assert found.train_inputs.tolist() == ["good, really", "bad"]


def test_a_parquet_file_is_a_table(home: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    for part in ("train", "hidden"):
        pandas.DataFrame({"a": [1, 2], "kind": ["x", "y"]}).to_parquet(home / f"{part}.parquet")
    found = loaded(home, "train.parquet", "hidden.parquet", 'label = "kind"')
    assert found.hidden_inputs.tolist() == [[1], [2]]


ARRAYS = {
    "grey pictures": (np.zeros((4, 5, 6), np.uint8), np.uint8),
    "coloured pictures": (np.zeros((4, 5, 6, 3), np.uint8), np.uint8),
    "rows": (np.ones((4, 7)), np.float32),
    "signals of two channels": (np.ones((4, 2, 100), np.float32), np.float32),
    "texts": (np.array(["a", "bc", "d", "e"]), object),
}


@pytest.mark.parametrize(("inputs", "kind"), ARRAYS.values(), ids=ARRAYS)
def test_arrays_of_every_form_are_read(home: Path, inputs: np.ndarray, kind: type) -> None:
    for part in ("train", "hidden"):
        np.savez(home / f"{part}.npz", inputs=inputs, labels=np.array([10, 2, 10, 2]))
    found = loaded(home, "train.npz", "hidden.npz")
    assert (found.train_inputs.dtype, found.train_inputs.shape) == (kind, inputs.shape)
    assert found.classes == ("2", "10")
    assert found.train_labels.tolist() == [1, 0, 1, 0]


def test_whole_numbers_count_through_the_names(home: Path) -> None:
    for part in ("train", "hidden"):
        np.savez(home / f"{part}.npz", x=np.ones((3, 2)), y=np.array([1, 0, 1]))
    found = loaded(home, "train.npz", "hidden.npz", 'classes = ["no", "yes"]')
    assert (found.classes, found.train_labels.tolist()) == (("no", "yes"), [1, 0, 1])


def pictures(home: Path, size: tuple[int, int] = (8, 6)) -> None:
    for part in ("train", "hidden"):
        for kind, grey in (("dark", 20), ("light", 200)):
            (home / part / kind).mkdir(parents=True)
            for number in range(3):
                image = Image.new("RGB", size, (grey, grey, number))
                image.save(home / part / kind / f"{number}.png")
        (home / part / ".DS_Store").write_bytes(b"x")
        (home / part / "dark" / "Thumbs.db").write_bytes(b"x")


def test_a_folder_of_pictures_is_read_with_its_folders_as_classes(home: Path) -> None:
    pictures(home)
    found = loaded(home, "train", "hidden")
    assert (found.train_inputs.shape, found.train_inputs.dtype) == ((6, 6, 8, 3), np.uint8)
    assert (found.classes, found.train_labels.tolist()) == (("dark", "light"), [0, 0, 0, 1, 1, 1])
    small = loaded(home, "train", "hidden", "size = [4, 5]\ngrey = true")
    assert small.train_inputs.shape == (6, 4, 5)


def test_a_folder_of_texts_is_read(home: Path) -> None:
    for part in ("train", "hidden"):
        for kind in ("up", "down"):
            (home / part / kind).mkdir(parents=True)
            (home / part / kind / "a.txt").write_text(f"{kind} \u00e9")
    found = loaded(home, "train", "hidden")
    assert found.train_inputs.tolist() == ["down \u00e9", "up \u00e9"]


# What is wrong is said.

WRONG_TABLES = {
    "no column named": (TABLE, "", "names no column to be answered"),
    "another column": (TABLE, 'label = "sort"', "no column 'sort'; it has a, b, kind"),
    "words among numbers": (TABLE, 'target = "a"', "column 'kind' holds texts, such as 'x'"),
    "a missing number": (TABLE.replace("3,4", "3,"), 'label = "kind"', "example 2 has a missing"),
    "one class": ("a,kind\n1,x\n2,x\n", 'label = "kind"', "has 1 classes"),
    "no number to be met": (TABLE, 'target = "kind"', "not all of them are numbers"),
    "an unknown class": (TABLE, 'label = "kind"\nclasses = ["x", "z"]', "'y', which is none of x"),
    "an empty file": ("", 'label = "kind"', "cannot be read as a table"),
}


@pytest.mark.parametrize(("text", "more", "says"), WRONG_TABLES.values(), ids=WRONG_TABLES)
def test_a_table_that_does_not_fit_is_said_with_its_place(
    home: Path, text: str, more: str, says: str
) -> None:
    with pytest.raises(DataError) as caught:
        loaded(home, *tables(home, text, text), more)
    assert says in str(caught.value)


def test_a_hidden_part_of_another_form_is_said(home: Path) -> None:
    parts = tables(home, TABLE, TABLE.replace("a,b", "a,c"))
    with pytest.raises(DataError, match="columns of one alone: b, c"):
        loaded(home, *parts, 'label = "kind"')


def test_a_class_that_only_the_hidden_part_has_is_said(home: Path) -> None:
    with pytest.raises(DataError, match="example 4 is of class 'z'"):
        loaded(home, *tables(home, TABLE, TABLE.replace("7,8,y", "7,8,z")), 'label = "kind"')


def test_pictures_of_two_sizes_ask_for_one(home: Path) -> None:
    pictures(home)
    Image.new("RGB", (3, 3)).save(home / "train" / "light" / "9.png")
    with pytest.raises(DataError, match=r"add size = \[height, width\]"):
        loaded(home, "train", "hidden")


def test_an_array_of_objects_is_never_unpickled(home: Path) -> None:
    objects = np.array([{"a": 1}, {}], dtype=object)
    for part in ("train", "hidden"):
        np.savez(home / f"{part}.npz", inputs=objects, labels=np.array([0, 1]))
    with pytest.raises(DataError, match="NPZ of plain arrays"):
        loaded(home, "train.npz", "hidden.npz")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = ", "not valid TOML"),
        ('name = "mine"\ncolour = 1\n', "colour: Extra inputs"),
        (HEAD.format(more='label = "a"\ntarget = "b"', train="a", hidden="b"), "use one"),
    ],
)
def test_a_broken_dataset_toml_names_its_key(home: Path, text: str, says: str) -> None:
    (home / "dataset.toml").write_text(text)
    with pytest.raises(DataError, match=says) as caught:
        read_dataset_file(home / "dataset.toml")
    assert str(home / "dataset.toml") in str(caught.value)


# Where it lies, what stands in for it, and what fixes it.


def test_a_check_does_not_need_the_hidden_part(home: Path, tmp_path: Path) -> None:
    parts = tables(home)
    (home / "hidden.csv").unlink()
    mine = own(home, *parts, 'label = "kind"')
    small = mine.stand_in(np.random.default_rng(0))
    assert set(small.train_labels) == set(small.hidden_labels) == {0, 1}
    found = mine.load(tmp_path)
    assert (len(found.train_labels), len(found.hidden_labels)) == (4, 0)
    assert found.is_private


def test_a_stand_in_is_drawn_from_the_training_part_without_overlap(home: Path) -> None:
    rows = "".join(f"{number},{number % 3}\n" for number in range(90))
    mine = own(home, *tables(home, "a,kind\n" + rows, "a,kind\n1000,1\n"), 'label = "kind"')
    small = mine.stand_in(np.random.default_rng(0))
    train = set(small.train_inputs[:, 0].tolist())
    asked = set(small.hidden_inputs[:, 0].tolist())
    assert not train & asked
    assert train | asked == set(range(90))
    copies = mine.perturb(small.hidden_inputs, np.random.default_rng(1))
    assert copies.dtype == np.float32
    assert not np.array_equal(copies, small.hidden_inputs)


def test_a_checksum_that_does_not_fit_is_an_error(home: Path) -> None:
    parts = tables(home)
    right = fingerprint(home / "train.csv")
    more = 'label = "kind"'
    text = HEAD.format(more=more, train=parts[0], hidden=parts[1])
    for checksum, fits in ((right, True), ("0" * 64, False)):
        told = text.replace(f'path = "{parts[0]}"', f'path = "{parts[0]}"\nsha256 = "{checksum}"')
        (home / "dataset.toml").write_text(told)
        mine = OwnDataset(OwnPlace(read_dataset_file(home / "dataset.toml"), home))
        if fits:
            mine.load(home)
            continue
        with pytest.raises(DataError, match="its checksum is"):
            mine.load(home)


def test_data_sets_of_several_tasks_lie_in_a_folder_of_their_own(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own(home, *tables(home), 'label = "kind"')
    monkeypatch.setenv("GRADER_DATASETS", str(home.parent))
    assert find_dataset("mine").load(tmp_path).classes == ("x", "y")
    assert dataset_states(tmp_path)["mine"] == f"ready in {home}"
    with pytest.raises(DataError, match="Did you mean 'mine'"):
        find_dataset("mime")


# The two tasks of the page.


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's tasks as a reader would write them, with the data that their programs make."""
    root = tmp_path_factory.mktemp("page")
    for name, text in files_of(PAGE).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    for program in ("wine/make_tables.py", "shapes/draw.py"):
        runpy.run_path(str(root / FOLDER / program))
    return root / FOLDER


@pytest.mark.parametrize("task_id", ["wine", "shapes"])
def test_a_task_of_the_page_is_graded_to_the_page_of_its_result(
    task_id: str,
    written: Path,
    results: Path,
    monkeypatch: pytest.MonkeyPatch,
    grade_folder: Callable[..., Result],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("GRADER_TASKS", str(written))
    task = find_task(task_id)
    findings = verify_task(task.folder, tmp_path, tmp_path)
    assert {finding.status for finding in findings} == {"pass", "advice"}
    starter = grade_folder(task.starter, task_id)
    assert starter.verdict.status is Status.BELOW_TARGET, starter.verdict
    reference = grade_folder(reference_of(task.folder), task_id)
    assert reference.verdict.status is Status.ACCEPTED, reference.verdict
    details = store.read_details(results, starter)
    assert details is not None
    assert len(details.confusion) == 3
    # Wine is private, so no page may show a hidden bottle; shapes may be seen.
    shown = [mistake for mistake in details.mistakes if mistake.picture or mistake.text]
    assert bool(shown) == (task_id == "shapes")


def test_the_hidden_part_may_be_on_the_machine_that_grades_alone(
    written: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    grade_folder: Callable[..., Result],
) -> None:
    folder = tmp_path / "tasks" / "wine"
    shutil.copytree(written / "wine", folder)
    private = tmp_path / "private" / "wine"
    private.mkdir(parents=True)
    (folder / "hidden.csv").rename(private / "hidden.csv")
    monkeypatch.setenv("GRADER_TASKS", str(tmp_path / "tasks"))
    task = find_task("wine")
    without = grade_folder(reference_of(folder), "wine")
    assert without.verdict.status is Status.GRADER_ERROR
    assert "GRADER_HIDDEN" in without.verdict.reason
    part = find_part(task, private.parent, tmp_path)
    assert part is not None
    assert len(part.labels) == 60
    with pytest.raises(UsageError, match="no hidden part for task 'wine'"):
        find_part(task, written / "shapes", tmp_path)


def test_other_data_are_another_exam(written: Path, tmp_path: Path) -> None:
    folder = tmp_path / "wine"
    folder.mkdir()
    for name in ("task.toml", "dataset.toml", "train.csv", "hidden.csv"):
        (folder / name).write_bytes((written / "wine" / name).read_bytes())
    before = load_task(folder).exam_version
    assert before == load_task(written / "wine").exam_version
    lines = (folder / "train.csv").read_text().splitlines()
    (folder / "train.csv").write_text("\n".join(lines[:-1]))
    load_task.cache_clear()
    fingerprint.cache_clear()
    assert load_task(folder).exam_version != before
