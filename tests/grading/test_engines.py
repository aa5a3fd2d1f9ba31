"""Engines: what is lost is tried elsewhere, exactly one result is stored, and what travels arrives
as it was.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from support.factories import make_result, make_task

from grader.commands import batch as commands
from grader.course.task_file import LimitsTable
from grader.errors import GraderError, PackingError, UsageError
from grader.grading.batch import Batch
from grader.grading.batch_outcomes import Finished
from grader.grading.bench import Bench
from grader.grading.engines import packing
from grader.grading.engines import ray as ray_engine
from grader.grading.engines.engine import IsWanted
from grader.grading.engines.needs import Need
from grader.grading.engines.packing import (
    pack_folders,
    pack_hand_in,
    unpack_folders,
    unpack_hand_in,
    with_full_paths,
)
from grader.grading.engines.ray import (
    RayEngine,
    RayWorker,
    require_listener,
    with_full_folders,
    wrong_versions,
)
from grader.grading.parts import read_share
from grader.grading.settings import Settings
from grader.host import granted_cores
from grader.intake.hand_ins import HandIn
from grader.records import Result, Status, Verdict
from grader.results.packed import pack, unpack
from grader.results.store import contents, load_results

GIB = 1 << 30


class Node:
    """A computer that grades as the test says: well, not at all, or with trouble of ours."""

    def __init__(self, name: str, fate: str) -> None:
        self.name = name
        self.fate = fate  # "", "dies", "fails", "troubled"
        self.is_lost = False
        self.graded: list[str] = []


class NodeWorker:
    """A worker on such a computer."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.author = ""

    def open(self, hand_in: HandIn) -> dict[str, Any]:
        self.author = hand_in.path.name
        names = ("sha256", "exam_version", "tier", "device")
        return {"author": self.author, "task": "mnist"} | dict.fromkeys(names, self.author)

    def grade(self) -> bytes:
        self.node.graded.append(self.author)
        if self.node.fate == "dies":
            self.node.is_lost = True
            raise EOFError
        if self.node.fate == "fails":
            raise GraderError("no space left on device")
        name = f"{self.author}-{self.node.name}-{len(self.node.graded)}"
        if self.node.fate == "troubled":
            verdict = Verdict(status=Status.GRADER_ERROR, reason="the engine is out of order")
            result = make_result(self.author, id=name, points=None, verdict=verdict)
            machine = result.machine.model_copy(update={"node": self.node.name})
            return packed(result.model_copy(update={"machine": machine}))
        return packed(make_result(self.author, id=name))

    def how_it_ended(self) -> str:
        return "its computer is gone"

    def interrupt(self) -> None:
        pass

    def close(self) -> None:
        pass


class Nodes:
    """An engine of such computers."""

    tries = 3

    def __init__(self, **fates: str) -> None:
        self.nodes = {name: Node(name, fate) for name, fate in fates.items()}

    def places(self) -> list[str]:
        return list(self.nodes)

    def start(self, place: str, is_wanted: IsWanted) -> NodeWorker | None:
        node = self.nodes[place]
        return None if node.is_lost else NodeWorker(node)

    def is_lost(self, place: str) -> bool:
        return self.nodes[place].is_lost


def packed(result: Result) -> bytes:
    return pack(contents(result, "", None, None))


def grade_class(tmp_path: Path, count: int, **fates: str) -> tuple[Finished, list[Result]]:
    """Grade so many submissions on such computers; returns the end and what is stored."""
    handed_in = [tmp_path / f"s{number:02}" for number in range(count)]
    settings = Settings(tmp_path / "results")
    finished = Batch(handed_in, settings, [], engine=Nodes(**fates)).run()
    stored, broken = load_results(tmp_path / "results")
    assert broken == []
    return finished, stored


def test_a_lost_node_loses_nothing(tmp_path: Path) -> None:
    finished, stored = grade_class(tmp_path, 12, one="", two="dies", three="")
    assert (finished.left, finished.stopped) == (0, "")
    assert {each.status for each in finished.outcomes} == {Status.ACCEPTED}
    assert Counter(each.submission.author for each in stored) == {
        f"s{number:02}": 1 for number in range(12)
    }


def test_a_node_that_only_brings_trouble_gets_no_more_and_nothing_of_it_is_kept(
    tmp_path: Path,
) -> None:
    finished, stored = grade_class(tmp_path, 20, one="", full="fails")
    assert {each.status for each in finished.outcomes} == {Status.ACCEPTED}
    assert len(stored) == 20


