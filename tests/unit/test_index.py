"""The cache beside the store: quick, and never believed against the files."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from support.factories import make_result
from support.paths import TESTS
from support.synthetic import write_store

from grader.commands.board import show_boards
from grader.records import Result, Verdict
from grader.results import store


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "results"


def seen(root: Path, task: str | None = None) -> set[tuple[str, float | None]]:
    return {(each.path, each.total) for each in store.summaries(root, task)[0]}


def as_stored(root: Path, task: str | None = None) -> set[tuple[str, float | None]]:
    found, _ = store.load_results(root, task)
    return {
        (f"{each.task.id}/{each.id}", each.score.total if each.score else None) for each in found
    }


def test_it_gives_what_the_files_say_the_first_time_and_the_second(root: Path) -> None:
    write_store(root, 60)
    assert len(seen(root)) == 60
    assert seen(root) == seen(root) == as_stored(root)


def test_a_new_a_changed_and_a_removed_result_are_noticed(root: Path) -> None:
    one, two = make_result("Ada"), make_result("Bo")
    store.save(root, one)
    store.save(root, two)
    assert len(seen(root)) == 2
    store.save(root, make_result("Cy"))
    assert len(seen(root)) == 3
    assert one.score is not None
    store.replace(
        root, one.model_copy(update={"score": one.score.model_copy(update={"total": 12.0})})
    )
    for path in store.result_folder(root, two).iterdir():
        path.unlink()
    store.result_folder(root, two).rmdir()
    assert seen(root) == as_stored(root)
    assert (f"mnist/{one.id}", 12.0) in seen(root)


def test_an_unchanged_result_is_not_read_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_store(root, 20)
    before = seen(root)
    store.save(root, make_result("Ada"))
    read: list[Path] = []
    real = store.read_result
    monkeypatch.setattr(store, "read_result", lambda path: read.append(path) or real(path))
    assert len(seen(root)) == len(before) + 1
    assert len(read) == 1


def test_a_result_that_changes_while_it_is_read_is_read_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = make_result("Ada")
    store.save(root, result)
    assert result.score is not None
    score = result.score.model_copy(update={"total": 12.0})
    real = store.read_result

    def read_too_early(path: Path) -> Result | str:
        found = real(path)
        store.replace(root, result.model_copy(update={"score": score}))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(store, "read_result", read_too_early)
        store.summaries(root)
    assert seen(root) == as_stored(root) == {(f"mnist/{result.id}", 12.0)}


def test_one_task_alone_does_not_forget_the_others(root: Path) -> None:
    write_store(root, 40)
    task = store.summaries(root)[0][0].task
    assert seen(root, task) == as_stored(root, task)
    assert 0 < len(seen(root, task)) < 40
    assert seen(root) == as_stored(root)


@pytest.mark.parametrize(
    "content", [b"", b"no database at all, but long enough to be looked at" * 50]
)
def test_a_broken_index_is_made_anew(content: bytes, root: Path, own_cache: Path) -> None:
    write_store(root, 10)
    seen(root)
    (path,) = (own_cache / "index").glob("*.sqlite3")
    path.write_bytes(content)
    assert seen(root) == as_stored(root)
    assert sqlite3.connect(path).execute("SELECT count(*) FROM results").fetchone() == (10,)


def test_an_index_of_other_columns_is_made_anew(root: Path, own_cache: Path) -> None:
    write_store(root, 10)
    seen(root)
    (path,) = (own_cache / "index").glob("*.sqlite3")
    path.unlink()
    sqlite3.connect(path).execute(
        "CREATE TABLE results (path TEXT, total REAL)"
    ).connection.commit()
    assert seen(root) == as_stored(root)


def test_a_cache_that_cannot_be_written_costs_only_time(root: Path, own_cache: Path) -> None:
    write_store(root, 10)
    own_cache.write_text("a file where the folder should be")
    assert seen(root) == as_stored(root)


def test_an_index_that_another_grader_holds_costs_only_time(root: Path, own_cache: Path) -> None:
    write_store(root, 10)
    seen(root)
    (path,) = (own_cache / "index").glob("*.sqlite3")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        store.save(root, make_result("Ada"))
        assert seen(root) == as_stored(root)
    finally:
        holder.execute("ROLLBACK")
        holder.close()


WRITER = """
import sys
from pathlib import Path
from support.factories import make_result
from grader.results import store
root, name = Path(sys.argv[1]), sys.argv[2]
for number in range(40):
    store.save(root, make_result(name, id=f"{name}-{number}"))
    store.summaries(root)
