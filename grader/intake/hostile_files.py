"""The program that opens zips and notebooks, in a process with limits on itself.

    python -I -B hostile_files.py zip FILE FOLDER
    python -I -B hostile_files.py notebook FILE SCRIPT

Exit 0 and notes on standard output, or exit 2 and one line that says what was found and what was
expected. It imports nothing of ours: nothing of the grader is in the memory of a process that reads
hostile bytes.

**Hostile archives.** A zip is refused as a whole for any member that is not a plain file with a
plain relative name: links, devices, absolute paths, "..", two names that differ only in case,
encrypted files. Its own word about sizes is checked before anything is unpacked (files, their sum,
the ratio of each, the length of the list itself, which alone can take minutes to read), and again
while it is unpacked. Whatever else a crafted file does meets the limits on memory, time and file
size that `main` sets first.
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
REFUSED = 2  # exit code

MAX_MEMBERS = 500
MAX_TOTAL_BYTES = 512 * MIB
MAX_RATIO = 200  # of a member of more than 1 MiB; source code reaches about 10
MAX_DIRECTORY_BYTES = MIB
# The end of a zip, where its list of files is described: 22 bytes and a remark of up to 64 KiB.
END_BYTES = 66_000
END_RECORD = b"PK\x05\x06"
# Where this stands the size is in the 64-bit form, which zipfile reads under this child's limits.
SIZE_IN_64_BITS = 0xFFFFFFFF
MAX_DEPTH = 20
SHOWN_NAME = 200
SAFE_PART = re.compile(r"^(?!-)[^\x00-\x1f\x7f<>:\"|?*\\]{1,120}(?<![. ])$")
NOT_SHOWN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, format, half pairs, line separators

MAX_NOTES = 50
SHOWN_LINE = 60
MAX_NOTEBOOK_BYTES = 20 * MIB
TIMED_LINE = re.compile(r"^(\s*)%(?:time|timeit)\s+([^-\s].*)$")
SHELL_VALUE = re.compile(r"^(\s*[A-Za-z_]\w*)\s*=\s*[!%]")
HELP_LINE = re.compile(r"^\?{1,2}\w|^[\w.]+\?{1,2}$")
MAGICS_AROUND_PYTHON = ("%%time", "%%timeit", "%%capture")


class Refused(Exception):
    """What is wrong with the file, for the person who handed it in."""


# Zips.


def open_zip(source: Path, target: Path) -> list[str]:
    """Write a zip's regular files below `target`. Raises Refused for anything else in it."""
    with readable_zip(source) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > MAX_MEMBERS:
            raise Refused(f"{len(members)} files; at most {MAX_MEMBERS} are accepted")
        total = sum(member.file_size for member in members)
        if total > MAX_TOTAL_BYTES:
            raise Refused(
                f"{total // MIB} MiB when unpacked; at most {MAX_TOTAL_BYTES // MIB} MiB are "
                "accepted"
            )
        seen: set[str] = set()
        for member in members:
            path = safe_path(member.orig_filename)  # `filename` ends at a NUL
            check_member(member)
            # Some systems do not tell names apart by case: one file would replace the other there.
            name = str(path).lower()
            if name in seen:
                raise Refused(f"{member.filename!r} occurs twice")
            seen.add(name)
            check_ratio(member)
            if path.parts[0] != "__MACOSX":
                write_member(archive, member, target / path)
    return []


def readable_zip(source: Path) -> zipfile.ZipFile:
    """Return an opened zip. Raises Refused if it is none, or if its list of files is too long."""
    try:
        listed = directory_bytes(source)
        if listed > MAX_DIRECTORY_BYTES:
            raise Refused(
                f"its list of files alone takes {listed / MIB:.0f} MiB; at most {MAX_MEMBERS} "
                "files are accepted"
            )
        return zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError):
        raise Refused("not a readable zip; make it with any zip program and try again") from None


def directory_bytes(source: Path) -> int:
    """Return how long a zip's list of files claims to be; 0 where it does not say.

    Asked before the list is read: reading a long one takes minutes.
    """
    with source.open("rb") as file:
        file.seek(max(0, source.stat().st_size - END_BYTES))
        end = file.read()
    at = end.rfind(END_RECORD)
    if at < 0:
        return 0
    size = int.from_bytes(end[at + 12 : at + 16], "little")
    return 0 if size == SIZE_IN_64_BITS else size


def safe_path(name: str) -> PurePosixPath:
    """Return a member's path. Raises Refused unless it stays below the folder it is unpacked to."""
    path = PurePosixPath(name)
    leaves = path.is_absolute() or not path.parts or ".." in path.parts
    if leaves or not all(map(is_safe, path.parts)):
        raise Refused(
            f"{name[:SHOWN_NAME]!a} is not a path inside the zip; use plain relative names"
        )
    if len(path.parts) > MAX_DEPTH:
        raise Refused(
            f"{name[:SHOWN_NAME]!a} is nested more than {MAX_DEPTH} folders deep; hand in only "
            "the solution"
        )
    return path


