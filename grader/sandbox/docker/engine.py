"""The Docker engine: finding it, what carries our label in it, and what its refusals become.

Everything that is made carries the grader's label and its maker's mark (host/ownership.py), so that
what a killed grader left behind is found and removed at the next start, and what another one is
using stays. What was left from another computer or container that shares the engine goes when it is
stopped and older than any run.
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
HOW_TO_GET = "install and start Docker (docs/teach/for-instructors.md), or use --sandbox process for your own code"


def connect() -> docker.DockerClient:
    """Return a client of the engine; SandboxError says how to get one."""
    try:
        client = docker.from_env(timeout=HELLO_SECONDS, use_ssh_client=True)
        client.ping()
    except (DockerException, OSError) as error:
        raise SandboxError(f"no Docker engine answers ({str(error)[:200]}); {HOW_TO_GET}") from None
    client.api.timeout = API_SECONDS
    if client.api.base_url.startswith(LOCAL):
        client.api.trust_env = (
            False  # proxies are not for a socket, and other threads may be changing the environment
        )
    return client


@contextlib.contextmanager
def engine_trouble(doing: str) -> Iterator[None]:
    """Whatever the engine refuses is our trouble, never the learner's."""
    try:
        yield
    except ImageNotFound:
        raise SandboxError(
            f"the image was gone while {doing}: somebody removed it. Make it again with `grader image build`."
        ) from None
    except (DockerException, OSError) as error:
        raise SandboxError(f"the Docker engine failed while {doing}: {str(error)[:300]}") from None


def whole_gpu(uuid: str) -> DeviceRequest:
    """Return what the engine is asked for, so that a box gets the GPU with this UUID and no
    other.
    """
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
            "Install the NVIDIA Container Toolkit and set the engine up for it (docs/measure/gpu.md)."
        ) from None


def labels() -> dict[str, str]:
    """Return what marks a container or volume as made by this process."""
    return {LABEL: "1", OWNERSHIP_LABEL: ownership_mark()}


def remove_leftovers(client: docker.DockerClient) -> int:
    """Remove containers and volumes that nobody living uses; returns how many. SandboxError if the
    engine fails.
    """
    api, removed = client.api, 0
    chosen = {"label": OWNERSHIP_LABEL}
    with engine_trouble("looking for what killed graders left"):
        for entry in api.containers(all=True, filters=chosen):
            stopped = entry["State"] in ("created", "exited", "dead")
            if is_leftover(entry["Labels"], float(entry["Created"]), stopped):
                removed += remove_container(client, entry["Id"])
        for entry in api.volumes(filters=chosen)["Volumes"] or []:
            created = datetime.fromisoformat(entry["CreatedAt"]).timestamp()
            if is_leftover(entry["Labels"], created, True):
                with contextlib.suppress(APIError):  # in use, or gone already
                    api.remove_volume(entry["Name"], force=True)
                    removed += 1
    return removed


def is_leftover(marks: dict[str, str], created: float, stopped: bool) -> bool:
    """Whether what carries these labels, made at `created` (seconds since 1970), is nobody's any
    more.
    """
    mark = marks.get(OWNERSHIP_LABEL, "")
    return is_orphaned(mark) or (
        stopped and MARK.search(mark) is not None and time.time() - created > 2 * LIFE_SECONDS
    )


def remove_container(client: docker.DockerClient, name: str) -> bool:
    """Kill and remove a container, frozen or not; returns whether this did it. Raises what the
    connection raises.
    """
    try:
        group = group_in_engine(client.api.inspect_container(name))
        if group is not None:
            group.freeze(
                False
            )  # what we froze may die only once it is thawed; not every runtime sees to that
        client.api.remove_container(name, v=True, force=True)
    except APIError:
        return False
    return True


def group_in_engine(found: dict[str, Any]) -> counters.Group | None:
    """Return the control group of an inspected container, where this computer's files show it."""
    pid = int(found["State"]["Pid"])
    group = counters.group_of(pid) if pid else None
    return (
        group if group is not None and found["Id"] in str(group.memory) else None
    )  # the engine may be elsewhere


def archive(folder: Path, user: int) -> bytes:
    """Return the folder's regular files as a tar: read-only, owned by this user."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                continue
            entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
            entry.uid = entry.gid = user
            if path.is_dir():
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(entry)
                continue
            content = path.read_bytes()
            entry.size, entry.mode = len(content), 0o444
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
