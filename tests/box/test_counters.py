"""What the kernel counts for a box: against known amounts where a group can be had, and as the
kernel writes it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.paths import DATA

from grader.errors import SubmissionFailed
from grader.records import Status
from grader.sandbox import counters
from grader.sandbox.box import Limits, Value
from grader.sandbox.counters import Counts, Group, make_group, remarks
from grader.sandbox.process import ProcessSandbox

RECORDED = DATA / "recorded" / "cgroup_v2"
RECORDED_V1 = DATA / "recorded" / "cgroup_v1"  # of containers, by kernel 6.18
MIB = 1 << 20
PROCESSES = 16


@pytest.fixture
def group() -> Iterator[Group]:
    made = make_group(f"test-{os.getpid()}", 200 * MIB, PROCESSES)
    if made is None:
        pytest.skip("this system grants no control group of one's own")
    yield made
    made.remove()


def run_in(group: Group, code: str) -> int:
    """Run Python code inside the group and return its exit code."""
    join = 'for file in $1; do echo $$ > "$file"; done; shift; exec "$@"'
    command = [
        "/bin/sh",
        "-c",
        join,
        "sh",
        " ".join(group.procs_files()),
        sys.executable,
        "-c",
        code,
    ]
    return subprocess.run(command, check=False, capture_output=True).returncode


# Recorded trees: v2 as the kernel documents it (Documentation/admin-guide/cgroup-v2.rst), v1 as one
# wrote it.


def recorded_v1(name: str) -> Group:
    folder = RECORDED_V1 / name
    return Group(
        name,
        folder / "memory",
        1,
        tuple(folder / other for other in ("cpuacct", "cpu", "freezer", "pids")),
    )


def test_the_files_of_version_2_are_understood() -> None:
    quiet = Group("quiet", RECORDED / "quiet", 2)
    assert quiet.peak_bytes() == 331350016
    assert quiet.oom_kills() == 0
    assert quiet.cpu_seconds() == pytest.approx(2.48)
    assert quiet.pids() == [4021, 4022, 4057]
    assert quiet.source == "cgroup v2"
    assert quiet.procs_files() == [str(RECORDED / "quiet" / "cgroup.procs")]


def test_kills_for_lack_of_memory_are_counted() -> None:
    killed = Group("killed", RECORDED / "killed", 2)
    assert killed.oom_kills() == 2
    assert killed.pids() == []


@pytest.mark.parametrize(
    ("group", "counts"),
    [
        (Group("quiet", RECORDED / "quiet", 2), Counts(331350016, 0, 2.48, 9, 0, 0.0)),
        (Group("limited", RECORDED / "limited", 2), Counts(104857600, 0, 1.13, 128, 11, 2.842022)),
        (Group("killed", RECORDED / "killed", 2), Counts(629145600, 2, 0.09, None, 0, 0.0)),
        (recorded_v1("quiet"), Counts(45903872, 0, 0.531454158, 8, 0, 0.0)),
        (recorded_v1("limited"), Counts(9101312, 0, 1.033679116, 20, 13, 0.458773528)),
        (recorded_v1("killed"), Counts(104857600, 2, 0.260169654, 7, 0, 0.0)),
    ],
    ids=lambda value: value.name + value.source if isinstance(value, Group) else "",
)
def test_both_versions_count_the_same_things(group: Group, counts: Counts) -> None:
    assert group.counts() == counts


def test_the_limits_that_were_met_are_said() -> None:
    assert remarks(recorded_v1("quiet").counts(), 64) == []
    processes, throttled = remarks(recorded_v1("limited").counts(), 20)
    assert processes == "reached the limit of 20 processes and threads (13 not started)"
    assert throttled == "was kept from the processor for 0.5 s by a limit on processor time"
    assert remarks(Counts(throttled_seconds=counters.SLOWED_SECONDS / 2), 20) == []


def test_a_kernel_without_memory_peak_gives_no_peak_rather_than_a_wrong_one() -> None:
    old = Group("old", RECORDED / "old_kernel", 2)
    assert old.peak_bytes() is None
    assert old.oom_kills() == 0
    assert old.cpu_seconds() == pytest.approx(0.09)


def test_a_group_that_is_gone_gives_nothing_and_is_removed_in_peace(tmp_path: Path) -> None:
    gone = Group("gone", tmp_path / "gone", 2)
    assert (gone.peak_bytes(), gone.oom_kills(), gone.cpu_seconds(), gone.pids()) == (
        None,
        0,
        None,
        [],
    )
    assert gone.counts() == Counts()
    gone.remove()


@pytest.mark.parametrize("content", ["", "max", "12 x\n", "oom_kill\noom_kill x"])
def test_a_file_of_another_form_gives_nothing(tmp_path: Path, content: str) -> None:
    for name in ("memory.peak", "memory.events", "cpu.stat"):
        (tmp_path / name).write_text(content)
    odd = Group("odd", tmp_path, 2)
    assert (odd.peak_bytes(), odd.oom_kills(), odd.cpu_seconds()) == (None, 0, None)


def test_a_group_is_pinned_by_its_own_file_or_not_at_all(tmp_path: Path) -> None:
    group = Group("gone", tmp_path, 2)
    assert not group.pin([1])
    (tmp_path / "cpuset.cpus").write_text("0-3")
    assert group.pin([1, 3])
    assert (tmp_path / "cpuset.cpus").read_text() == "1,3"
    (tmp_path / "cpuset.cpus").unlink()
    (tmp_path / "cpuset.cpus").mkdir()  # the kernel refuses
    assert not group.pin([1])


def test_only_a_cpuset_of_its_own_belongs_to_a_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container without one of its own is listed in everybody's, which is not to be written."""
    for path in ("memory/docker/abc", "cpuset/docker/abc"):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / "cpuset" / "cpuset.cpus").write_text("0-3")
    (tmp_path / "cpuset" / "docker" / "abc" / "cpuset.cpus").write_text("0-3")
    said = {
        "own": "9:memory:/docker/abc\n4:cpuset:/docker/abc\n",
        "shared": "9:memory:/docker/abc\n4:cpuset:/\n",
    }
    monkeypatch.setattr(counters, "CGROUP_ROOT", tmp_path)
    read = Path.read_text
    for name, pinned in (("own", True), ("shared", False)):
        monkeypatch.setattr(
            Path,
            "read_text",
            lambda self, *more, name=name: (
                said[name] if self.parts[1:2] == ("proc",) else read(self, *more)
            ),
        )
        group = counters.group_of(1)
        assert group is not None
        assert group.pin([1]) is pinned
    assert read(tmp_path / "cpuset" / "cpuset.cpus") == "0-3"


