"""`grader submit`: Check a solution and pack it into a zip to hand in."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from grader.commands.options import (
    HERE,
    AuthorOption,
    JsonOption,
    PathArgument,
    SandboxOption,
    TaskOption,
    VerboseOption,
)
from grader.commands.parts.checking import Checked, check_submission
from grader.commands.parts.console import console, print_json, say
from grader.commands.parts.exit_codes import EXIT_NOT_ACCEPTED
from grader.commands.parts.handing_in import hand_in, page_of
from grader.commands.parts.progress import shown_progress
from grader.commands.parts.working_folder import working_folder
from grader.errors import PackingError, SubmissionRefused, UsageError
from grader.intake.submission import SETTINGS_FILE, open_submission
from grader.records import Submission

HELP_PLACE = ("Grade", 2)
ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the same files give the same zip, whenever it is packed
PLAIN_FILE = 0o644 << 16  # a zip keeps the mode of a file in the upper half of its attributes


@dataclass(frozen=True)
class Receipt:
    """What was packed, when, and its fingerprints."""

    file: str
    task: str
    author: str
    packed_at: str
    files: int
    bytes: int
    sha256: str  # of the zip
    submission_sha256: str  # of the files in it, as a result will show it

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def submit(
    path: PathArgument = HERE,
    task: TaskOption = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            help="The zip to write (default: TASK-AUTHOR.zip), or the address of a hand-in page.",
        ),
    ] = None,
    token: Annotated[
        str, typer.Option("--token", envvar="GRADER_TOKEN", help="For a hand-in page: its token.")
    ] = "",
    wait: Annotated[
        bool, typer.Option("--wait", help="On a hand-in page: wait for the result, and show it.")
    ] = False,
    author: AuthorOption = None,
    sandbox: SandboxOption = "auto",
    as_json: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Check a solution, pack it into a zip to hand in, and print a receipt."""
    page = page_of(to or "", token, wait=wait)
    target = Path(to) if to is not None and page is None else None
    if target is not None:
        must_be_writable(target)
    with working_folder() as scratch:
        with shown_progress(quiet=as_json) as progress:
            checked = check_submission(
                path,
                scratch,
                task_id=task,
                author=author,
                sandbox_name=sandbox,
                progress=progress,
                advising=False,
            )
        if checked.failed:
            refuse(checked)
        packed = target or file_name(checked.submission)
        if page is not None:
            packed = scratch / packed
        receipt = pack(checked.submission, packed, scratch)
        if page is not None:
            return hand_in(page, packed, receipt.task, wait=wait, as_json=as_json)
    show(receipt, as_json=as_json)


def show(receipt: Receipt, *, as_json: bool) -> None:
    """Print the receipt of a zip."""
    if as_json:
        return print_json(receipt.as_dict())
    for key, value in receipt.as_dict().items():
        say(f"{key.replace('_', ' '):<20}{value}", wrap=False)
    say(f"\nHand in {receipt.file}, and keep this receipt.", wrap=False)


def refuse(checked: Checked) -> None:
    """Say why nothing was packed, and end."""
    checked.print(console(stderr=True))
    say(
        "grader: not packed. Fix what the check found, then submit again",
        wrap=False,
        stderr=True,
    )
    raise typer.Exit(EXIT_NOT_ACCEPTED)


def file_name(submission: Submission) -> Path:
    """Return TASK-AUTHOR.zip, without characters that a path or a shell would take apart."""
    name = f"{submission.task_id}-{submission.author}.zip"
    return Path(name.replace("/", "_").replace(" ", "_"))


def must_be_writable(target: Path) -> None:
    """Raise UsageError where no zip can be written, before the check takes its time."""
    if target.exists() and not zipfile.is_zipfile(target):
        raise UsageError(f"{target} exists and is not a zip; choose another name with --to")
    if not os.access(target.parent, os.W_OK):
        raise UsageError(
            f"cannot write {target}: {target.parent} is no folder that may be written to; choose "
            "another place with --to"
        )


def pack(submission: Submission, target: Path, scratch: Path) -> Receipt:
    """Write the submission's files as a zip, with task, author and name in it.

    It is opened again, in `scratch`, before it gets its name: nobody has a receipt for what cannot
    be opened. UsageError, and nothing is overwritten, where the target is not a zip or cannot be
    written; PackingError where what was packed is not what was checked, which is our own fault.
    """
    must_be_writable(target)
    write_settings(submission)
    paths = files_of(submission)
    partial = target.with_name(f".{target.name}.partial.zip")
    try:
        write_zip(paths, submission.folder, partial)
        fingerprint = fingerprint_of(partial, scratch / "again")
        partial.replace(target)
    except OSError as error:
        raise UsageError(
            f"cannot write {target}: {error.strerror or error}; choose another place with --to"
        ) from None
    finally:
        partial.unlink(missing_ok=True)
    content = target.read_bytes()
    return Receipt(
        file=str(target),
        task=submission.task_id,
        author=submission.author,
        packed_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        files=len(paths),
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        submission_sha256=fingerprint,
    )


def fingerprint_of(packed: Path, scratch: Path) -> str:
    """Return the fingerprint of the files in a zip, as whoever grades it will find it."""
    try:
        return open_submission(packed, scratch)[0].sha256
    except (SubmissionRefused, UsageError) as error:
        raise PackingError(
            f"what was checked cannot be opened once it is packed ({error}). This is the grader's "
            "own mistake: nothing was handed in and no receipt was given. Hand in the file or the "
            "folder itself"
        ) from None


def write_settings(submission: Submission) -> None:
    """Say in the submission's own settings what it was packed as."""
    settings = {"task": submission.task_id, "author": submission.author, "name": submission.name}
    if submission.network:
        settings["network"] = submission.network
    # A text of JSON is one of TOML as well, whatever is in it.
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in settings.items()]
    (submission.folder / SETTINGS_FILE).write_text("".join(lines), "utf-8")


def files_of(submission: Submission) -> list[Path]:
    """Return the files that were handed in; the script made of a notebook is not one."""
    files = (path for path in submission.folder.rglob("*") if path.is_file())
    return sorted(path for path in files if path.name != submission.made)


def write_zip(paths: Sequence[Path], folder: Path, target: Path) -> None:
    """Write files as a zip that is the same, to the byte, whenever and wherever it is packed."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), ZIP_TIME)
            entry.external_attr = PLAIN_FILE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
