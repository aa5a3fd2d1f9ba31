"""The command line: finds the commands in `commands/`, and ends every one of them.

Whatever a command raises ends here as one message and an exit code. Commands are imported when they
are called, not before, so that `grader --help` answers at once.
"""

from __future__ import annotations

import importlib
import os
import re
import shutil
import signal
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NoReturn

# Before the first import of pydantic: looking for its plugins costs 20 ms at every start.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

import typer
from typer.core import TyperGroup

from grader import __version__
from grader.errors import GraderError, UsageError
from grader.spelling import nearest, no_such
from grader.text import terminal_lines

COMMANDS = Path(__file__).resolve().parent / "commands"
# Each section of the help with an example of it.
EXAMPLES = {
    "Learn": "grader start digits",
    "Grade": "grader run digits",
    "Class": "grader class init roster.csv",
    "Look": "grader board digits",
    "Set up": "grader demo",
}
SECTIONS = tuple(EXAMPLES)
ABOUT = (
    "dl-grader grades deep learning solutions: how accurate, how fast and how small they are, "
    "compared with a reference measured in the same run."
)
BEGINNING = (
    ("grader demo", "Grades built-in references and writes a board, in half a minute."),
    ("grader start matrices", "Makes a folder with a first task: a lesson, and code to complete."),
    ("grader run matrices", "Grades your solution, and says what to do next."),
)
AFTERWARDS = "`grader tasks` shows the whole course, and `grader --help` every command."
SUMMARY = re.compile(r'"""`grader ([a-z]+)`: (.+?)\.?(?:"""|\n)')
HELP_PLACE = re.compile(r'^HELP_PLACE = \("([A-Z][a-z ]+)", (\d+)\)[ \t]*(?:#.*)?$', re.MULTILINE)
# What pydantic, which reads the words for Typer, finds wrong with a number.
EXPECTED = {
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_parsing": "expected a number",
    "less_than_equal": "expected at most {le}",
    "greater_than_equal": "expected at least {ge}",
    "less_than": "expected less than {lt}",
    "greater_than": "expected more than {gt}",
}
EXTRA_WORD = re.compile(r"unexpected extra argument(?:s|\(s\))? \(([^\s)]+)")
# As shells have it: 128 and the number of the signal.
EXIT_INTERRUPTED = 130


@dataclass(frozen=True)
class Listed:
    """A command as the help lists it."""

    section: str
    place: int
    name: str
    summary: str

    @property
    def order(self) -> tuple[int, int, str]:
        """Sort key: sections in their order, new ones last."""
        section = SECTIONS.index(self.section) if self.section in SECTIONS else len(SECTIONS)
        return section, self.place, self.name


def listed_commands() -> list[Listed]:
    """Return the commands in the order of the help, read from their files without importing them.

    grader/commands/__init__.py says what makes a file a command.
    """
    return sorted(find_commands(), key=lambda each: each.order)


def find_commands() -> Iterator[Listed]:
    """Yield what each command's file says of itself."""
    for path in COMMANDS.glob("*.py"):
        found = read_command(path)
        if found is not None:
            yield found


def read_command(path: Path) -> Listed | None:
    """Return how a file is listed; None if it is no command, GraderError without a HELP_PLACE."""
    source = path.read_text("utf-8")
    head = SUMMARY.match(source)
    if head is None or head.group(1) != path.stem:
        return None
    place = HELP_PLACE.search(source)
    if place is None:
        raise GraderError(
            f"{path}: there is no HELP_PLACE that can be read, so `grader --help` has no place for "
            f"this command. Write one line at the left margin, such as "
            f'HELP_PLACE = ("Look", 9): a section ({", ".join(SECTIONS)}) and a place in it'
        )
    return Listed(place.group(1), int(place.group(2)), path.stem, head.group(2))


class CommandFolder(TyperGroup):
    """The group of all commands: each is a file, imported when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [each.name for each in listed_commands()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import a command; None where there is no such file."""
        path = COMMANDS / f"{cmd_name}.py"
        if not cmd_name.isalpha() or not path.is_file() or read_command(path) is None:
            return None
        from grader.logs import show_warnings

        show_warnings()
        return load_command(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the first word names; of an unknown one, say the nearest."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise UsageError(no_such_command(args[0]))
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return what a shell may complete; no command is imported for it."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(each.name, help=each.summary)
            for each in listed_commands()
            if each.name.startswith(incomplete)
        ]
        # Options come from click itself; for a dash it asks no command.
        return super().shell_complete(ctx, incomplete) if incomplete.startswith("-") else found

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands section by section; their summaries are in the text of their files."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for each in listed_commands():
            sections.setdefault(each.section, []).append((each.name, f"{each.summary}."))
        for title, rows in sections.items():
            with formatter.section(title):
                formatter.write_dl(rows)
                if title in EXAMPLES:
                    formatter.write_text(f"For example: {EXAMPLES[title]}")


