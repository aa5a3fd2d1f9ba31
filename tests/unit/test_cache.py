"""What is remembered between runs: written whole, private, bounded; a broken one counts as none."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.host import cache
from grader.host.cache import keep, recall, value_path


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_value_comes_back_and_the_later_one_wins() -> None:
    assert recall("figures", "one", json.loads) is None
    keep("figures", "one", json.dumps({"a": 1}))
    keep("figures", "two", json.dumps({"a": 3}))
    keep("figures", "one", json.dumps({"a": 2}).encode())
    assert recall("figures", "one", json.loads) == {"a": 2}
    assert recall("figures", "two", json.loads) == {"a": 3}
    assert recall("others", "one", json.loads) is None


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 3])
def test_a_broken_file_is_nothing_remembered(content: bytes) -> None:
    keep("figures", "one", "{}")
    value_path("figures", "one").write_bytes(content)
    assert recall("figures", "one", json.loads) is None


def test_more_than_is_kept_is_neither_read_nor_written() -> None:
    keep("figures", "one", "{}")
    value_path("figures", "one").write_text(json.dumps("x" * cache.MAX_VALUE_BYTES))
    assert recall("figures", "one", json.loads) is None
    with pytest.raises(GraderError, match="bytes to remember"):
        keep("figures", "one", "x" * (cache.MAX_VALUE_BYTES + 1))


def test_nobody_else_can_read_it(own_cache: Path) -> None:
    keep("figures", "one", "{}")
    assert stat.S_IMODE((own_cache / "figures").stat().st_mode) == 0o700
    assert stat.S_IMODE(value_path("figures", "one").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["", "../one", "a/b", ".one", "x" * 129, "one\n"])
def test_a_key_stays_in_its_folder(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a remembered value"):
        keep("figures", name, "{}")
    with pytest.raises(ValueError, match="cannot name a remembered value"):
        recall(name, "one", json.loads)


def test_the_oldest_go_first(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_VALUES", 3)
    for number in range(3):
        keep("figures", str(number), "{}")
        os.utime(value_path("figures", str(number)), (number, number))
    (own_cache / "figures" / ".left.partial").write_text("of a run that was killed")
    os.utime(own_cache / "figures" / ".left.partial", (0, 0))
    (own_cache / "figures" / "1.lock").write_text("")
    keep("figures", "3", "{}")
    assert sorted(path.name for path in (own_cache / "figures").iterdir()) == [
        "1.json",
        "1.lock",
        "2.json",
        "3.json",
    ]


def test_runs_that_end_together_leave_one_whole_value(own_cache: Path) -> None:
    values = [json.dumps([number] * 1000) for number in range(100)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda value: keep("figures", "one", value), values))
    assert json.dumps(recall("figures", "one", json.loads)) in values
    assert [path.name for path in (own_cache / "figures").iterdir()] == ["one.json"]


def test_a_cache_that_cannot_be_written_says_what_to_do(own_cache: Path) -> None:
    own_cache.mkdir()
    (own_cache / "figures").write_text("in the way")
    with pytest.raises(GraderError, match="GRADER_CACHE"):
        keep("figures", "one", "{}")
    assert recall("figures", "one", json.loads) is None