@pytest.mark.parametrize("fate", ["fails", "troubled"])
def test_after_three_tries_it_is_the_graders_trouble_with_the_names_of_the_nodes(
    tmp_path: Path, fate: str
) -> None:
    finished, stored = grade_class(tmp_path, 1, one=fate, two=fate, three=fate)
    [outcome] = finished.outcomes
    assert outcome.status is Status.GRADER_ERROR
    assert outcome.scores == []
    assert "tried 3 times, on " in outcome.reason
    assert set(outcome.reason[-17:-1].replace(",", "").split()) == {"one", "two", "three"}
    assert len(stored) == (fate == "troubled")  # of three such results only the last is kept


def test_a_submission_that_ends_every_worker_is_tried_three_times_and_stops_nobody_else(
    tmp_path: Path,
) -> None:
    engine = Nodes(one="", two="")

    class Killer(NodeWorker):
        def grade(self) -> bytes:
            if self.author == "s01":
                self.node.graded.append(self.author)
                raise EOFError
            return super().grade()

    engine.start = lambda place, _: Killer(engine.nodes[place])  # type: ignore[method-assign]
    handed_in = [tmp_path / f"s{number:02}" for number in range(6)]
    finished = Batch(handed_in, Settings(tmp_path / "results"), [], engine=engine).run()
    statuses = {each.file: each.status for each in finished.outcomes}
    assert statuses.pop("s01") is Status.GRADER_ERROR
    assert set(statuses.values()) == {Status.ACCEPTED}
    tries = [name for node in engine.nodes.values() for name in node.graded if name == "s01"]
    assert len(tries) == 3
    assert all("s01" in node.graded for node in engine.nodes.values())


def test_with_no_node_left_the_batch_says_so_and_the_same_command_goes_on(tmp_path: Path) -> None:
    finished, stored = grade_class(tmp_path, 5, one="dies", two="dies")
    assert finished.left == 5
    assert "no node is left" in finished.stopped
    assert stored == []
    again, stored = grade_class(tmp_path, 5, one="")
    assert (again.left, len(stored)) == (0, 5)


def test_who_waits_for_work_gets_what_is_lost_elsewhere(tmp_path: Path) -> None:
    """The only submission is at work on a node that dies; the other had nothing to do."""
    engine = Nodes(one="dies", two="")
    idle = threading.Event()

    class Dying(NodeWorker):
        def grade(self) -> bytes:
            if self.node.name == "one":
                idle.wait(0.7)  # longer than a lane without work waits before it looks again
            return super().grade()

    engine.start = lambda place, _: (  # type: ignore[method-assign]
        None if engine.nodes[place].is_lost else Dying(engine.nodes[place])
    )
    handed_in = [tmp_path / "s00", tmp_path / "s01"]
    finished = Batch(handed_in, Settings(tmp_path / "results"), [], engine=engine).run()
    assert [each.status for each in finished.outcomes] == [Status.ACCEPTED] * 2


class SlowToStart(Nodes):
    """The first worker of "one" ends; the next one waits for cores until nobody wants it."""

    def __init__(self) -> None:
        super().__init__(one="", two="")
        self.begun: set[str] = set()
        self.given_up = False

    def start(self, place: str, is_wanted: IsWanted) -> NodeWorker | None:
        if place not in self.begun:
            self.begun.add(place)
            return EndsOnce(self.nodes[place])
        until = time.monotonic() + 10
        while is_wanted():
            assert time.monotonic() < until, "still wanted"
            time.sleep(0.01)
        self.given_up = True
        return None


class EndsOnce(NodeWorker):
    def open(self, hand_in: HandIn) -> dict[str, Any]:
        if self.node.name == "one":
            raise EOFError
        time.sleep(0.1)  # so that the other has the other submission
        return super().open(hand_in)


def test_nobody_waits_for_a_worker_that_is_slow_to_start(tmp_path: Path) -> None:
    engine = SlowToStart()
    handed_in = [tmp_path / "s00", tmp_path / "s01"]
    finished = Batch(handed_in, Settings(tmp_path / "results"), [], engine=engine).run()
    assert [each.status for each in finished.outcomes] == [Status.ACCEPTED] * 2
    assert engine.given_up