def no_such_command(word: str) -> str:
    """Return what to say about a first word that is no command: it may name a task."""
    names = [each.name for each in listed_commands()]
    task = task_called(word)
    if task and not nearest(word, names):
        return f"{word!r} is a task and no command; `grader start {task}` begins it"
    return no_such("command", word, names, "`grader --help` lists them")


def task_called(word: str) -> str:
    """Return the id of the task that a word names; empty where it names none."""
    # Here, because only a word that is wrong needs it.
    from grader.course.curriculum import find_task

    try:
        return find_task(word).id
    except GraderError:
        return ""


def about_usage(message: str) -> str:
    """Return a message about wrong words, with a way out where one too many names a task."""
    extra = EXTRA_WORD.search(message)
    task = task_called(extra.group(1)) if extra else ""
    if task:
        return f"{message}. {task!r} is a task: `grader board {task}` shows its board alone."
    return message


def about_number(error: Exception) -> str:
    """Return what to say about a number that an option can't have; empty for any other error."""
    found = getattr(error.__cause__, "errors", None)
    option = getattr(getattr(error, "param", None), "opts", None)
    if found is None or not option:
        return ""
    first = found()[0]
    expected = EXPECTED.get(first["type"])
    if expected is None:
        return ""
    return f"{option[0]} {first['input']}: {expected.format(**first.get('ctx', {}))}."


def complain(message: str) -> None:
    """Print a message on standard error; on a terminal, broken between words alone."""
    text = f"grader: {message}"
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns
        lines = [
            textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
            for line in text.splitlines()
        ]
        text = "\n".join(lines)
    print(text, file=sys.stderr)


def load_command(name: str) -> Any:
    """Import a command and return it as Typer calls it."""
    module = importlib.import_module(f"grader.commands.{name}")
    app: typer.Typer | None = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(name)(getattr(module, name))
    command = typer.main.get_command(app)
    for each in getattr(command, "commands", {}).values():
        # Click would cut a summary after 45 characters.
        each.short_help = first_sentence(each.help or "")
    return command


def first_sentence(text: str) -> str:
    """Return what a help text says first, as one line."""
    first = " ".join(text.partition("\n\n")[0].split())
    return first.partition("; ")[0].rstrip(".") + "." if first else ""


app = typer.Typer(
    name="grader",
    cls=CommandFolder,
    invoke_without_command=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def say_version(is_asked: bool) -> None:
    """Print the version, and end."""
    if is_asked:
        typer.echo(f"dl-grader {__version__}")
        raise typer.Exit


@app.callback()
def grader(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=say_version, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Grade deep learning solutions: how accurate, how fast and how small they are, compared with a
    reference measured in the same run.
    """
    if context.invoked_subcommand is None:
        typer.echo(greeting(context))


def greeting(context: typer.Context) -> str:
    """Return what `grader` alone says: what it is, and three commands to begin with."""
    formatter = context.make_formatter()
    formatter.write_text(ABOUT)
    with formatter.section("Begin with"):
        formatter.write_dl(BEGINNING)
    formatter.write_paragraph()
    formatter.write_text(AFTERWARDS)
    return formatter.getvalue().rstrip()


def end_by_signal(number: int, _: object) -> NoReturn:
    """Leave as on Ctrl-C, through everything that cleans up."""
    raise SystemExit(128 + number)


def clean_up_on_signals() -> None:
    """Let the signals that end a program end it in order."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # `nohup` has the grader ignore SIGHUP, and that stays so.
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end_by_signal)


def main() -> None:
    """Run the command line; every GraderError ends as one message and its exit code."""
    clean_up_on_signals()
    try:
        code = app(prog_name="grader", standalone_mode=False) or 0
    except GraderError as error:
        from grader.course.documents import located

        # It may quote names and texts of whoever handed in.
        complain(terminal_lines(located(str(error))))
        code = error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has enough, as `head` does.
        os._exit(0)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        print(
            f"grader: the operating system refused: {error.strerror or error}{where}",
            file=sys.stderr,
        )
        code = GraderError.exit_code
    except Exception as error:
        usage = getattr(error, "format_message", None)
        if usage is None:
            raise
        if type(error).__name__ == "NoArgsIsHelpError":
            # `grader data` alone: its message is the help.
            print(usage(), file=sys.stderr)
            sys.exit(UsageError.exit_code)
        message = about_number(error) or about_usage(usage())
        complain(terminal_lines(f"{message} See `grader --help`."))
        code = UsageError.exit_code
    if code == EXIT_INTERRUPTED:
        print("grader: stopped; nothing half-written was left behind", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
