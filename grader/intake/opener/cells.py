"""One cell of a notebook: magics (%), shell lines (!) and help (?) turned into Python.

Every line stays where it is in its cell, so that a place in the script is a place in the notebook.
What has an equal in Python becomes it: what `%time` and `%%capture` surround is run, `%%writefile`
writes its file, `%run` runs a script. The rest becomes a comment, and a note says so. A line that
continues a statement is left alone, whatever it begins with (open_lines.py).
"""

from __future__ import annotations
import __future__

import ast
import re
from dataclasses import dataclass, field

from .open_lines import Scanner

SHOWN_LINE = 60
# Magics around one statement, with the options that take a value; the statement is run once.
AROUND_A_STATEMENT = re.compile(
    r"^(\s*)%(?:time|timeit|prun|memit|mprun|lprun|snakeviz|pyinstrument)\b"
    r"(?:\s+-[nrsfTDpl]\s*\S+|\s+-[oqv])*\s+([^-\s].*)$"
)
ASSIGNED_AROUND = re.compile(r"^(\s*)(\w+)\s*=\s*%(?:time|timeit)\b(?:\s+-\S+)*\s+(.*)$")
SHELL_VALUE = re.compile(r"^(\s*[A-Za-z_][\w, ]*?)\s*=\s*(?:!|%[A-Za-z])")
HELP_LINE = re.compile(r"^\?{1,2}\w|^[\w.\[\]'\"]+\?{1,2}$")
RUN_LINE = re.compile(r"^(\s*)%run\s+(?:-[a-z]+\s+)*[\"']?([^\s\"']+\.py)\b[\"']?.*$")
WRITE_LINE = re.compile(r"^%%(?:writefile|file)\s+(-a\s+)?[\"']?(.+?)[\"']?\s*$")
CAPTURE_LINE = re.compile(r"^%%capture\b(?:\s+--?[\w-]+)*\s+([A-Za-z_]\w*)")
# Cell magics whose cell is Python that is to be run here.
AROUND_PYTHON = {
    "%%capture",
    "%%grade",
    "%%heat",
    "%%lprun",
    "%%memit",
    "%%mprun",
    "%%notify",
    "%%prun",
    "%%pyinstrument",
    "%%scalene",
    "%%snakeviz",
    "%%time",
    "%%timeit",
    "%%wandb",
}
# IPython calls these without a % where no variable has the name.
BARE_COMMANDS = re.compile(r"^(?:pip|conda|mamba)\s+(?:install|list|show|uninstall)\b")
# The names of what `%%capture NAME` leaves: nothing was captured, and showing it shows nothing.
CAPTURED = (
    '__import__("types").SimpleNamespace(stdout="", stderr="", outputs=[], show=lambda: None)'
)
FUTURE_FEATURES = frozenset(__future__.all_feature_names)


@dataclass
class Notebook:
    """What is gathered from cell to cell: notes for the learner, and features of the future."""

    notes: list[str] = field(default_factory=list)
    future: dict[str, None] = field(default_factory=dict)

    def python(self, source: str, number: int) -> str:
        """Return a cell's code as Python, line for line. number: the cell's, from 1."""
        code = Cell(source, number, self.notes).python()
        return self.without_future(code)

    def without_future(self, code: str) -> str:
        """Return code without `from __future__ import ...`, which is noted for the script's top.

        In a notebook it may stand in any cell, in a script only at the beginning.
        """
        if "__future__" not in code:
            return code
        tree = parsed(code)
        if tree is None:
            return code
        lines = code.split("\n")
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                names = [alias.name for alias in node.names if alias.asname is None]
                if len(names) == len(node.names) and set(names) <= FUTURE_FEATURES:
                    self.future |= dict.fromkeys(names)
                    blank_out(lines, node)
        return "\n".join(lines)


def blank_out(lines: list[str], node: ast.stmt) -> None:
    """Put `pass` in the place of a statement; its lines stay."""
    first = node.lineno - 1
    last = (node.end_lineno or node.lineno) - 1
    before = lines[first].encode()[: node.col_offset].decode()
    after = lines[last].encode()[node.end_col_offset or 0 :].decode()
    lines[first : last + 1] = [""] * (last - first + 1)
    lines[last] = f"{before}pass{after}"


