"""`grader submit`: check a solution, pack it, and print a receipt that says exactly what was
packed.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from grader.errors import UsageError
from grader.intake.submission import SETTINGS_FILE, hash_folder
from grader.records import Submission

ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the same files give the same zip, whenever it is packed


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


def pack(submission: Submission, target: Path) -> Receipt:
    """Write the submission's files as a zip, with task, author and name in it; refuses to overwrite
    another file.
    """
    if target.exists() and not zipfile.is_zipfile(target):
        raise UsageError(f"{target} is there and is no zip; give another name with --to")
    settings = {"task": submission.task_id, "author": submission.author, "name": submission.name}
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in settings.items()]
    (submission.folder / SETTINGS_FILE).write_text("".join(lines), "utf-8")
    paths = sorted(
        path
        for path in submission.folder.rglob("*")
        if path.is_file() and path.name != submission.made
    )
    partial = target.with_name(f".{target.name}.partial")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in paths:
                entry = zipfile.ZipInfo(path.relative_to(submission.folder).as_posix(), ZIP_TIME)
                entry.external_attr = 0o644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UsageError(
            f"cannot write {target}: {error.strerror or error}; give another place with --to"
        ) from None
    content = target.read_bytes()
    if submission.made:
        (submission.folder / submission.made).unlink()
    return Receipt(
        file=str(target),
        task=submission.task_id,
        author=submission.author,
        packed_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        files=len(paths),
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        submission_sha256=hash_folder(submission.folder),
    )
