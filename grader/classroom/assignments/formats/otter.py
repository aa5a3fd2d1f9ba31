"""otter's assign format: markers in raw cells, or in Markdown cells fenced as ```otter.

`# BEGIN QUESTION` with name, points and manual, then `# BEGIN PROMPT`, `# BEGIN SOLUTION` and
`# BEGIN TESTS` to their ends, then `# END QUESTION`. In code, `x = 1 # SOLUTION` becomes `x = ...`,
`# SOLUTION NO PROMPT` lines go, `# BEGIN SOLUTION` to `# END SOLUTION` becomes `...`, and what
stands between `\"\"\" # BEGIN PROMPT` and `\"\"\" # END PROMPT` is shown instead. A test cell with
`# HIDDEN`, or with `hidden: true` in its test config, is taken out; the others stay in the notebook
as they are, so that the student version runs without otter. What a test prints and returns is
compared with the output that its cell has in the source.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from grader.classroom.assignments.notebook import Cell, Converted, Question
from grader.classroom.assignments.steps import answer_steps, given, plain_code
from grader.errors import UsageError
from grader.exams.notebook_questions.work import Step, needs_output

MARKER = re.compile(r"#\s*(BEGIN|END)\s+(QUESTION|PROMPT|SOLUTION|TESTS)\b", re.IGNORECASE)
CONFIG = re.compile(r"#\s*ASSIGNMENT CONFIG\b", re.IGNORECASE)
FENCE = re.compile(r"\A\s*```otter\s*\n(?P<inside>.*?)\n?```\s*\Z", re.DOTALL)
SETTING = re.compile(r"^(?P<key>[a-z_]+)\s*:\s*(?P<value>.*?)\s*$")
ITEM = re.compile(r"^\s*-\s*(?P<value>\S.*?)\s*$")
BEGIN = re.compile(r"^\s*#\s*BEGIN SOLUTION( NO PROMPT)?\s*$", re.IGNORECASE)
END = re.compile(r"^\s*#\s*END SOLUTION\s*$", re.IGNORECASE)
LINE_ALONE = re.compile(r"#\s*SOLUTION NO PROMPT\s*$", re.IGNORECASE)
LINE = re.compile(r"#\s*SOLUTION\s*$", re.IGNORECASE)
ASSIGNMENT = re.compile(r"^(?P<head>\s*[\w.,\[\]\s]+?\s*=)(?!=).*$")
PROMPT_BEGIN = re.compile(r'^\s*(?:"""|\'\'\')\s*#\s*BEGIN PROMPT\s*$', re.IGNORECASE)
PROMPT_END = re.compile(r'^\s*(?:"""|\'\'\')\s*;?\s*#\s*END PROMPT\s*$', re.IGNORECASE)
CONFIG_BEGIN = re.compile(r'^\s*(?:"""|\'\'\')\s*#\s*BEGIN TEST CONFIG\s*$', re.IGNORECASE)
CONFIG_END = re.compile(r'^\s*(?:"""|\'\'\')\s*#\s*END TEST CONFIG\s*$', re.IGNORECASE)
HIDDEN = re.compile(r"^\s*#\s*HIDDEN\s*$", re.IGNORECASE)
ANSWER = "_Type your answer here, replacing this text._"


@dataclass
class Open:
    """The question that is being read."""

    name: str = ""
    is_manual: bool = False
    points: list[float] = field(default_factory=list)
    test_points: list[float | None] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    rubric: list[str] = field(default_factory=list)
    part: str = ""  # PROMPT, SOLUTION or TESTS
    has_prompt: bool = False
    steps: list[Step] = field(default_factory=list)  # tests without their points

    def question(self) -> Question:
        """Return the question. Its points are what it says, else its tests', else one."""
        given = [each for each in self.test_points if each is not None]
        points = sum(self.points or given or [1.0])
        return Question(
            self.name, points, self.is_manual, tuple(self.tests), "\n".join(self.rubric)
        )

    def graded_steps(self) -> list[Step]:
        """Return the steps, each test with its points; tests of a manual question bring none."""
        tests = [step for step in self.steps if step.kind == "test"]
        worths = iter(self.worths(len(tests)))
        steps = []
        for step in self.steps:
            if step.kind != "test":
                steps.append(step)
            elif not self.is_manual:
                steps.append(step.model_copy(update={"worth": next(worths)}))
        return steps

    def worths(self, count: int) -> list[float]:
        """Return the points of each test: its own or an equal part, together the question's."""
        if len(self.points) == count:
            return self.points
        total = self.question().points
        given = [each or 0.0 for each in self.test_points]
        without = [place for place, each in enumerate(self.test_points) if each is None]
        for place in without:
            given[place] = max(0.0, total - sum(self.own_points)) / len(without)
        together = sum(given)
        return [total * each / together if together else total / count for each in given]

    @property
    def own_points(self) -> list[float]:
        return [each for each in self.test_points if each is not None]


