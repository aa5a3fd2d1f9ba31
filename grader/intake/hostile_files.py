"""The limited child that opens archives and notebooks: its memory, time and file size are capped
first.

Run as a program: `opening.py zip FILE FOLDER` or `opening.py notebook FILE SCRIPT`. Exit 0 and
notes on standard output, or exit 2 and one line that says what was found and what was expected. It
imports nothing of ours.
"""

from __future__ import annotations

import ast
import re
import resource
import stat
import sys
import unicodedata
import zipfile
from pathlib import Path, PurePosixPath

MIB = 1 << 20
MEMORY_BYTES = 1024 * MIB
CPU_SECONDS = 30
MAX_MEMBERS = 500
MAX_TOTAL_BYTES = 512 * MIB
MAX_RATIO = 200
MAX_DIRECTORY_BYTES = MIB
# the end of a zip, where its list of files is described: 22 bytes and a remark of up to 64 KiB
END_BYTES = 66_000
END_RECORD = b"PK\x05\x06"
SAID_ELSEWHERE = 0xFFFFFFFF  # in the 64-bit form, which zipfile reads under this child's limits
MAX_DEPTH = 20
MAX_NOTES = 50
MAX_NOTEBOOK_BYTES = 20 * MIB
TIMED_LINE = re.compile(r"^(\s*)%(?:time|timeit)\s+([^-\s].*)$")
SHELL_VALUE = re.compile(r"^(\s*[A-Za-z_]\w*)\s*=\s*[!%]")
NOT_SHOWN = (
    "Cc",
    "Cf",
    "Cs",
    "Zl",
    "Zp",
)  # control, direction-changing, no text at all, line separators
SAFE_PART = re.compile(r"^(?!-)[^\x00-\x1f\x7f<>:\"|?*\\]{1,120}(?<![. ])$")


class Refused(Exception):
    """What is wrong with the file, for the person who handed it in."""


def open_zip(source: Path, target: Path) -> list[str]:
    """Write a zip's regular files below `target`; anything else in it refuses the whole."""
    try:
        listed = directory_bytes(source)
        if listed > MAX_DIRECTORY_BYTES:
            raise Refused(
                f"its list of files alone has {listed / MIB:.0f} MiB; at most {MAX_MEMBERS} files are taken"
            )
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError):
        raise Refused("not a readable zip; make it with any zip program and try again") from None
    with archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > MAX_MEMBERS:
            raise Refused(f"{len(members)} files; at most {MAX_MEMBERS} are taken")
        total = sum(member.file_size for member in members)
        if total > MAX_TOTAL_BYTES:
            raise Refused(
                f"{total // MIB} MiB when unpacked; at most {MAX_TOTAL_BYTES // MIB} MiB are taken"
            )
        seen: set[str] = set()
        for member in members:
            path = safe_path(member.orig_filename)  # `filename` ends at a NUL
            kind = stat.S_IFMT(member.external_attr >> 16)
            if kind not in (0, stat.S_IFREG):
                raise Refused(
                    f"{member.filename!r} is a link or a special file; put plain files into the zip"
                )
            if member.flag_bits & 1:
                raise Refused(f"{member.filename!r} is encrypted; make the zip without a password")
            if str(path).lower() in seen:
                raise Refused(f"{member.filename!r} is there twice")
            seen.add(str(path).lower())
            if member.file_size > MIB and member.file_size > MAX_RATIO * max(
                1, member.compress_size
            ):
                raise Refused(
                    f"{member.filename!r} unpacks to {member.file_size // MIB} MiB from almost nothing"
                )
            if path.parts[0] == "__MACOSX":
                continue
            write_member(archive, member, target / path)
    return []


def directory_bytes(source: Path) -> int:
    """Return how long a zip's list of files claims to be; 0 where it says nothing. Reading a long
    one takes minutes.
    """
    with source.open("rb") as file:
        file.seek(max(0, source.stat().st_size - END_BYTES))
        end = file.read()
    at = end.rfind(END_RECORD)
    size = int.from_bytes(end[at + 12 : at + 16], "little") if at >= 0 else 0
    return 0 if size == SAID_ELSEWHERE else size


def safe_path(name: str) -> PurePosixPath:
    """Return a member's path if it stays below the folder it is unpacked to."""
    path = PurePosixPath(name)
    if (
        path.is_absolute()
        or not path.parts
        or not all(part != ".." and is_safe(part) for part in path.parts)
    ):
        raise Refused(f"{name[:200]!a} is not a path inside the zip; use plain relative names")
    if len(path.parts) > MAX_DEPTH:
        raise Refused(
            f"{name[:200]!a} lies more than {MAX_DEPTH} folders deep; hand in the solution alone"
        )
    return path