class Cell:
    """One cell on its way to Python."""

    def __init__(self, source: str, number: int, notes: list[str]) -> None:
        self.source = source
        self.number = number
        self.notes = notes

    def python(self) -> str:
        """Return the cell's code. One that is Python as it stands stays so."""
        if is_python(self.source):
            return self.source
        lines = self.source.split("\n")
        first = first_line_of_code(lines)
        if lines[first].lstrip().startswith("%%"):
            return self.behind_a_magic(lines, first)
        return "\n".join(self.plain_lines(lines))

    def behind_a_magic(self, lines: list[str], first: int) -> str:
        """Return a cell that begins with a cell magic, on the line numbered `first` from 0."""
        line = lines[first].strip()
        magic = line.split()[0]
        written = WRITE_LINE.match(line)
        if written:
            return self.as_file(lines, first, written[2], is_more=bool(written[1]))
        if magic not in AROUND_PYTHON:
            self.notes.append(f"skipped cell {self.number}: {line[:SHOWN_LINE]}")
            return commented(lines)
        captured = CAPTURE_LINE.match(line) if magic == "%%capture" else None
        lines[first] = f"{captured[1]} = {CAPTURED}  # {line}" if captured else f"# {line}"
        rest = "\n".join(lines)
        return rest if is_python(rest) else "\n".join(self.plain_lines(lines))

    def as_file(self, lines: list[str], first: int, name: str, *, is_more: bool) -> str:
        """Return code that writes a cell into a file, as %%writefile does."""
        content = "\n".join(lines[first + 1 :]) + "\n"
        mode = "a" if is_more else "w"
        writing = (
            f'with open({name!r}, "{mode}", encoding="utf-8") as _file: _file.write({content!r})'
        )
        rest = commented(lines[first + 1 :])
        return "\n".join([*lines[:first], writing, rest]) if rest else writing

    def plain_lines(self, lines: list[str]) -> list[str]:
        """Return a cell's lines as Python; those that are skipped become comments."""
        scanner = Scanner()
        made = []
        is_skipping = False  # the line before was skipped, and goes on here
        for line in lines:
            if is_skipping:
                is_skipping = line.rstrip().endswith("\\")
                made.append(f"# {line}")
                continue
            python = line if scanner.inside else self.plain_line(line)
            is_skipping = python != line and line.rstrip().endswith("\\")
            scanner.read(python)
            made.append(python)
        return made

    def plain_line(self, line: str) -> str:
        """Return a line that begins a statement, turned into Python if it is none."""
        stripped = line.lstrip()
        assigned_around = ASSIGNED_AROUND.match(line)
        if assigned_around:
            return f"{assigned_around[1]}{assigned_around[2]} = {assigned_around[3]}"
        around = AROUND_A_STATEMENT.match(line)
        if around:
            return f"{around[1]}{around[2]}"
        run = RUN_LINE.match(line)
        if run:
            path = f'__import__("runpy").run_path({run[2]!r}, run_name="__main__")'
            return f"{run[1]}globals().update({path})"
        return self.skipped(line, stripped)

    def skipped(self, line: str, stripped: str) -> str:
        """Return a line that has no equal in Python as a comment; any other stays as it is."""
        assigned = SHELL_VALUE.match(line)
        is_command = stripped.startswith(("%", "!")) or bool(BARE_COMMANDS.match(stripped))
        if not assigned and not is_command and not HELP_LINE.match(stripped.rstrip()):
            return line
        self.notes.append(f"skipped in cell {self.number}: {stripped[:SHOWN_LINE].rstrip()}")
        if assigned:
            names = assigned[1].count(",") + 1
            value = "[]" if names == 1 else f'[""] * {names}'
            return f"{assigned[1]} = {value}  # {stripped}"
        indent = line[: len(line) - len(stripped)]
        return f"{indent}pass  # {stripped}"


def first_line_of_code(lines: list[str]) -> int:
    """Return the number, from 0, of the first line that is neither empty nor a comment."""
    for number, line in enumerate(lines):
        if line.strip() and not line.lstrip().startswith("#"):
            return number
    return 0


def commented(lines: list[str]) -> str:
    return "\n".join(f"# {line}" for line in lines)


def is_python(code: str) -> bool:
    """Whether Python's parser takes the code; `await` may stand at the top, as in Jupyter."""
    return parsed(code) is not None


def parsed(code: str) -> ast.Module | None:
    """Return the code's syntax tree; None if it is not Python."""
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        tree = compile(code, "cell", "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return None
    return tree if isinstance(tree, ast.Module) else None