def test_where_no_hierarchy_can_be_written_there_is_no_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counters, "CGROUP_ROOT", tmp_path)
    assert make_group("anything", 100 * MIB, PROCESSES) is None
    assert list(tmp_path.iterdir()) == []


# Real groups.


def test_a_known_amount_is_counted(group: Group) -> None:
    before = run_in(group, "pass"), group.peak_bytes()
    assert before[0] == 0
    assert run_in(group, "x = bytearray(100 << 20)") == 0
    assert before[1] is not None
    peak = group.peak_bytes()
    assert peak is not None
    assert peak - before[1] == pytest.approx(100 * MIB, rel=0.03, abs=8 * MIB)


def test_the_time_of_all_processes_is_counted(group: Group) -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    assert run_in(group, f"import os\nos.fork()\n{burn}") == 0
    used = group.cpu_seconds()
    assert used is not None
    assert 0.5 < used < 2.0


def test_what_outgrows_the_group_is_killed_and_counted(group: Group) -> None:
    assert run_in(group, "x = bytearray(300 << 20)") != 0
    assert group.oom_kills() >= 1


FORKS = """
import os, sys, time
made = 0
while made < 40:
    try:
        pid = os.fork()
    except OSError:
        break
    if pid == 0:
        time.sleep(1)
        os._exit(0)
    made += 1
sys.exit(made)
"""


