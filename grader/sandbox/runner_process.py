"""The process of a plain box: its folder, its control group, its end of the socket, its start.

It knows no wire and no arrays, so that it starts without NumPy. That is what a head start is for:
of a run of a function task most is Python itself, which the runner imports in its process and the
grader in its own. `head_start` begins the runner as soon as the submission and its limits are
known, and while it imports NumPy on one core, the grader does so on another. What that and fewer
imports brought together is in docs/measure/measuring.md. Until it is asked to load the submission
the runner executes nothing of it, so it does not matter how early it starts.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from grader.errors import GraderError, SandboxError
from grader.host.machine import CPU
from grader.host.ownership import make_folder, remove_tree, temporary_file_error
from grader.sandbox import counters
from grader.sandbox.environment import variables
from grader.sandbox.limits import Limits

RUNNER = Path(__file__).resolve().parent.parent / "runner"
MARK = "GRADER_BOX"
FOLDER_PREFIX = "grader-box-"
KEPT_VARIABLES = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "SYSTEMROOT",
)
# A shell that joins control groups ($1) and becomes the command behind them.
JOIN = 'for group in $1; do echo $$ > "$group"; done; shift; exec "$@"'


class RunnerProcess:
    """One runner, from the moment its folder exists.

    folder: the submission, which is copied. group: None where no control group can be had.
    """

    def __init__(self, folder: Path, limits: Limits, device: str) -> None:
        self.folder = folder
        self.limits = limits
        self.device = device
        self.home = make_folder("box")
        self.mark = self.home.name.removeprefix(FOLDER_PREFIX)
        self.group = counters.make_group(self.mark, limits.memory_bytes, limits.processes)
        self.process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    @property
    def work(self) -> Path:
        """The folder that the runner works in."""
        return self.home / "work"

    def is_for(self, folder: Path, limits: Limits, device: str) -> bool:
        """Whether a new runner with these arguments would be no other."""
        return (self.folder, self.limits, self.device) == (folder, limits, device)

    def start(self) -> None:
        """Copy the submission and start the runner on it, unless that was done already.

        Raises GraderError if there is no room for the copy, SandboxError if Python cannot start.
        """
        if self.process is not None:
            return
        self._copy_submission()
        ours, theirs = socket.socketpair()
        try:
            self.process = subprocess.Popen(
                self._command(),
                stdin=theirs.fileno(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self.work,
                env=self._environment(),
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise SandboxError(f"cannot start Python for the submission: {error}") from None
        finally:
            theirs.close()
        self._socket = ours

    def take_socket(self) -> socket.socket:
        """Return our end of the socket of a runner that was started; whoever takes it closes it."""
        assert self._socket is not None
        taken = self._socket
        self._socket = None
        return taken

    def _copy_submission(self) -> None:
        """Make the folder that the runner works in, and the one for its temporary files."""
        try:
            shutil.copytree(self.folder, self.work)
            (self.home / "tmp").mkdir()
        except OSError as error:
            raise temporary_file_error("copy the submission into its box", error) from None

    def _command(self) -> list[str]:
        """Return the command that starts the runner, in the box's control group if it has one."""
        settings = {
            "limits": {
                "core": 0,
                "nofile": self.limits.open_files,
                "fsize": self.limits.file_bytes,
            },
            "die_with_parent": os.getpid(),
        }
        command = [sys.executable, "-s", "-P", str(RUNNER / "__main__.py"), json.dumps(settings)]
        if self.group is None:
            return command
        return ["/bin/sh", "-c", JOIN, "sh", " ".join(self.group.procs_files()), *command]

    def _environment(self) -> dict[str, str]:
        """Return the runner's environment: little of the grader's, nothing about the task."""
        environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        environment |= variables(self.limits.cores)
        temporary = str(self.home / "tmp")
        environment |= {
            MARK: self.mark,
            "HOME": str(self.home),
            "TMPDIR": temporary,
            "XDG_CACHE_HOME": temporary,
            "CUDA_VISIBLE_DEVICES": "" if self.device == CPU else self.device,
        }
        return environment

    def give_up(self) -> None:
        """End a runner that no box took. It has loaded nothing, so it has no children."""
        if self._socket is not None:
            self._socket.close()
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()
        self.remove()

    def remove(self) -> None:
        """Remove the control group and the folder of a runner that has ended."""
        if self.group is not None:
            self.group.remove()
        remove_tree(self.home)


class HeadStart:
    """A runner that may have been started early, for the first box that asks for the same."""

    def __init__(self) -> None:
        self._early: RunnerProcess | None = None

    def begin(self, folder: Path, limits: Limits, device: str) -> None:
        """Start a runner for this folder.

        Where that fails, there is no head start: the box that needs a runner then says why.
        """
        try:
            self._early = RunnerProcess(folder, limits, device)
            self._early.start()
        except GraderError:
            self.end()

    def take(self, folder: Path, limits: Limits, device: str) -> RunnerProcess:
        """Return the early runner if it is just this one, or else a new one, not yet started."""
        early = self._early
        if early is None or not early.is_for(folder, limits, device):
            return RunnerProcess(folder, limits, device)
        self._early = None
        return early

    def end(self) -> None:
        """Give up the runner, if no box has taken it."""
        if self._early is not None:
            self._early.give_up()
            self._early = None


@contextlib.contextmanager
def head_start() -> Iterator[HeadStart]:
    """Give a head start that leaves nothing behind, whatever happens."""
    early = HeadStart()
    try:
        yield early
    finally:
        early.end()
