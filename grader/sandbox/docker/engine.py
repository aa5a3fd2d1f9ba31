"""The Docker engine: finding it, what carries our label in it, and what its refusals become.

**Ownership.** Everything that is made carries the grader's label and its maker's mark
(host/ownership.py). So what a killed grader left behind is found and removed at the next start, and
what another one is using stays. Several computers or containers may share an engine, and nobody can
tell here whether a process elsewhere still runs: what they left goes once it is stopped and twice
as old as any run.
"""

from __future__ import annotations

import contextlib
import io
import tarfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound
from docker.types import DeviceRequest

from grader.errors import SandboxError
from grader.host.ownership import MARK, is_orphaned, ownership_mark
from grader.sandbox import counters

LABEL = "dl-grader"
OWNERSHIP_LABEL = "dl-grader.owner"
LOCAL = "http+docker:"  # how docker-py calls a socket of this computer
HELLO_SECONDS = 10  # for a first sign of life
API_SECONDS = 60  # for anything else
GONE_SECONDS = 3  # once the engine did not answer in time
LIFE_SECONDS = 6 * 3600  # of a box at most: longer than any run
HOW_TO_GET = (
    "install and start Docker (docs/teach/for-instructors.md), or use --sandbox process for your "
    "own code"
)
STOPPED = ("created", "exited", "dead")  # states of a container, as the engine calls them


def connect() -> docker.DockerClient:
    """Return a client of the engine that Docker's own variables name.

    Raises SandboxError if none answers, which says how to get one.
    """
    try:
        client = docker.from_env(timeout=HELLO_SECONDS, use_ssh_client=True)
        client.ping()
    except (DockerException, OSError) as error:
        raise SandboxError(f"no Docker engine answers ({str(error)[:200]}); {HOW_TO_GET}") from None
    client.api.timeout = API_SECONDS
    if client.api.base_url.startswith(LOCAL):
        # No proxy stands before a socket, and other threads may be changing the environment.
        client.api.trust_env = False
    return client


@contextlib.contextmanager
def engine_trouble(doing: str) -> Iterator[None]:
    """Turn whatever the engine refuses into a SandboxError: it is never the learner's trouble.

    doing: what stands behind "while": "making a box".
    """
    try:
        yield
    except ImageNotFound:
        raise SandboxError(
            f"the image disappeared while {doing}: somebody removed it. Make it again with "
            "`grader image build`."
        ) from None
    except (DockerException, OSError) as error:
        raise SandboxError(f"the Docker engine failed while {doing}: {str(error)[:300]}") from None


def whole_gpu(uuid: str) -> DeviceRequest:
    """Return the request that gives a box the GPU with this UUID and no other."""
    return DeviceRequest(
        driver="nvidia", device_ids=[uuid], capabilities=[["gpu", "compute", "utility"]]
    )


@contextlib.contextmanager
def nvidia_trouble() -> Iterator[None]:
    """Say what is missing where the engine cannot give a GPU to a container."""
    try:
        yield
    except APIError as error:
        said = str(error.explanation or error)
        if not any(word in said.lower() for word in ("nvidia", "device driver", "cdi")):
            raise
        raise SandboxError(
            f"the engine cannot give the GPU to a container: {said[:200]}. "
            "Install the NVIDIA Container Toolkit and configure the engine for it "
            "(docs/measure/gpu.md)."
        ) from None


def labels() -> dict[str, str]:
    """Return what marks a container or volume as made by this process."""
    return {LABEL: "1", OWNERSHIP_LABEL: ownership_mark()}


def remove_leftovers(client: docker.DockerClient) -> int:
    """Remove containers and volumes that no grader uses any more; returns how many.

    Raises SandboxError if the engine fails.
    """
    with engine_trouble("looking for what killed graders left"):
        return remove_old_containers(client) + remove_old_volumes(client)


def remove_old_containers(client: docker.DockerClient) -> int:
    """Remove containers that no grader uses any more; returns how many."""
    removed = 0
    for entry in client.api.containers(all=True, filters={"label": OWNERSHIP_LABEL}):
        is_stopped = entry["State"] in STOPPED
        if is_leftover(entry["Labels"], float(entry["Created"]), is_stopped):
            removed += remove_container(client, entry["Id"])
    return removed


def remove_old_volumes(client: docker.DockerClient) -> int:
    """Remove volumes that no grader uses any more; returns how many."""
    removed = 0
    for entry in client.api.volumes(filters={"label": OWNERSHIP_LABEL})["Volumes"] or []:
        created = datetime.fromisoformat(entry["CreatedAt"]).timestamp()
        if is_leftover(entry["Labels"], created, is_stopped=True):
            with contextlib.suppress(APIError):  # in use, or gone already
                client.api.remove_volume(entry["Name"], force=True)
                removed += 1
    return removed


def is_leftover(marks: dict[str, str], created: float, is_stopped: bool) -> bool:
    """Whether what carries these labels belongs to no grader any more.

    created: seconds since 1970.
    """
    mark = marks.get(OWNERSHIP_LABEL, "")
    if is_orphaned(mark):
        return True
    is_marked = MARK.search(mark) is not None
    return is_stopped and is_marked and time.time() - created > 2 * LIFE_SECONDS


def remove_container(client: docker.DockerClient, name: str) -> bool:
    """Kill and remove a container, frozen or not; returns whether this call did it.

    Raises what the connection raises. What we froze ourselves may die only once it is thawed, and
    not every runtime sees to that.
    """
    try:
        group = group_in_engine(client.api.inspect_container(name))
        if group is not None:
            group.thaw()
        client.api.remove_container(name, v=True, force=True)
    except APIError:
        return False
    return True


def group_in_engine(found: dict[str, Any]) -> counters.Group | None:
    """Return the control group of an inspected container; None where its files are not here.

    The engine may be on another computer, where its process number means another process: a group
    is taken only if the container's id is in its path.
    """
    pid = int(found["State"]["Pid"])
    if not pid:
        return None
    group = counters.group_of(pid)
    if group is None or found["Id"] not in str(group.memory):
        return None
    return group


def archive(folder: Path, user: int) -> bytes:
    """Return the regular files of a folder as a tar: read-only, owned by this user."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                continue
            entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
            entry.uid = user
            entry.gid = user
            if path.is_dir():
                entry.type = tarfile.DIRTYPE
                entry.mode = 0o755
                tar.addfile(entry)
                continue
            content = path.read_bytes()
            entry.size = len(content)
            entry.mode = 0o444
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