def is_one(cells: Sequence[Cell]) -> bool:
    """Whether a raw or fenced cell holds one of otter's markers."""
    return any(marker_text(cell) is not None for cell in cells)


def marker_text(cell: Cell) -> str | None:
    """Return the text of a cell that is a marker; None for any other."""
    text = None
    if cell.kind == "raw":
        text = cell.source
    elif cell.kind == "markdown":
        fenced = FENCE.match(cell.source)
        text = fenced["inside"] if fenced else None
    if text is None or not (MARKER.search(text) or CONFIG.search(text)):
        return None
    return text


def converted(cells: Sequence[Cell]) -> Converted:
    """Return what learners get of a source."""
    found = Converted()
    question: Open | None = None
    for cell in cells:
        text = marker_text(cell)
        if text is not None:
            question = after_marker(text, question, found)
        elif question is None or not question.part:
            found.cells.append(student_cell(cell, found))
            steps = found.steps if question is None else question.steps
            steps += steps_of(cell, found)
        else:
            take(cell, question, found)
    if question is not None:
        raise UsageError(f"the question {question.name!r} has no `# END QUESTION`")
    return found


def after_marker(text: str, question: Open | None, found: Converted) -> Open | None:
    """Return the question that is open after a marker; None where none is."""
    marker = MARKER.search(text)
    if marker is None:
        return question  # the assignment's config
    way = marker[1].upper()
    what = marker[2].upper()
    if what == "QUESTION":
        if way == "BEGIN":
            return opened(text)
        if question is not None:
            found.questions.append(question.question())
            found.steps += question.graded_steps()
        return None
    if question is None:
        raise UsageError(f"`# {way} {what}` stands outside of a question")
    question.part = what if way == "BEGIN" else ""
    question.has_prompt = question.has_prompt or what == "PROMPT"
    return question


def opened(text: str) -> Open:
    """Return a question with what its marker says of it."""
    found = Open()
    key = ""
    for line in text.split("\n"):
        setting = SETTING.match(line)
        item = ITEM.match(line)
        if setting:
            key = setting["key"]
            value = setting["value"].strip("'\"")
            if key == "name":
                found.name = value
            elif key == "manual":
                found.is_manual = value.lower() in ("true", "yes")
            elif key == "points" and value:
                found.points = [float(each) for each in value.strip("[]").split(",")]
        elif item and key == "points":
            found.points.append(float(item["value"]))
    if not found.name:
        raise UsageError("a `# BEGIN QUESTION` has no name; expected `name: q1` below it")
    return found


def take(cell: Cell, question: Open, found: Converted) -> None:
    """Sort a cell that stands inside a part of a question."""
    if question.part == "PROMPT":
        found.cells.append(plain(cell, cell.source))
    elif question.part == "SOLUTION":
        take_solution(cell, question, found)
    else:
        take_test(cell, question, found)


def take_solution(cell: Cell, question: Open, found: Converted) -> None:
    """Leave out a solution; code is shown without its answers, text as a place to write."""
    if cell.kind == "code":
        before = len(found.secrets)
        shown = student_cell(cell, found)
        question.steps += steps_of(cell, found, is_whole=len(found.secrets) == before)
        if len(found.secrets) == before:
            found.secrets.append(cell.source)  # no marker inside: all of it is the answer
            shown = plain(cell, "...")
        if not question.has_prompt:
            found.cells.append(shown)
        return
    found.secrets.append(cell.source)
    question.rubric.append(cell.source)
    if not question.has_prompt:
        found.cells.append(plain(cell, ANSWER))


