"""Boxes through Podman: what is asked otherwise, what refuses a box, and real ones."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from support.paths import ROOT
from support.planted import PLANTED, assert_as_expected, grade_planted
from support.podman_service import podman_service

from grader.errors import SandboxError
from grader.host.machine import CPU
from grader.records import Tier
from grader.sandbox.box import Limits
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.docker import podman
from grader.sandbox.docker.engine import LABEL
from grader.sandbox.docker.hardening import container_arguments
from grader.sandbox.docker.seccomp import profile

MEMORY = Limits().memory_bytes
# Everything planted for two function tasks: among it whatever is aimed at the container.
GRADED = sorted(
    path.relative_to(PLANTED).as_posix()
    for task in ("neuron", "activations")
    for path in (PLANTED / task).glob("[!r]*/*")
)


class Client:
    """An engine's version, as docker-py gives it."""

    def __init__(self, *parts: str) -> None:
        self.api = self
        self._parts = [{"Name": part} for part in parts]

    def version(self) -> dict[str, Any]:
        return {"Components": self._parts}


def test_podman_is_known_by_its_version() -> None:
    assert podman.is_podman(Client("Podman Engine", "Conmon"))
    assert not podman.is_podman(Client("Engine", "containerd"))
    assert not podman.is_podman(Client())


@pytest.fixture
def asked(tmp_path: Path) -> dict[str, Any]:
    sockets = tmp_path / "inner"
    made = container_arguments("image", "volume", sockets, Limits(), CPU, {}, 60001)
    return podman.adapted(made, tmp_path)


def test_the_list_of_calls_goes_as_a_file_and_nothing_else_is_lost(
    asked: dict[str, Any], tmp_path: Path
) -> None:
    (_, listed) = asked["security_opt"]
    sent = json.loads(Path(listed.removeprefix("seccomp=")).read_text())
    usual = json.loads(profile())
    assert set(sent["syscalls"][0].pop("names")) - set(usual["syscalls"][0].pop("names")) == {
        "signalfd4"
    }
    assert sent == usual
    usual_arguments = container_arguments(
        "image", "volume", tmp_path / "inner", Limits(), CPU, {}, 60001
    )
    changed = {name for name in asked if asked[name] != usual_arguments[name]}
    assert changed == {"security_opt", "tmpfs", "ulimits"}
    for place, options in usual_arguments["tmpfs"].items():
        size = next(word for word in options.split(",") if word.startswith("size="))
        words = asked["tmpfs"][place].split(",")
        assert {size, "nosuid", "nodev", "notmpcopyup"} <= set(words)
        assert not any(word.startswith(("uid=", "gid=", "nr_inodes=")) for word in words)


