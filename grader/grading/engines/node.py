"""What runs on a node: a look at what it has, and a worker beside the cluster's own process.

The cluster's process grades nothing itself. It starts a worker as on any computer
(grader/grading/worker.py), hands submissions on, and sends packed results back: so a timed phase
has a process of its own, and one that runs out of memory leaves somebody who can say so.
"""

from __future__ import annotations

import dataclasses
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from grader.course.curriculum import Task, all_tasks, find_task
from grader.course.dataset import data_folder, find_dataset
from grader.course.hidden_parts import find_part
from grader.errors import GraderError, SandboxError
from grader.grading.engines.needs import Lack
from grader.grading.engines.packing import unpack_folders, unpack_hand_in
from grader.grading.settings import Settings
from grader.grading.worker import Worker
from grader.host.granted_cores import keep_to_cores
from grader.host.machine import CPU
from grader.host.ownership import temporary_folder
from grader.intake.hand_ins import HandIn
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.gpu import choose
from grader.sandbox.leftovers import remove_leftovers


def settings_here(settings: Settings) -> Settings:
    """Return the settings of a batch as they hold on this node: its own data, GPU and process."""
    own = os.environ.get("GRADER_DATA")
    return dataclasses.replace(
        settings,
        data_folder=Path(own) if own else settings.data_folder,
        device=settings.device if settings.device == CPU else choose("gpu"),
        batch_pid=os.getpid(),
    )


def look_around(settings: Settings, tasks: bytes) -> list[Lack]:
    """Return what this node lacks for grading a batch. tasks: as `pack_folders` returns them."""
    with ExitStack() as scratch:
        bring_tasks(tasks, scratch)
        try:
            here = settings_here(settings)
        except GraderError as error:
            return [Lack(f"a free GPU: {error}", "grader machine")]
        named = settings.task_id is not None
        wanted = [find_task(settings.task_id)] if settings.task_id is not None else all_tasks()
        return [*lacking_sandbox(here, wanted), *(lacking_data(here, wanted[0]) if named else [])]


def lacking_sandbox(settings: Settings, tasks: list[Task]) -> list[Lack]:
    """Return what is missing for boxes: an engine, or an image."""
    lacks = {}
    for exam in dict.fromkeys(task.spec.exam for task in tasks):
        gpu = settings.device != CPU
        try:
            choose_sandbox(settings.sandbox, exam, gpu=gpu, others=True, trusted=settings.trusted)
        except SandboxError as error:
            has_engine = "image build" in str(error)
            what = "an image for boxes" if has_engine else "an engine that answers"
            command = "grader image build" if has_engine else "systemctl start docker"
            lacks[what] = Lack(what, f"{command} --gpu" if gpu and has_engine else command)
    return list(lacks.values())


def lacking_data(settings: Settings, task: Task) -> list[Lack]:
    """Return what is missing of a task's data, its private hidden part included."""
    name = task.spec.dataset
    lacks = []
    folder = data_folder(settings.data_folder)
    if name and not has_data(name, task, folder):
        lacks.append(Lack(f"the data set {name} (looked in {folder})", f"grader data get {name}"))
    try:
        find_part(task, settings.hidden, settings.data_folder)
    except GraderError:
        lacks.append(Lack(f"the private hidden part {settings.hidden}", "copy that folder here"))
    return lacks


def has_data(name: str, task: Task, folder: Path) -> bool:
    """Whether a data set can be read here."""
    try:
        find_dataset(name, task.folder).load(folder)
    except GraderError:
        return False
    return True


def bring_tasks(package: bytes, scratch: ExitStack) -> None:
    """Have the tasks that travelled along found here, too."""
    if package:
        folder = scratch.enter_context(temporary_folder("tasks"))
        brought = unpack_folders(package, folder)
        os.environ["GRADER_TASKS"] = os.pathsep.join(map(str, brought))


class NodeWorker:
    """A worker on this node, as the cluster's process offers it to the batch."""

    def __init__(self, settings: Settings, tasks: bytes, cores: int) -> None:
        """tasks: as `pack_folders` returns them. cores: how many were granted for one job."""
        remove_leftovers()
        self._scratch = ExitStack()
        self._job = ExitStack()
        bring_tasks(tasks, self._scratch)
        self._cores = keep_to_cores(cores)
        self._worker = Worker(settings_here(settings))

    def is_ready(self) -> bool:
        return True

    def open(self, hand_in: HandIn, package: bytes) -> dict[str, Any]:
        """Open a submission; {"lost": why} if the worker ended, else as `Bench.open`."""
        self._job.close()
        try:
            folder = self._job.enter_context(temporary_folder("job"))
            return self._worker.open(unpack_hand_in(package, hand_in, folder))
        except EOFError:
            return {"lost": self._worker.how_it_ended()}
        except GraderError as error:
            return {"failed": str(error)}

    def grade(self) -> dict[str, Any]:
        """Grade what is open: {"package": bytes}, {"failed": why} or {"lost": why}."""
        try:
            return {"package": self._worker.grade()}
        except EOFError:
            return {"lost": self._worker.how_it_ended()}
        except GraderError as error:
            return {"failed": str(error)}

    def close(self) -> None:
        """Let the worker close its boxes, and give everything back."""
        self._worker.close()
        self._job.close()
        self._scratch.close()