def take_test(cell: Cell, question: Open, found: Converted) -> None:
    """Keep a public test where learners see it, and a hidden one apart."""
    lines, settings = without_config(cell.source)
    is_hidden = settings.get("hidden", "").lower() in ("true", "yes")
    is_hidden = is_hidden or any(HIDDEN.match(line) for line in lines)
    source = "\n".join(line for line in lines if not HIDDEN.match(line)).strip("\n")
    question.tests.append(source)
    if not cell.output and needs_output(plain_code(source), was_run=cell.was_run):
        raise UsageError(
            f"test {len(question.tests)} of the question {question.name!r} prints or returns a "
            "value, and the source has no output of it to compare with; run the source first and "
            "save it with its outputs"
        )
    question.steps.append(test_step(question, cell, source, is_hidden=is_hidden))
    points = settings.get("points", "")
    question.test_points.append(float(points) if points else None)
    if is_hidden:
        found.secrets.append(source)
    else:
        found.cells.append(plain(cell, source))


def test_step(question: Open, cell: Cell, source: str, *, is_hidden: bool) -> Step:
    """Return a test as it is run; its points are known when the question ends."""
    word = "hidden test" if is_hidden else "test"
    code = plain_code(source)
    return Step(
        kind="test",
        question=question.name,
        group=f"{word} {len(question.tests)}",
        source=code,
        shown="" if is_hidden else code,
        expected=cell.output,
    )


def steps_of(cell: Cell, found: Converted, *, is_whole: bool = False) -> list[Step]:
    """Return what of a code cell is run when a notebook is graded, and note its solved code.

    is_whole: all of it is an answer.
    """
    if cell.kind != "code":
        return []
    lines, is_answer = solved_lines(cell.source)
    found.solved.append("\n".join(lines))
    if is_whole:
        is_answer = [True] * len(lines)
    return answer_steps(lines, is_answer) if any(is_answer) else given("\n".join(lines))


def solved_lines(source: str) -> tuple[list[str], list[bool]]:
    """Return a cell's lines without its markers and prompts, and which belong to a solution."""
    lines: list[str] = []
    is_answer: list[bool] = []
    mode = ""
    for line in source.split("\n"):
        kept: list[str] = []
        removed: list[str] = []
        before = mode
        mode = student_line(line, mode, kept, removed)
        if removed:
            lines.append(removed[0])
            is_answer.append(True)
        elif kept == [line] and before != "prompt":
            lines.append(line)
            is_answer.append(False)
    return lines, is_answer


def without_config(source: str) -> tuple[list[str], dict[str, str]]:
    """Return a test's lines without its config, and what that says."""
    lines = []
    settings: dict[str, str] = {}
    is_config = False
    for line in source.split("\n"):
        if CONFIG_BEGIN.match(line):
            is_config = True
        elif CONFIG_END.match(line):
            is_config = False
        elif is_config:
            setting = SETTING.match(line)
            if setting:
                settings[setting["key"]] = setting["value"]
        else:
            lines.append(line)
    return lines, settings


def plain(cell: Cell, source: str) -> Cell:
    return Cell(cell.kind, source, {}, cell.id)


def student_cell(cell: Cell, found: Converted) -> Cell:
    """Return a cell without the solutions in its code."""
    if cell.kind != "code":
        return plain(cell, cell.source)
    kept: list[str] = []
    removed: list[str] = []
    mode = ""
    for line in cell.source.split("\n"):
        mode = student_line(line, mode, kept, removed)
    if mode:
        raise UsageError("a `# BEGIN SOLUTION` in a code cell never ends; add `# END SOLUTION`")
    if removed:
        found.secrets.append("\n".join(removed))
    return plain(cell, "\n".join(kept))


def student_line(line: str, mode: str, kept: list[str], removed: list[str]) -> str:
    """Sort one line of code; returns what the next one stands in: "solution", "prompt" or ""."""
    indent = line[: len(line) - len(line.lstrip())]
    if mode == "solution":
        if END.match(line):
            return ""
        removed.append(line)
        return mode
    if mode == "prompt":
        if PROMPT_END.match(line):
            return ""
        if kept and kept[-1].strip() == "...":
            kept.pop()
        kept.append(line)
        return mode
    begin = BEGIN.match(line)
    if begin:
        if not begin[1]:
            kept.append(f"{indent}...")
        return "solution"
    if PROMPT_BEGIN.match(line):
        return "prompt"
    if LINE_ALONE.search(line):
        removed.append(LINE_ALONE.sub("", line))
        return ""
    if LINE.search(line):
        bare = LINE.sub("", line)
        removed.append(bare)
        head = ASSIGNMENT.match(bare)
        kept.append(f"{head['head']} ..." if head else f"{indent}...")
        return ""
    kept.append(line)
    return ""