def is_safe(part: str) -> bool:
    """Whether a file may be called so: nothing a shell, a page or a terminal could stumble over."""
    return bool(SAFE_PART.match(part)) and not any(
        unicodedata.category(char) in NOT_SHOWN for char in part
    )


def write_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    left = member.file_size
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as packed, target.open("xb") as plain:
            while piece := packed.read(min(MIB, left + 1)):
                left -= len(piece)
                if left < 0:
                    raise Refused(f"{member.filename!r} is bigger than the zip says")
                plain.write(piece)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
        raise Refused(f"{member.filename!r} is damaged; make the zip again") from None
    except OSError as error:
        raise Refused(f"{member.filename!r} cannot be unpacked: {error.strerror}") from None


def open_notebook(source: Path, target: Path) -> list[str]:
    """Write a notebook's code cells as one script; magics and shell lines become comments and are
    listed.
    """
    if source.stat().st_size > MAX_NOTEBOOK_BYTES:
        size = source.stat().st_size / MIB
        raise Refused(
            f"the notebook has {size:.0f} MiB; at most {MAX_NOTEBOOK_BYTES // MIB} are taken. "
            "Clear its outputs and save it."
        )
    import nbformat

    try:
        notebook = nbformat.read(source, as_version=4)
    except Exception as error:
        detail = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise Refused(
            f"not a notebook that can be read ({detail}); open it in Jupyter and save it again"
        ) from None
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if not any(str(cell.source).strip() for cell in cells):
        raise Refused("the notebook has no code cells")
    notes: list[str] = []
    parts = []
    for number, cell in enumerate(cells, start=1):
        written = (
            str(cell.source).replace("\r\n", "\n").replace("\r", "\n")
        )  # lines as Python counts them
        code = plain_python(written, number, notes)
        if not is_python(code):
            notes.append(f"code cell {number} does not look like Python that can be run")
        count = code.count("\n") + 1
        parts.append(
            f"# --- cell {number}, {count} line{'s' * (count != 1)} ---\n{code}\n"
        )  # read by grader/cells.py
    try:
        target.write_text("\n".join(parts), "utf-8")
    except UnicodeEncodeError:
        raise Refused(
            "the notebook holds characters that are no text; save it again in Jupyter"
        ) from None
    if len(notes) > MAX_NOTES:
        notes[MAX_NOTES:] = [f"and {len(notes) - MAX_NOTES} more lines like these"]
    return notes


def plain_python(code: str, number: int, notes: list[str]) -> str:
    """Return a cell's code with magics (%), shell (!) and help (?) lines turned into comments.

    A cell that is Python as it stands stays so: its lines that begin with % continue an expression.
    `%time` is taken off, what it times is run. Every line stays where it is in its cell.
    """
    if is_python(code):
        return code
    lines = code.split("\n")
    if lines[0].lstrip().startswith("%%"):
        magic = lines[0].strip().split()[0]
        if magic in ("%%time", "%%timeit", "%%capture"):
            lines[0] = f"# {lines[0]}"
            if is_python("\n".join(lines)):
                return "\n".join(lines)
        else:
            notes.append(f"skipped cell {number}: {lines[0].strip()[:60]}")
            return "\n".join(f"# {line}" for line in lines)
    kept = []
    for line in lines:
        stripped = line.lstrip()
        timed = TIMED_LINE.match(line)
        assigned = SHELL_VALUE.match(line)
        if timed:
            kept.append(f"{timed[1]}{timed[2]}")
        elif assigned:
            notes.append(f"skipped in cell {number}: {stripped[:60]}")
            kept.append(f"{assigned[1]} = []  # {stripped}")
        elif stripped.startswith(("%", "!")) or re.match(r"^\?{1,2}\w|^[\w.]+\?{1,2}$", stripped):
            notes.append(f"skipped in cell {number}: {stripped[:60]}")
            indent = line[: len(line) - len(stripped)]
            kept.append(f"{indent}pass  # {stripped}")
        else:
            kept.append(line)
    return "\n".join(kept)


def is_python(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def main(kind: str, source: str, target: str) -> int:
    """Open one file; returns the exit code."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_TOTAL_BYTES, MAX_TOTAL_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    opener = {"zip": open_zip, "notebook": open_notebook}[kind]
    try:
        notes = opener(Path(source), Path(target))
    except Refused as refused:
        print(refused)
        return 2
    except MemoryError:
        print("it needs too much memory to open")
        return 2
    print("\n".join(notes).encode("utf-8", "replace").decode())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