def is_safe(part: str) -> bool:
    """Whether a file may be called so: nothing a shell, a page or a terminal could stumble over."""
    return bool(SAFE_PART.match(part)) and not any(map(is_hidden, part))


def is_hidden(character: str) -> bool:
    """Whether a character of a file's name has no shape of its own.

    Written again because this program imports nothing of ours; a test compares the list with that
    of `grader.intake.names`.
    """
    return unicodedata.category(character) in NOT_SHOWN


def check_member(member: zipfile.ZipInfo) -> None:
    """Raise Refused for what is not a plain file that can be read."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise Refused(
            f"{member.filename!r} is a link or a special file; put plain files into the zip"
        )
    if member.flag_bits & 1:
        raise Refused(f"{member.filename!r} is encrypted; make the zip without a password")


def check_ratio(member: zipfile.ZipInfo) -> None:
    """Raise Refused for a member that unpacks to far more than it takes in the zip."""
    most = max(MIB, MAX_RATIO * max(1, member.compress_size))
    if member.file_size > most:
        raise Refused(
            f"{member.filename!r} unpacks to {member.file_size // MIB} MiB from almost nothing; "
            "there is no need to hand in data"
        )


def write_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one file, and no more of it than the zip said before. Raises Refused."""
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


# Notebooks.


def open_notebook(source: Path, target: Path) -> list[str]:
    """Write a notebook's code cells as one script; return what was skipped, a line each.

    Magics and shell lines become comments. Raises Refused.
    """
    cells = code_cells(source)
    notes: list[str] = []
    parts = []
    for number, cell in enumerate(cells, start=1):
        written = cell.replace("\r\n", "\n").replace("\r", "\n")  # lines as Python counts them
        code = plain_python(written, number, notes)
        if not is_python(code):
            notes.append(f"code cell {number} does not look like runnable Python")
        parts.append(f"{line_above(number, code)}\n{code}\n")
    try:
        target.write_text("\n".join(parts), "utf-8")
    except UnicodeEncodeError:
        raise Refused(
            "the notebook contains characters that are not text; save it again in Jupyter"
        ) from None
    if len(notes) > MAX_NOTES:
        notes[MAX_NOTES:] = [f"and {len(notes) - MAX_NOTES} more lines like these"]
    return notes


def code_cells(source: Path) -> list[str]:
    """Return the code cells of a notebook. Raises Refused if it has none or cannot be read."""
    size = source.stat().st_size
    if size > MAX_NOTEBOOK_BYTES:
        raise Refused(
            f"the notebook has {size / MIB:.0f} MiB; at most {MAX_NOTEBOOK_BYTES // MIB} MiB are "
            "accepted. Clear its outputs and save it again."
        )
    import nbformat

    try:
        notebook = nbformat.read(source, as_version=4)
    except Exception as error:
        detail = type(error).__name__
        if str(error):
            detail = str(error).splitlines()[0][:SHOWN_NAME]
        raise Refused(
            f"not a readable notebook ({detail}); open it in Jupyter and save it again"
        ) from None
    cells = [str(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    if not any(map(str.strip, cells)):
        raise Refused("the notebook has no code cells")
    return cells


def line_above(number: int, code: str) -> str:
    """Return the comment above a cell in the script, which notebook_cells.py reads."""
    count = code.count("\n") + 1
    return f"# --- cell {number}, {count} line{'s' * (count != 1)} ---"


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
        if magic not in MAGICS_AROUND_PYTHON:
            notes.append(f"skipped cell {number}: {lines[0].strip()[:SHOWN_LINE]}")
            return "\n".join(f"# {line}" for line in lines)
        lines[0] = f"# {lines[0]}"
        if is_python("\n".join(lines)):
            return "\n".join(lines)
    return "\n".join(plain_line(line, number, notes) for line in lines)


def plain_line(line: str, number: int, notes: list[str]) -> str:
    """Return one line of a cell that is not Python as it stands, turned into Python."""
    stripped = line.lstrip()
    timed = TIMED_LINE.match(line)
    if timed:
        return f"{timed[1]}{timed[2]}"
    assigned = SHELL_VALUE.match(line)
    is_skipped = stripped.startswith(("%", "!")) or HELP_LINE.match(stripped)
    if not assigned and not is_skipped:
        return line
    notes.append(f"skipped in cell {number}: {stripped[:SHOWN_LINE]}")
    if assigned:
        return f"{assigned[1]} = []  # {stripped}"
    indent = line[: len(line) - len(stripped)]
    return f"{indent}pass  # {stripped}"


def is_python(code: str) -> bool:
    """Whether Python's parser takes the code."""
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def main(kind: str, source: str, target: str) -> int:
    """Limit this process, open one file, and return the exit code."""
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
        return REFUSED
    except MemoryError:
        print("it needs too much memory to open")
        return REFUSED
    print("\n".join(notes).encode("utf-8", "replace").decode())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