"""


def test_writers_and_readers_at_once_lose_nothing(root: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)])}
    command = [sys.executable, "-c", WRITER, str(root)]
    running = [subprocess.Popen([*command, name], env=environment) for name in ("ada", "bo", "cy")]
    assert [process.wait(120) for process in running] == [0, 0, 0]
    assert len(seen(root)) == 120
    assert seen(root) == as_stored(root)


def damaged(root: Path) -> Path:
    """Write a store in which one result is whole and every other is broken in its own way."""
    store.save(root, make_result("Ada", id="whole"))
    for name, edit in (
        ("cut", lambda text: text[: len(text) // 2]),
        ("newer", lambda text: text.replace('"schema_version": 1', '"schema_version": 2')),
        ("edited", lambda text: text.replace('"total": 88.0', '"total": "all of them"')),
        ("empty", lambda text: ""),
        ("list", lambda text: "[1, 2]"),
    ):
        folder = store.save(root, make_result("Bo", id=name))
        path = folder / store.RESULT_FILE
        path.write_text(edit(path.read_text("utf-8")), "utf-8")
    return root


def test_what_cannot_be_read_is_named_with_the_reason(root: Path) -> None:
    _, broken = store.summaries(damaged(root))
    assert broken == store.load_results(root)[1]
    said = {Path(line.split(" is left out")[0]).parent.name: line for line in broken}
    assert set(said) == {"cut", "newer", "edited", "empty", "list"}
    assert "not complete JSON" in said["cut"]
    assert "schema_version 2" in said["newer"]
    assert "score.total" in said["edited"]
    assert all("\n" not in line for line in broken)


def test_a_result_that_claims_another_folder_reaches_no_file_there(
    root: Path, tmp_path: Path
) -> None:
    (tmp_path / "log.txt").write_text("secret")
    result = make_result("Ada", id="../../..")
    assert store.read_log(root, result) == ""
    assert store.read_details(root, result) is None
    assert store.stamp(root, result.summary("")) == ""


def test_details_that_are_damaged_are_a_sentence(root: Path) -> None:
    result = make_result("Ada")
    folder = store.save(root, result)
    assert store.read_details(root, result) is None
    (folder / store.DETAILS_FILE).write_text('{"classes": 7}')
    assert "damaged" in str(store.read_details(root, result))


def show(root: Path, capsys: pytest.CaptureFixture[str], task: str | None = None) -> str:
    show_boards(task, root, latest=False, as_json=False, table=None)
    return capsys.readouterr().out


def test_the_terminal_shows_the_first_of_each_board_and_all_of_one_task(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in range(8):
        store.save(root, make_result(f"author{place}", points=(90 - place, 0, 0)))
    every = show(root, capsys)
    assert "author0" in every
    assert "author7" not in every
    assert "and 5 more; `grader board mnist` shows them all" in every
    assert "author7" in show(root, capsys, "mnist")


def test_the_graders_own_trouble_does_not_crowd_out_the_leaders(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in range(6):
        trouble: Result = make_result(f"unlucky{place}", points=None, measurements={})
        store.save(root, trouble.model_copy(update={"verdict": Verdict(status="grader_error")}))
    store.save(root, make_result("Ada"))
    shown = show(root, capsys)
    assert shown.count("unlucky") == 1
    assert "Ada" in shown
