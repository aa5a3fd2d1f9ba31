"""Results of several folders in one, and folders that cannot hold results."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.factories import make_result

from grader.classroom.marking import Marked, store_marked
from grader.commands import rescore
from grader.errors import UsageError
from grader.results import soundness, store
from grader.results.merging import hashes_in, merge, note_replaced, write_part_list


def part(root: Path, number: int, of: int, *authors: str) -> Path:
    """Store a result of each author, as part `number` of `of`."""
    for author in authors:
        store.save(root, make_result(author, id=f"id-{author}"), log=f"by {author}")
    write_part_list(root, number, of, ["Ada", "Ben", "Cleo"])
    return root


def test_parts_come_together_and_a_second_time_nothing_is_new(tmp_path: Path) -> None:
    parts = [part(tmp_path / "1", 1, 2, "Ada", "Cleo"), part(tmp_path / "2", 2, 2, "Ben")]
    merged = merge(parts, tmp_path / "all")
    assert (merged.copied, merged.there_before, merged.missing_parts) == (3, 0, [])
    everything = hashes_in(parts[0]) | hashes_in(parts[1])
    assert hashes_in(tmp_path / "all") == everything
    stored, broken = store.load_results(tmp_path / "all")
    assert (sorted(each.submission.author for each in stored), broken) == (
        ["Ada", "Ben", "Cleo"],
        [],
    )
    again = merge(parts, tmp_path / "all")
    assert (again.copied, again.there_before) == (0, 3)


def test_a_part_that_nobody_brought_is_named(tmp_path: Path) -> None:
    merged = merge([part(tmp_path / "2", 2, 3, "Ben")], tmp_path / "all")
    assert merged.missing_parts == ["1/3", "3/3"]


@pytest.mark.parametrize("damage", ["edited", "log", "gone", "list"])
def test_what_is_not_as_it_was_stored_stops_the_merge_before_anything_is_copied(
    tmp_path: Path, damage: str
) -> None:
    good = part(tmp_path / "1", 1, 2, "Ada")
    bad = part(tmp_path / "2", 2, 2, "Ben", "Cleo")
    [result] = bad.glob("*/id-Ben/result.json")
    if damage == "edited":
        result.write_text(result.read_text().replace("0", "1"))
    elif damage == "log":
        (result.parent / "log.txt").write_text("something else")
    elif damage == "gone":
        result.unlink()
    else:
        (bad / "part-2-of-2.json").write_text("{")
    with pytest.raises(UsageError, match="part-2-of-2" if damage == "list" else "id-Ben"):
        merge([good, bad], tmp_path / "all")
    assert not (tmp_path / "all").exists()


def test_one_id_with_two_contents_is_a_conflict(tmp_path: Path) -> None:
    one = part(tmp_path / "1", 1, 2, "Ada")
    store.save(tmp_path / "2", make_result("Ada", id="id-Ada", points=(1, 0, 0)))
    with pytest.raises(UsageError, match=r"id-Ada differs between .*1 and .*2"):
        merge([one, tmp_path / "2"], tmp_path / "all")
    merge([one], tmp_path / "all")
    with pytest.raises(UsageError, match="id-Ada differs"):
        merge([tmp_path / "2"], tmp_path / "all")


def test_a_folder_without_results_is_no_part(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="holds no result"):
        merge([tmp_path / "empty"], tmp_path / "all")


# Folders on disks that lack what a store needs.


def refused(*_: Any, **__: Any) -> None:
    raise OSError(22, "Invalid argument")


def copied(self: Path, target: Path) -> Path:
    """Rename as some network disks do: both names are there for a while."""
    target.mkdir()
    return target


@pytest.mark.parametrize(
    ("owner", "name", "broken", "said"),
    [
        (Path, "rename", refused, "refuses to rename"),
        (Path, "rename", copied, "refuses to rename|not at its new place"),
        (os, "replace", refused, "refuses to rename"),
        (soundness, "is_refused", lambda path: False, "same lock"),
        (soundness.FileLock, "acquire", refused, "no locks"),
    ],
)
def test_a_folder_where_results_are_not_safe_is_refused_with_what_it_lacks(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    name: str,
    broken: Any,
    said: str,
) -> None:
    soundness.require_sound(tmp_path / "results")
    assert not (tmp_path / "results").exists()
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, broken)
        with pytest.raises(UsageError, match=said) as raised:
            soundness.require_sound(tmp_path / "results")
    assert "grader results merge" in str(raised.value)
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("kind", ["folder", "link", "removed by others"])
def test_a_trial_removes_only_the_folders_that_it_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    root = tmp_path / "results"
    made = tmp_path / "made"
    made.mkdir()
    if kind == "folder":
        root.mkdir()
    elif kind == "link":
        root.symlink_to(made)
    else:
        monkeypatch.setattr(soundness, "lock_trouble", lambda trial: others_remove(trial.parent))
    soundness.require_sound(root)
    assert root.is_dir() == (kind != "removed by others")
    assert list(made.iterdir()) == []


def others_remove(root: Path) -> str:
    shutil.rmtree(root)
    return ""


def test_a_trial_leaves_no_folder_around_the_results(tmp_path: Path) -> None:
    soundness.require_sound(tmp_path / "parts" / "3")
    assert list(tmp_path.iterdir()) == []
    soundness.make_folders(tmp_path / "parts" / "3")
    soundness.require_sound(tmp_path / "parts" / "4")
    assert [each.name for each in (tmp_path / "parts").iterdir()] == ["3"]


def test_a_folder_that_another_trial_removes_meanwhile_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []
    mkdir = Path.mkdir

    def raced(self: Path, *arguments: Any, **options: Any) -> None:
        tries.append(self)
        if len(tries) == 1:
            raise FileNotFoundError
        mkdir(self, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", raced)
    soundness.make_folders(tmp_path / "results" / "trial")
    assert (tmp_path / "results" / "trial").is_dir()


# Parts that changed, or were cut differently.


def test_parts_of_different_listings_are_no_class(tmp_path: Path) -> None:
    one = part(tmp_path / "1", 1, 2, "Ada")
    store.save(tmp_path / "2", make_result("Ben", id="id-Ben"))
    write_part_list(tmp_path / "2", 2, 2, ["Ada", "Ben", "Cleo", "Dan"])
    with pytest.raises(UsageError, match=r"part 2/2 was cut from another listing.*\(Dan\)"):
        merge([one, tmp_path / "2"], tmp_path / "all")
    assert not (tmp_path / "all").exists()
    write_part_list(tmp_path / "2", 2, 2, [])  # a list from before they named submissions
    assert merge([one, tmp_path / "2"], tmp_path / "all").copied == 2


def test_what_was_scored_anew_in_a_part_merges_and_what_was_damaged_beside_it_does_not(
    tmp_path: Path,
) -> None:
    root = part(tmp_path / "1", 1, 1, "Ada", "Ben")
    fresh = make_result("Ada", id="id-Ada", points=(1, 0, 0))
    store.replace(root, fresh)
    with pytest.raises(UsageError, match="id-Ada"):
        merge([root], tmp_path / "all")
    note_replaced(root, [fresh])
    assert merge([root], tmp_path / "all").copied == 2
    (store.result_folder(root, fresh) / "log.txt").write_text("something else")
    note_replaced(root, [fresh])
    with pytest.raises(UsageError, match=r"id-Ada/log\.txt is not what was stored"):
        merge([root], tmp_path / "others")


def test_a_folder_without_parts_or_with_a_broken_list_is_scored_anew_all_the_same(
    tmp_path: Path,
) -> None:
    fresh = make_result("Ada", id="id-Ada")
    note_replaced(tmp_path / "nowhere", [fresh])
    root = part(tmp_path / "1", 1, 1, "Ada")
    (root / "part-1-of-1.json").write_text("{")
    note_replaced(root, [fresh])
    assert (root / "part-1-of-1.json").read_text() == "{"


def test_rescoring_a_part_keeps_its_list_true(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = part(tmp_path / "1", 1, 1, "Ada", "Ben")
    changed = make_result("Ada", id="id-Ada", points=(1, 0, 0))
    monkeypatch.setattr(rescore, "find_task", lambda task_id: None)
    monkeypatch.setattr(rescore, "reason_to_skip", lambda result, task: "")
    monkeypatch.setattr(
        rescore, "rescored", lambda result, task: changed if result.id == "id-Ada" else result
    )
    found = rescore.rescore_all(root, None)
    assert (len(found.changed), found.kept) == (1, 1)
    assert merge([root], tmp_path / "all").copied == 2


def test_marks_in_a_part_keep_its_list_true(tmp_path: Path) -> None:
    root = part(tmp_path / "1", 1, 1, "Ada")
    changed = make_result("Ada", id="id-Ada", points=(1, 0, 0))
    store_marked(root, Marked(results=[(changed, changed)]))
    assert merge([root], tmp_path / "all").copied == 1
