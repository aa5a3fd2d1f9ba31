"""Results on disk: whole or not there, whatever happens while one is written."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from support.factories import make_result
from support.paths import TESTS

from grader.errors import GraderError
from grader.host.ownership import ownership_mark
from grader.records import Verdict
from grader.results import store

KILLS = 12
WRITTEN_BESIDE = 150

WRITER = """
import sys
from pathlib import Path
import numpy as np
from support.factories import make_result
from grader.results import store

root = Path(sys.argv[1])
scores = np.zeros((20000, 10), dtype=np.float32)
print("ready", flush=True)
while True:
    result = make_result(id=store.new_id())
    store.save(root, result, log="line\\n" * 20000, arrays={"scores": scores})
    print(result.id, flush=True)
"""


def test_what_was_saved_is_what_is_loaded(tmp_path: Path) -> None:
    result = make_result("Ada")
    folder = store.save(
        tmp_path, result, log="epoch 1\n", arrays={"scores": np.eye(3, dtype=np.float32)}
    )
    assert folder == tmp_path / "mnist" / result.id
    assert store.load_results(tmp_path) == ([result], [])
    assert store.read_log(tmp_path, result) == "epoch 1\n"
    with np.load(folder / "predictions.npz", allow_pickle=False) as kept:
        np.testing.assert_array_equal(kept["scores"], np.eye(3))


def test_nothing_but_the_result_stays_behind(tmp_path: Path) -> None:
    result = make_result()
    store.save(tmp_path, result)
    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))] == [
        "mnist",
        f"mnist/{result.id}",
        f"mnist/{result.id}/result.json",
    ]


def test_results_come_oldest_first_and_by_task(tmp_path: Path) -> None:
    late, early = make_result("late", minutes=500), make_result("early", minutes=2)
    other = make_result("other", task="digits", minutes=100)
    for result in (late, other, early):
        store.save(tmp_path, result)
    assert [result.submission.author for result in store.load_results(tmp_path)[0]] == [
        "early",
        "other",
        "late",
    ]
    assert [result.submission.author for result in store.load_results(tmp_path, "digits")[0]] == [
        "other"
    ]
    assert store.load_results(tmp_path / "nowhere") == ([], [])


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b'{"schema_version": 2}', b"\xff\xfe"])
def test_a_file_that_is_no_result_is_named_and_the_others_are_read(
    tmp_path: Path, content: bytes
) -> None:
    good = make_result()
    store.save(tmp_path, good)
    bad = tmp_path / "mnist" / "broken" / "result.json"
    bad.parent.mkdir()
    bad.write_bytes(content)
    results, broken = store.load_results(tmp_path)
    assert results == [good]
    assert len(broken) == 1
    assert str(bad) in broken[0]


def test_replacing_keeps_the_log_and_changes_the_result(tmp_path: Path) -> None:
    result = make_result()
    store.save(tmp_path, result, log="said")
    changed = result.model_copy(update={"verdict": Verdict(status="below_target")})
    store.replace(tmp_path, changed)
    assert store.load_results(tmp_path) == ([changed], [])
    assert store.read_log(tmp_path, changed) == "said"


def test_ids_sort_by_time_and_do_not_repeat() -> None:
    ids = [store.new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert all(len(name) == 25 and name[:8].isdigit() and name[15:17] == "Z-" for name in ids)


def test_a_kill_at_any_moment_loses_at_most_the_result_in_progress(tmp_path: Path) -> None:
    draw = random.Random(0)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
    finished: list[str] = []
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(draw.uniform(0, 0.15))
        process.send_signal(signal.SIGKILL)
        finished += process.stdout.read().split()
        process.stdout.close()
        process.wait()
        results, broken = store.load_results(tmp_path)
        assert broken == []
        assert set(finished) <= {result.id for result in results}
    assert finished
    for path in tmp_path.glob("mnist/2*"):
        assert (path / "log.txt").stat().st_size == 100_000
        with np.load(path / "predictions.npz", allow_pickle=False) as kept:
            assert kept["scores"].shape == (20000, 10)
    store.remove_partials(tmp_path)
    assert list(tmp_path.glob("mnist/.partial-*")) == []
    assert set(finished) <= {path.name for path in tmp_path.glob("mnist/*")}


def test_a_partial_result_is_never_read_and_a_living_graders_stays(tmp_path: Path) -> None:
    code = "from grader.host.ownership import ownership_mark; print(ownership_mark())"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    result = make_result()
    for mark in (ended.stdout.strip(), ownership_mark()):
        partial = tmp_path / "mnist" / f".partial-{mark}-{result.id}"
        partial.mkdir(parents=True)
        (partial / "result.json").write_text(result.model_dump_json())
    assert store.load_results(tmp_path) == ([], [])
    store.remove_partials(tmp_path)
    assert [path.name for path in (tmp_path / "mnist").iterdir()] == [
        f".partial-{ownership_mark()}-{result.id}"
    ]


def test_graders_that_store_beside_each_other_do_not_trip_over_what_the_other_renames(
    tmp_path: Path,
) -> None:
    def write() -> None:
        for _ in range(WRITTEN_BESIDE):
            store.save(tmp_path, make_result(id=store.new_id()))

    with ThreadPoolExecutor(1) as beside:
        writing = beside.submit(write)
        while not writing.done():
            store.prepare(tmp_path, "mnist")
        writing.result()
    assert len(store.load_results(tmp_path)[0]) == WRITTEN_BESIDE


@pytest.mark.parametrize("moment", ["write", "rename"])
def test_a_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if moment == "write":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(GraderError, match="No space left on device"):
        store.save(tmp_path, make_result(), log="text")
    monkeypatch.undo()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert store.load_results(tmp_path) == ([], [])


def test_a_full_disk_leaves_the_result_that_was_to_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    result = make_result()
    changed = result.model_copy(update={"verdict": Verdict(status="below_target")})
    store.save(tmp_path, result)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GraderError, match="No space left on device"):
        store.replace(tmp_path, changed)
    monkeypatch.undo()
    assert store.load_results(tmp_path) == ([result], [])
    assert [path.name for path in (tmp_path / "mnist").iterdir()] == [result.id]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(GraderError, match="could not be stored"):
            store.save(tmp_path / "results", make_result())
    finally:
        tmp_path.chmod(0o700)


def test_a_results_path_that_is_a_file_is_said(tmp_path: Path) -> None:
    file = tmp_path / "results"
    file.write_text("")
    with pytest.raises(GraderError, match="could not be stored"):
        store.save(file, make_result())