class BusyCluster:
    """Ray, where all nodes live and no actor ever starts."""

    def __init__(self) -> None:
        self.killed: list[Any] = []

    def nodes(self) -> list[dict[str, Any]]:
        return [{"NodeID": "1", "Alive": True}]

    def wait(self, ready: list[Any], timeout: float) -> tuple[list[Any], list[Any]]:
        return [], ready

    def kill(self, actor: Any) -> None:
        self.killed.append(actor)


def test_a_worker_that_a_busy_cluster_does_not_start_is_given_up_when_nobody_wants_it() -> None:
    engine = RayEngine.__new__(RayEngine)
    cluster = BusyCluster()
    actor = SimpleNamespace(is_ready=SimpleNamespace(remote=lambda: "ready"))
    engine._ray = cluster
    engine._by_name = {"one": SimpleNamespace(id="1")}  # type: ignore[dict-item]
    engine._lost = set()
    engine._alive = (0.0, set())
    engine._lock = threading.Lock()
    engine._new_actor = lambda node: actor  # type: ignore[method-assign]
    asked = iter([True, True, False])
    assert engine.start("one", lambda: next(asked, False)) is None
    assert cluster.killed == [actor]
    assert not engine.is_lost("one")


def test_what_was_put_off_goes_to_a_place_without_trouble(tmp_path: Path) -> None:
    batch = Batch([], Settings(tmp_path / "results"), [], engine=Nodes(one="", two="", three=""))
    batch._trouble_at["one"] = 3
    assert batch._places_left(["one", "two", "one", "three"])[0] == "two"
    assert batch._places_left(["one", "one"])[0] == "one"  # better than none


# What travels.


def hostile_folder(folder: Path) -> list[Path]:
    """Fill a folder with what people hand in; returns each of them."""
    (folder / "neuron-Ada").mkdir(parents=True)
    (folder / "neuron-Ada" / "solution.py").write_text("neuron = 1\n")
    (folder / "Ben.zip").write_bytes(b"PK and then nothing")
    (folder / "Cleo").symlink_to(folder / "neuron-Ada")
    (folder / "Dan").mkdir()
    (folder / "Dan" / "solution.py").symlink_to("/etc/passwd")
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.py"))
    odd.write_text("neuron = 2\n")
    return sorted(folder.iterdir())


def test_what_arrives_has_the_key_that_it_has_here(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "results", "neuron", "process", trusted=True)
    bench = Bench(settings)
    for number, path in enumerate(hostile_folder(tmp_path / "handed-in")):
        hand_in = HandIn(path=path)
        there = unpack_hand_in(pack_hand_in(hand_in), hand_in, tmp_path / f"node-{number}")
        assert there.path != path
        assert bench.open(there) == bench.open(hand_in)
    bench.close()


def test_a_hand_in_of_several_files_and_folders_of_tasks_arrive_whole(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("a = 1\n")
    (tmp_path / "b.py").write_text("b = 2\n")
    members = ((tmp_path / "a.py", "solution.py"), (tmp_path / "b.py", "helper.py"))
    hand_in = HandIn(path=tmp_path / "a.py", author="Ada", members=members)
    there = unpack_hand_in(pack_hand_in(hand_in), hand_in, tmp_path / "node")
    assert [(path.read_text(), name) for path, name in there.members] == [
        ("a = 1\n", "solution.py"),
        ("b = 2\n", "helper.py"),
    ]
    (tmp_path / "tasks" / "own").mkdir(parents=True)
    (tmp_path / "tasks" / "own" / "task.toml").write_text("id = 'own'\n")
    (tmp_path / "there").mkdir()
    [folder] = unpack_folders(pack_folders([tmp_path / "tasks"]), tmp_path / "there")
    assert (folder / "own" / "task.toml").read_text() == "id = 'own'\n"


def test_a_path_from_where_the_command_runs_arrives_wherever_a_node_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "neuron").mkdir()
    (tmp_path / "node").mkdir()
    solution = tmp_path / "neuron" / "Ada.py"
    solution.write_text("neuron = 1\n")
    (tmp_path / "neuron" / "Ben").symlink_to(solution)
    for number, text in enumerate(("Ada.py", "../neuron/Ada.py", str(solution), "Ben")):
        monkeypatch.chdir(tmp_path / "neuron")
        hand_in = with_full_paths(HandIn(path=Path(text)))
        package = pack_hand_in(hand_in)
        monkeypatch.chdir(tmp_path / "node")
        there = unpack_hand_in(package, hand_in, tmp_path / f"arrived-{number}")
        assert there.path.parent.name == "neuron"
        assert there.path.name == Path(text).name
        assert os.path.lexists(there.path)


