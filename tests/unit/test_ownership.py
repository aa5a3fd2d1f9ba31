"""The mark of a grader: who is dead, who is not, and what may not be touched because nobody can
know.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.host import ownership
from grader.host.ownership import (
    is_orphaned,
    make_folder,
    orphaned_folders,
    ownership_mark,
    remove_tree,
    temporary_folder,
)

SAY = "from grader.host.ownership import ownership_mark; print(ownership_mark(), flush=True)"
WAIT = f"{SAY}; input()"


def ended_mark() -> str:
    """Return the mark of a process that has ended and that nobody waits for any more."""
    return subprocess.run(
        [sys.executable, "-c", SAY], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_mark_begins_with_the_process_and_stays_the_same() -> None:
    assert ownership_mark() == ownership_mark()
    assert ownership.MARK.fullmatch(ownership_mark())
    assert ownership_mark().startswith(f"{os.getpid()}-")


def test_this_process_lives_and_an_ended_one_is_orphaned() -> None:
    assert not is_orphaned(ownership_mark())
    assert not is_orphaned(f"grader-box-{ownership_mark()}-x1y2z3")
    assert is_orphaned(ended_mark())
    assert is_orphaned(f"grader-box-{ended_mark()}-x1y2z3")


def test_a_living_process_of_somebody_elses_is_alive() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAIT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        mark = other.stdout.readline().decode().strip()
        assert not is_orphaned(mark)
        other.kill()
        until = time.monotonic() + 10
        while not is_orphaned(mark) and time.monotonic() < until:
            time.sleep(0.01)
        assert other.returncode is None, "nobody has waited for it yet: it is a zombie"
        assert is_orphaned(mark)


def test_a_process_that_another_user_started_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refused)
    assert not is_orphaned(ownership_mark())


def test_a_number_that_another_process_got_since_is_no_proof_of_life() -> None:
    pid, _, place = ownership_mark().split("-")
    assert is_orphaned(f"{pid}-00000000-{place}")


def test_after_a_restart_of_the_computer_everything_is_orphaned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mark = ownership_mark()
    monkeypatch.setattr(ownership, "boot_id", lambda: "another")
    assert is_orphaned(mark)


def test_what_is_marked_elsewhere_or_not_at_all_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mark = ended_mark()
    assert not is_orphaned(re.sub(r"[0-9a-f]{6}$", "ffffff", mark))
    for text in ("", "grader-box-abc", "123-456", "99999-1700000000"):
        assert not is_orphaned(text)


def test_a_number_no_process_can_have_is_orphaned() -> None:
    _, start, place = ownership_mark().split("-")
    assert is_orphaned(f"{10**30}-{start}-{place}")


def test_a_folder_says_whose_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ownership.tempfile, "tempdir", str(tmp_path))
    with temporary_folder("run") as folder:
        assert folder.parent == tmp_path
        assert folder.name.startswith(f"grader-run-{ownership_mark()}-")
        assert folder.stat().st_mode & 0o777 == 0o700
        assert orphaned_folders() == []
    assert not folder.exists()
    left = tmp_path / f"grader-null-{ended_mark()}-x"
    left.mkdir()
    (tmp_path / "grader-of-somebody").mkdir()
    assert orphaned_folders() == [left]
    assert orphaned_folders("null") == [left]
    assert orphaned_folders("box") == []


def test_a_temporary_folder_that_cannot_be_had_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ownership.tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(GraderError, match="TMPDIR"):
        make_folder("box")
    assert orphaned_folders() == []


def test_a_tree_is_removed_and_what_it_links_to_is_not(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o500)
    (outside.parent / "file").write_text("kept")
    folder = tmp_path / "folder"
    (folder / "locked" / "inner").mkdir(parents=True)
    (folder / "locked" / "inner" / "file").write_text("")
    (folder / "link").symlink_to(outside)
    (folder / "locked" / "inner").chmod(0)
    (folder / "locked").chmod(0)
    remove_tree(folder)
    assert not folder.exists()
    assert outside.stat().st_mode & 0o777 == 0o500
    link = tmp_path / "link"
    link.symlink_to(outside)
    remove_tree(link)
    remove_tree(tmp_path / "nowhere")
    assert outside.is_dir()