@pytest.fixture
def described(asked: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What Podman and the kernel say of a container that is as it was asked for."""
    kernel = tmp_path / "proc" / "41"
    kernel.mkdir(parents=True)
    (kernel / "status").write_text("CapBnd:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n")
    (tmp_path / "memory.max").write_text(f"{MEMORY}\n")
    group = type("Group", (), {"memory": tmp_path})()
    monkeypatch.setattr(podman, "PROC", tmp_path / "proc")
    monkeypatch.setattr(podman, "group_in_engine", lambda found: group)
    limits = [
        {"Name": f"RLIMIT_{each.name.upper()}", "Hard": each.hard} for each in asked["ulimits"]
    ]
    mounts = [
        {"Type": "bind", "Destination": each["Target"], "RW": False} for each in asked["mounts"]
    ]
    return {
        "State": {"Pid": 41},
        "Config": {"User": asked["user"]},
        "Mounts": mounts,
        "HostConfig": {
            "NetworkMode": "none",
            "ReadonlyRootfs": True,
            "Privileged": False,
            "Devices": [],
            "LogConfig": {"Type": "none"},
            "ShmSize": asked["shm_size"],
            "Init": True,
            "PidsLimit": asked["pids_limit"],
            "Tmpfs": asked["tmpfs"] | {"/run": "rw"},
            "Ulimits": limits,
        },
    }


def test_a_box_as_asked_is_taken(asked: dict[str, Any], described: Any) -> None:
    assert podman.not_as_asked(asked, described) == []


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("NetworkMode", "bridge", "no network"),
        ("ReadonlyRootfs", False, "a root that is only read"),
        ("Privileged", True, "no privileges"),
        ("LogConfig", {"Type": "k8s-file"}, "no log of the engine's"),
        ("PidsLimit", 0, "the limit on processes"),
        ("Init", False, "a process 1 that clears up"),
        ("Devices", [{"PathOnHost": "/dev/kvm"}], "no devices"),
        ("ShmSize", 1, "the size of shared memory"),
        ("Ulimits", [], "the limit fsize"),
        ("Tmpfs", {}, "the size of /tmp"),
    ],
)
def test_what_the_engine_ignored_is_named(
    asked: dict[str, Any], described: Any, field: str, value: Any, said: str
) -> None:
    described["HostConfig"][field] = value
    assert said in podman.not_as_asked(asked, described)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("CapBnd:\t00000000800405fb\nNoNewPrivs:\t1\nSeccomp:\t2\n", ["no capabilities"]),
        ("CapBnd:\t0\nNoNewPrivs:\t0\nSeccomp:\t2\n", ["no new privileges"]),
        ("CapBnd:\t0\nNoNewPrivs:\t1\nSeccomp:\t0\n", ["the list of system calls"]),
        ("", ["no capabilities", "no new privileges", "the list of system calls"]),
    ],
)
def test_what_the_kernel_does_not_see_is_named(
    asked: dict[str, Any], described: Any, tmp_path: Path, line: str, said: list[str]
) -> None:
    (tmp_path / "proc" / "41" / "status").write_text(line)
    assert podman.not_as_asked(asked, described) == said


def test_a_limit_on_memory_that_was_not_set_is_named(
    asked: dict[str, Any], described: Any, tmp_path: Path
) -> None:
    (tmp_path / "memory.max").write_text("max\n")
    assert podman.not_as_asked(asked, described) == ["the limit on memory"]


def test_a_mount_that_can_be_written_is_named(asked: dict[str, Any], described: Any) -> None:
    more = copy.deepcopy(described)
    more["Mounts"].append({"Type": "bind", "Destination": "/etc", "RW": False})
    described["Mounts"][0]["RW"] = True
    for found in (more, described):
        assert podman.not_as_asked(asked, found) == ["no other mounts, and those only read"]


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    if shutil.which("podman") is None or shutil.which("catatonit") is None:
        pytest.skip("Podman and catatonit are not installed")
    if os.geteuid() != 0:
        pytest.skip("needs root")
    with podman_service() as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", address)
        yield address


real = [pytest.mark.podman, pytest.mark.docker, pytest.mark.engine, pytest.mark.nightly]


def applied(test: Callable[..., None]) -> Callable[..., None]:
    for mark in real:
        test = mark(test)
    return test


@applied
@pytest.mark.parametrize("name", GRADED)
def test_what_holds_in_docker_holds_in_podman(
    name: str, service: str, tmp_path: Path, small_data: Path
) -> None:
    sandbox = choose_sandbox("container", "functions")
    result = grade_planted(PLANTED / name, sandbox, tmp_path, small_data)
    assert_as_expected(PLANTED / name, result, Tier.CONTAINER, tmp_path / "results")
    left = docker.DockerClient(base_url=service).containers.list(all=True, filters={"label": LABEL})
    assert left == []


@applied
def test_a_wall_that_podman_does_not_build_refuses_the_box(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(podman, "FILTERED", "9")
    (tmp_path / "solution.py").write_text("")
    box = choose_sandbox("container", "functions").open(tmp_path, Limits())
    with pytest.raises(SandboxError, match="without the list of system calls"):
        box.start()
    box.close()


@applied
def test_a_box_ends_with_its_grader(service: str, tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text("")
    source = (
        "import pathlib, time\n"
        "from grader.sandbox.box import Limits\n"
        "from grader.sandbox.choose import choose_sandbox\n"
        f"box = choose_sandbox('container', 'functions').open(pathlib.Path({str(tmp_path)!r}), "
        "Limits())\n"
        "box.start()\nprint('up', flush=True)\ntime.sleep(600)\n"
    )
    grader = subprocess.Popen(
        [sys.executable, "-c", source],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert grader.stdout is not None
    assert grader.stdout.readline() == "up\n"
    client = docker.DockerClient(base_url=service)
    assert len(client.containers.list(filters={"label": LABEL})) == 1
    grader.kill()
    grader.wait()
    until = time.monotonic() + 20
    while client.containers.list(filters={"label": LABEL}) and time.monotonic() < until:
        time.sleep(0.2)
    assert client.containers.list(filters={"label": LABEL}) == []
    choose_sandbox("container", "functions")  # removes what has ended
    assert client.containers.list(all=True, filters={"label": LABEL}) == []