def test_settings_travel_with_full_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sent = with_full_folders(Settings(Path("results"), data_folder=Path("data")))
    assert sent.results == tmp_path / "results"
    assert sent.data_folder == tmp_path / "data"
    assert sent.hidden is None


def test_what_did_not_arrive_is_our_trouble(tmp_path: Path) -> None:
    (tmp_path / "Ada.py").write_text("neuron = 1\n")
    package = pack_hand_in(HandIn(path=tmp_path / "Ada.py"))
    with pytest.raises(GraderError, match=r"Ben\.py was sent"):
        unpack_hand_in(package, HandIn(path=tmp_path / "Ben.py"), tmp_path / "node")


class OwnNode:
    """In the place of Ray: calls of an actor happen here, in this process."""

    exceptions = SimpleNamespace(RayError=RuntimeError)

    def __init__(self, folder: Path, bench: Bench) -> None:
        self.folder = folder
        self.bench = bench
        self.open = SimpleNamespace(remote=self.receive)

    def receive(self, hand_in: HandIn, package: bytes) -> dict[str, Any]:
        self.folder.mkdir()
        said = HandIn.model_validate_json(hand_in.model_dump_json())  # as a worker is told
        return self.bench.open(unpack_hand_in(package, said, self.folder))

    def get(self, answer: dict[str, Any]) -> dict[str, Any]:
        return answer


@pytest.mark.parametrize("kind", ["link in it", "fine here"])
def test_what_cannot_travel_is_refused_as_here_or_said_to_be_graded_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    folder = tmp_path / "class" / "Ada.v2"
    folder.mkdir(parents=True)
    (folder / "solution.py").write_text("neuron = 1\n")
    if kind == "link in it":
        (folder / "labels.py").symlink_to("/etc/passwd")
    monkeypatch.setattr(packing, "MOST_BYTES", 5)
    settings = Settings(tmp_path / "results", "neuron", "process", trusted=True)
    there = Bench(settings)
    ray = OwnNode(tmp_path / "node", there)
    opened = RayWorker(ray, ray, "one", settings).open(HandIn(path=folder))
    if kind == "fine here":
        assert opened["author"] == "Ada.v2"
        assert "grade it here" in opened["unfiled"]
        return
    verdict = unpack(there.grade()).result.verdict
    there.close()
    assert verdict.status is Status.INVALID_SUBMISSION
    assert verdict.code == "refused"
    assert "labels.py is a link" in verdict.reason
    bench = Bench(settings)
    assert opened == bench.open(HandIn(path=folder))  # the same key as on this computer
    bench.close()


def test_waiting_for_nodes_ends_at_once_where_waiting_does_not_help(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ray_engine, "JOIN_SECONDS", 0.0)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match="pip install"):
        ray_engine.wait_for_nodes("127.0.0.1:1", 2)
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace())  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="expected auto"):
        ray_engine.wait_for_nodes("here", 2)
    with pytest.raises(GraderError, match="0 of 2 nodes"):
        ray_engine.wait_for_nodes("127.0.0.1:1", 2)


def test_a_package_is_read_only_if_it_is_a_result(tmp_path: Path) -> None:
    result = make_result("Ada")
    whole = unpack(pack(contents(result, "said", None, None)))
    assert whole.result == result
    assert set(whole.files) == {"result.json", "log.txt"}
    foreign = contents(result, "", None, None) | {"../escape": b""}
    for broken in (b"", b"PK", pack({"log.txt": b""}), pack(foreign)):
        with pytest.raises(PackingError):
            unpack(broken)


# What a job asks of a node.