def test_no_more_processes_than_the_group_allows_can_be_made(group: Group) -> None:
    if not any((folder / "pids.max").exists() for folder in group.folders):
        pytest.skip("this system limits no processes of a group")
    assert run_in(group, FORKS) == PROCESSES - 1


def test_removing_leaves_no_folder_in_any_hierarchy() -> None:
    made = make_group(f"test-remove-{os.getpid()}", 100 * MIB, PROCESSES)
    if made is None:
        pytest.skip("this system grants no control group of one's own")
    assert all(folder.is_dir() for folder in made.folders)
    made.remove()
    assert not any(folder.exists() for folder in made.folders)


SOLUTION = """
import os

kept = []

def hold(mib):
    kept.append(bytearray(int(mib) << 20))
    return 0

def hold_in_child(mib):
    pid = os.fork()
    if pid == 0:
        kept.append(bytearray(int(mib) << 20))
        os._exit(0)
    os.waitpid(pid, 0)
    return 0

def hold_and_free(mib):
    x = bytearray(int(mib) << 20)
    del x
    return 0
"""


MANY = """
import os, time

def start(count):
    made = 0
    for _ in range(int(count)):
        try:
            pid = os.fork()
        except OSError:
            continue
        if pid == 0:
            time.sleep(5)
            os._exit(0)
        made += 1
    return made

def fail(count):
    raise RuntimeError(f"only {start(count)} of {count} workers could be started")
"""


def test_a_limit_on_processes_that_was_met_is_said(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(MANY)
    with ProcessSandbox().open(
        tmp_path, Limits(memory_bytes=512 * MIB, processes=PROCESSES)
    ) as box:
        box.hello(seed=1, num_classes=0, deadline_seconds=20)
        box.load(tmp_path, "solution.py", "functions", 20)
        counts = box.counts()
        if counts is None or counts.processes_peak is None:
            pytest.skip("this system counts no processes of a group")
        assert box.notes() == []
        box.call("start", ["result"], [Value.of(2)], 20)
        assert box.notes() == []
        with pytest.raises(SubmissionFailed) as failed:
            box.call("fail", ["result"], [Value.of(3 * PROCESSES)], 20)
        assert "of 48 workers could be started" in failed.value.failure.reason
        assert (
            f"The submission reached the limit of {PROCESSES} processes and threads"
            in failed.value.failure.reason
        )
        [note] = box.notes()
        assert note.startswith(f"the submission reached the limit of {PROCESSES} processes")


def test_a_child_that_outgrows_the_box_ends_it_whatever_is_answered(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(SOLUTION)
    with ProcessSandbox().open(tmp_path, Limits(memory_bytes=200 * MIB)) as box:
        box.hello(seed=1, num_classes=0, deadline_seconds=20)
        box.load(tmp_path, "solution.py", "functions", 20)
        before = box.peak_memory()
        if before is None or not before.source.startswith("cgroup"):
            pytest.skip("this system grants no control group of one's own")
        with pytest.raises(SubmissionFailed) as failed:
            box.call("hold_in_child", ["result"], [Value.of(400)], 20)
        assert failed.value.failure.status is Status.MEMORY_LIMIT_EXCEEDED


@pytest.mark.parametrize("function", ["hold", "hold_in_child", "hold_and_free"])
def test_300_mib_in_a_box_are_seen_as_300_mib(tmp_path: Path, function: str) -> None:
    (tmp_path / "solution.py").write_text(SOLUTION)
    with ProcessSandbox().open(tmp_path, Limits(memory_bytes=1024 * MIB)) as box:
        box.hello(seed=1, num_classes=0, deadline_seconds=20)
        box.load(tmp_path, "solution.py", "functions", 20)
        before = box.peak_memory()
        assert before is not None
        if not before.source.startswith("cgroup"):
            pytest.skip("this system grants no control group of one's own")
        box.call(function, ["result"], [Value.of(300)], 20)
        after = box.peak_memory()
        assert after is not None
        assert after.unit == "bytes"
        assert after.value - before.value == pytest.approx(300 * MIB, rel=0.03, abs=8 * MIB)