def test_a_job_asks_for_its_cores_and_the_hosts_and_for_all_its_boxes_memory() -> None:
    timed = make_task(par="mlp", limits=LimitsTable(cores=2, memory_mib=1024))
    small = make_task(limits=LimitsTable(cores=1, memory_mib=2048))
    need = Need.of([timed, small], "cpu")
    assert need == Need(3, 3 * GIB, 0)
    assert need.jobs(16, 64 * GIB, 0) == 5
    assert need.jobs(16, 7 * GIB, 0) == 2
    assert Need.of([small], "gpu").jobs(64, 64 * GIB, 3) == 3
    assert need.lacking(3, 3 * GIB, 0) == []
    lacks = [lack.what for lack in Need.of([timed], "gpu").lacking(2, GIB, 0)]
    assert lacks == ["3 cores for one job; it has 2", "3.0 GiB for one job; it has 1.0", "a GPU"]


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"python": "3.9.1", "grader": "", "code": ""}, "Python 3."),
        ({"grader": "", "code": ""}, "the grader"),
        ({"grader": "0.0.1", "code": ""}, "it has 0.0.1"),
        ({"code": "another"}, "the same code"),
        ("it never answered", "an answer: it never answered"),
    ],
)
def test_a_node_of_another_version_is_told_what_to_install(said: Any, what: str) -> None:
    import platform

    from grader import __version__

    if isinstance(said, dict):
        said = {"python": platform.python_version(), "grader": __version__} | said
    [lack] = wrong_versions(said)
    assert what in lack.what
    assert lack.command


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("127.0.0.1:1", "nobody listens"),
        ("ray://127.0.0.1:1", "nobody listens"),
        ("here", "expected auto"),
    ],
)
def test_an_address_nobody_listens_on_is_said_at_once(address: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        require_listener(address)


# Parts of a class, for any scheduler.


@pytest.mark.parametrize("of", [1, 3, 16, 40])
def test_the_parts_are_the_whole_and_share_nothing(of: int) -> None:
    handed_in = [HandIn(path=Path(f"s{number:02}")) for number in range(37)]
    parts = [read_share(f"{part}/{of}").take(handed_in[::-1]) for part in range(1, of + 1)]
    assert sorted(each.path for part in parts for each in part) == [e.path for e in handed_in]
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "1/0", "-1/3", "1/3/5"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--part"):
        read_share(text)


# Cores that a scheduler counts without saying which.


def test_two_jobs_keep_to_different_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[set[int]] = []
    monkeypatch.setattr(granted_cores.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(granted_cores, "usable_cores", lambda: [0, 1, 2, 3, 4])
    monkeypatch.setattr(granted_cores.os, "sched_setaffinity", lambda _, cores: kept.append(cores))
    monkeypatch.setenv("SLURM_CPUS_ON_NODE", "2")
    first = granted_cores.keep_to_grant()
    second = granted_cores.keep_to_grant()
    assert kept == [{0, 1}, {2, 3}]
    assert granted_cores.keep_to_grant() == []  # only one is left: all stay usable
    granted_cores.release(first)
    third = granted_cores.keep_to_grant()
    assert kept[2:] == [{0, 1}]
    granted_cores.release([*second, *third])
    monkeypatch.delenv("SLURM_CPUS_ON_NODE")
    assert granted_cores.keep_to_grant() == []


def test_a_part_has_its_cores_for_itself_until_its_command_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[set[int]] = []
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "Ada.py").write_text("neuron = 1\n")
    monkeypatch.setattr(granted_cores.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(granted_cores, "usable_cores", lambda: [0, 1, 2])
    monkeypatch.setattr(granted_cores.os, "sched_setaffinity", lambda _, cores: kept.append(cores))
    monkeypatch.setenv("SLURM_CPUS_ON_NODE", "1")

    def grade_all(*_: Any, **__: Any) -> Finished:
        granted_cores.release(granted_cores.keep_to_grant())  # as another part on this node
        return Finished((), 0, "", 0.0)

    monkeypatch.setattr(commands, "grade_all", grade_all)
    with pytest.raises(typer.Exit):
        commands.batch(tmp_path / "class", task="neuron", results=tmp_path / "results")
    assert kept == [{0}, {1}]
    granted_cores.release(granted_cores.keep_to_grant())
    assert kept[2:] == [{0}]


@pytest.mark.parametrize(("engine", "jobs", "said"), [("ray", 4, True), ("ray", None, False)])
def test_jobs_for_a_cluster_are_said_to_count_for_nothing(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    engine: str,
    jobs: int | None,
    said: bool,
) -> None:
    assert commands.prepare_engine(engine, tmp_path / "results", jobs) == []
    assert ("--jobs counts" in capsys.readouterr().err) == said
