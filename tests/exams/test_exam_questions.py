"""Questions of a notebook: what a test finds is a plain value, and nothing hidden is told."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from grader.errors import SubmissionFailed, TaskError
from grader.exams.kinds import questions
from grader.exams.lasting_box import LastingBox
from grader.exams.notebook_questions import asking
from grader.exams.notebook_questions.asking import (
    NotebookBox,
    message_of,
    put_in_box,
    raised,
    refused,
)
from grader.exams.notebook_questions.in_box import examiner, plain_values, respondent
from grader.exams.notebook_questions.work import ByHand, Step, Work, read_work
from grader.exams.outcome import Outcome
from grader.records import Code, Failure, Status
from grader.sandbox.box import Value

PASSED, FAILED, TODO, ERROR = (
    examiner.PASSED,
    examiner.FAILED,
    examiner.NOT_ATTEMPTED,
    examiner.ERROR,
)


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Both programs run in this process here: put back what they change of it."""
    before = sys.modules["__main__"]
    owners = (np, np.random, np.testing, random, torch)
    names = [dict(vars(owner)) for owner in owners]
    yield
    sys.modules["__main__"] = before
    for owner, own in zip(owners, names, strict=True):
        vars(owner).update(own)


def held(
    notebook: str,
    folder: Path,
    *steps: Step,
    answers: list[str] | None = None,
    told: str | None = None,
) -> list[tuple[int, str]]:
    """Hold an exam without boxes; returns status and message of every test.

    answers: receives all that the notebook's side was asked. told: what a box of the tests said
    before, which ended.
    """
    path = folder / "work_notebook.py"
    path.write_text(notebook)
    ask = respondent.begin(path)
    tests = examiner.Examiner(Work(steps=list(steps)).for_examiner(set(), told))
    answer: tuple[str, np.ndarray] = ("", examiner.NOTHING)
    while True:
        what, text, block = tests.go(*answer)
        if what == examiner.DONE:
            status, _, said = tests.outcomes()
            return list(zip(status.tolist(), said, strict=True))
        if what in (examiner.BEGINS, examiner.HIDES):
            answer = ("on", examiner.NOTHING)
            continue
        if answers is not None:
            answers.append(text)
        answer = ask(text, block)


def one_test(shown: str, hidden: str = "", **more: Any) -> Step:
    source = f"{shown}\n{hidden}".strip()
    return Step(kind="test", question="q", group="tests", source=source, shown=shown, **more)


def answer(*names: str) -> Step:
    return Step(kind="answer", names=list(names))


NUMPY = Step(kind="given", code="import numpy as np\nx = np.array([1.0, 2.0])")


def test_a_right_answer_passes_and_a_wrong_one_fails_with_its_line(tmp_path: Path) -> None:
    notebook = "import numpy as np\ndef double(x):\n    return 2 * np.asarray(x)\n"
    right = one_test("assert double(x).tolist() == [2.0, 4.0]")
    wrong = one_test("y = double(x)\nassert y[0] == 3, f'got {y[0]}'")
    found = held(notebook, tmp_path, NUMPY, answer("double"), right, wrong)
    assert found[0] == (PASSED, "")
    assert found[1][0] == FAILED
    assert "assert y[0] == 3" in found[1][1]
    assert "got 2.0" in found[1][1]


LIARS = [
    "class Anything:\n    def __eq__(self, other): return True\n"
    "    def __bool__(self): return True\n"
    "    def __array__(self, *a, **k):\n        import numpy as np; return np.array(5)\n"
    "f = lambda x: Anything()",
    "class Five(float):\n    def __eq__(self, other): return True\n    __hash__ = None\n"
    "f = lambda x: Five(1)",
    "import numpy as np\nclass Close(np.ndarray):\n    def __eq__(self, other): return np.True_\n"
    "f = lambda x: np.array(1.0).view(Close)",
    "class Text(str):\n    def __eq__(self, other): return True\n    __hash__ = None\n"
    "f = lambda x: Text('5')",
    "class Row(list):\n    def __eq__(self, other): return True\n    __hash__ = None\n"
    "f = lambda x: Row()",
    "class Meta(type):\n    def __eq__(self, other): return True\n    __hash__ = None\n"
    "class Lie(metaclass=Meta): pass\nf = lambda x: Lie",
    "import numpy as np\nf = lambda x: np.zeros(0)",
    "import torch\nf = lambda x: torch.zeros(0)",
    "f = lambda x: float('nan')",
    "f = lambda x: NotImplemented",
    "import builtins\nf = lambda x: (_ for _ in ()).throw(SystemExit(0))",
    "def f(x):\n    raise StopIteration",
    "def f(x):\n    raise StopAsyncIteration",
    "def f(x):\n    raise GeneratorExit",
]


@pytest.mark.parametrize("notebook", LIARS)
def test_an_object_that_calls_itself_equal_earns_nothing(notebook: str, tmp_path: Path) -> None:
    tests = [
        one_test("assert f(2) == 5"),
        one_test("np.testing.assert_allclose(f(2), 5)"),
        one_test("assert not (f(2) != 5)"),
        one_test("assert f(2) in (5, 6)"),
        one_test("assert abs(f(2) - 5) < 1e-6"),
        one_test("assert all(map(lambda each: f(each) == 5, [2]))"),
        one_test("for got, want in zip(map(f, [2]), [5]):\n    assert got == want"),
        one_test("for got in iter(lambda: f(2), 5):\n    raise AssertionError"),
    ]
    found = held(notebook, tmp_path, NUMPY, answer("f"), *tests)
    assert all(status in (FAILED, ERROR) for status, _ in found), found


def test_nothing_of_a_hidden_test_reaches_the_notebook_or_its_messages(tmp_path: Path) -> None:
    """The code notes all it is asked, and shouts it in every exception from then on."""
    notebook = (
        "seen = []\ndef f(x):\n    seen.append(x)\n    raise ValueError(f'asked so far: {seen}')\n"
    )
    steps = [
        answer("f"),
        one_test("assert f(1) == 1", "assert f(4711) == 'secret-answer'"),
        one_test("", "assert f(4712) == 2"),
        one_test("assert f(3) == 3"),
    ]
    asked: list[str] = []
    found = held(notebook, tmp_path, *steps, answers=asked)
    told = "\n".join(text for _, text in found)
    assert "asked so far: [1]" in told
    assert "4711" not in told
    assert "4712" not in told
    assert [status for status, _ in found] == [ERROR, ERROR, ERROR]
    assert found[1][1] == "a hidden test ended with an exception"
    assert "secret-answer" not in "\n".join(asked)


@pytest.mark.parametrize(
    "raises", ["type(f'Saw{x}', (Exception,), {})('x')", "(KeyError if x > 9 else OSError)('4711')"]
)
def test_the_kind_of_an_exception_tells_nothing_hidden(raises: str, tmp_path: Path) -> None:
    notebook = f"def f(x):\n    raise {raises}\n"
    [(status, text)] = held(notebook, tmp_path, answer("f"), one_test("", "assert f(4711)"))
    assert (status, text) == (ERROR, "a hidden test ended with an exception")


def test_what_ends_a_box_in_a_hidden_test_is_told_without_its_words() -> None:
    """A box may end with any exit code or words, and so it could say what it was asked."""
    box = NotebookBox.__new__(NotebookBox)
    box.failure = None
    box.lost = 0
    box.is_hiding = True
    box._boxes = LastingBox.__new__(LastingBox)
    box._boxes._box = None
    words = Failure(Status.RUNTIME_ERROR, Code.ENDED, "exited with code 47; it was 4711")
    box._after(words)
    assert box.failure is not None
    assert box.failure.reason == f"{Code.ENDED.meaning}, in a test that is not shown"


def test_a_value_that_cannot_travel_is_asked_for_its_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That it is too large is our limit, so it never counts as missing."""
    monkeypatch.setattr(plain_values, "MOST_VALUES", 1500)
    monkeypatch.setattr(plain_values, "MOST_BLOCK_BYTES", 3 << 10)
    notebook = (
        "deep = []\nfor _ in range(99):\n    deep = [deep]\n"
        "words = [str(n) for n in range(2500)]\n"
        "import numpy as np\npictures = [np.zeros(1 << 7) for _ in range(20)]\n"
        "large = [np.zeros(1 << 9)]\n"
    )
    steps = [
        answer("deep", "words", "pictures", "large"),
        one_test("assert len(deep) == 1"),
        one_test("assert len(words) == 2500 and words[-1] == '2499' and words[:2] == ['0', '1']"),
        one_test("assert [int(w) for w in words] == list(range(2500))"),
        one_test("assert [p.size for p in pictures] == [1 << 7] * 20"),
        one_test("assert [p.shape for p in large] == [(512,)]"),
        one_test("assert words == [str(n) for n in range(2500)]"),
    ]
    found = held(notebook, tmp_path, *steps)
    assert [status for status, _ in found] == [PASSED] * 5 + [ERROR], found
    assert "stays in the notebook" in found[-1][1]


def test_long_rows_of_numbers_are_compared_like_short_ones(tmp_path: Path) -> None:
    notebook = "ints = [n * n for n in range(250_000)]\nfloats = [n / 7 for n in range(100_000)]\n"
    steps = [
        answer("ints", "floats"),
        one_test("assert ints == [n * n for n in range(250_000)]"),
        one_test("assert floats == [n / 7 for n in range(100_000)] and type(floats[0]) is float"),
        one_test("assert ints[:-1] == [n * n for n in range(250_000)]"),
    ]
    found = held(notebook, tmp_path, *steps)
    assert [status for status, _ in found] == [PASSED, PASSED, FAILED]


def test_what_cannot_be_asked_for_is_told_with_its_reason(tmp_path: Path) -> None:
    tests = examiner.Examiner(Work(steps=[answer("f")]).for_examiner(set()))
    tests.exchange.back.put((refused("the notebook is gone").text, examiner.NOTHING))
    names: dict[str, Any] = {}
    tests.bind("f", names)
    status, _, text = tests.outcome_of("assert f(1)", {"question": "q"}, names)
    assert (status, text) == (ERROR, "f could not be asked for: the notebook is gone")


def test_after_a_hidden_pass_public_tests_tell_only_what_they_told_before(tmp_path: Path) -> None:
    """The second box of the tests asks a notebook that may know what was hidden."""
    notebook = "def f(x):\n    raise ValueError(f'it was 4711, and now {x}')\n"
    steps = [answer("f"), one_test("assert f(1)"), one_test("assert f(2)"), one_test("", "f(3)")]
    told = json.dumps(["what f said at first", "", ""])
    found = held(notebook, tmp_path, *steps, told=told)
    assert [text for _, text in found] == [
        "what f said at first",
        "a test ended with an exception",
        "a hidden test ended with an exception",
    ]


class FakeSession:
    """A session whose boxes count what becomes of them."""

    def __init__(self, load: Any) -> None:
        self.seed = 0
        self.submission = SimpleNamespace(box_folder=Path(), file="work.py")
        limits = SimpleNamespace(answer_seconds=60.0, load_seconds=1.0)
        self.task = SimpleNamespace(spec=SimpleNamespace(limits=limits))
        self.load = load
        self.boxes: list[Any] = []

    def open(self, *_: Any, **__: Any) -> Any:
        box = SimpleNamespace(logs=[], reported={}, finished=0)
        box.hello = lambda **_: None
        box.close_log = lambda: box.logs.append("closed")
        box.load = lambda *_: (box.logs.append("loaded"), self.load())
        box.budget_clock = lambda: SimpleNamespace(taken=7.0, look=lambda: None)
        self.boxes.append(box)
        return box

    def finish(self, box: Any) -> None:
        box.finished += 1


def test_a_notebook_that_runs_too_long_is_told_so_without_the_name_of_our_program(
    tmp_path: Path,
) -> None:
    def late() -> None:
        reason = "while importing grader_in_box_entry.py: no answer within 5 s"
        raise SubmissionFailed(Failure(Status.TIME_LIMIT_EXCEEDED, Code.ENDED, reason))

    session = FakeSession(late)
    session.submission.box_folder = tmp_path / "work"
    session.submission.box_folder.mkdir()
    notebook = NotebookBox(session, tmp_path)  # type: ignore[arg-type]
    with pytest.raises(SubmissionFailed) as failed:
        notebook.load()
    reason = failed.value.failure.reason
    assert reason == "while running the notebook's cells: no answer within 5 s"


def test_a_later_box_has_no_log_and_what_others_take_is_not_its_time() -> None:
    session = FakeSession(lambda: None)
    lasting = LastingBox(session, Path("x"), "entry.py", logs_once=True)  # type: ignore[arg-type]
    lasting.get()
    lasting.leave()
    lasting.get()
    assert [box.logs for box in session.boxes] == [
        ["loaded", "closed"],
        ["closed", "loaded", "closed"],
    ]
    lasting._answers.add(65.0)
    assert 0 < lasting._answers.left() < 14.0


def test_a_box_that_cannot_be_loaded_again_is_closed_and_costs_its_time() -> None:
    session = FakeSession(lambda: None)
    lasting = LastingBox(session)  # type: ignore[arg-type]
    lasting.get()
    lasting.leave()
    before = lasting._answers.seconds

    def fails() -> None:
        raise SubmissionFailed(Failure(Status.RUNTIME_ERROR, Code.ENDED, "it ended"))

    session.load = fails
    with pytest.raises(SubmissionFailed):
        lasting.get()
    assert lasting._answers.seconds > before
    assert session.boxes[-1].finished == 1
    assert not lasting.is_open


def test_models_are_asked_for_their_parts(tmp_path: Path) -> None:
    notebook = (
        "import torch\nclass Net(torch.nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n"
        "        self.layer = torch.nn.Linear(3, 2)\n"
        "        self.sizes = {'in': 3, 'out': [2, (1, None)]}\n"
        "    def forward(self, x):\n        return self.layer(x)\n"
    )
    test = one_test(
        "net = Net()\n"
        "assert net(torch.zeros(4, 3)).shape == (4, 2)\n"
        "assert sum(p.numel() for p in net.parameters()) == 8\n"
        "assert net.sizes == {'in': 3, 'out': [2, (1, None)]}\n"
        "assert hasattr(net, 'layer') and not hasattr(net, 'head')\n"
        "net.layer.bias.data = torch.ones(2)\n"
        "assert torch.is_tensor(net.layer.weight) and net.layer.in_features == 3"
    )
    given = Step(kind="given", code="import torch")
    assert held(notebook, tmp_path, given, answer("Net"), test)[0] == (PASSED, "")


def test_seeds_of_the_tests_hold_in_the_notebook(tmp_path: Path) -> None:
    notebook = "import numpy as np\ndef init(n):\n    return np.random.randn(n)\n"
    test = one_test("np.random.seed(1)\nassert abs(init(1)[0] - 1.62434536) < 1e-6")
    assert held(notebook, tmp_path, NUMPY, answer("init"), test)[0][0] == PASSED


@pytest.mark.parametrize(
    ("plants", "draws"),
    [
        ("np.random.seed(seed=1)", "float(np.random.rand())"),
        ("random.seed(a=1, version=2)", "random.random()"),
    ],
)
def test_a_seed_may_be_given_by_name(plants: str, draws: str, tmp_path: Path) -> None:
    imports = "import random\nimport numpy as np\n"
    notebook = f"{imports}def draw():\n    return {draws}\n"
    given = Step(kind="given", code=imports)
    test = one_test(f"{plants}\nfirst = draw()\n{plants}\nassert first == draw()")
    assert held(notebook, tmp_path, given, answer("draw"), test) == [(PASSED, "")]


@pytest.mark.parametrize("name", ["grader_in_box", "grader_in_box_entry.py"])
@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_our_program_takes_the_place_of_whatever_has_its_name(
    name: str, kind: str, tmp_path: Path
) -> None:
    place = tmp_path / name
    if kind == "file":
        place.write_text("x")
    elif kind == "folder":
        (place / "in it").mkdir(parents=True)
    else:
        place.symlink_to(tmp_path / "nowhere")
    put_in_box(tmp_path, "entry")
    assert (tmp_path / "grader_in_box_entry.py").read_text() == "entry"
    assert (tmp_path / "grader_in_box" / "respondent.py").is_file()
    assert not (tmp_path / "grader_in_box" / "in it").exists()


def test_the_next_box_of_the_tests_asks_a_fresh_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old one may know what was hidden, and say it in the exception of a public test."""
    session = FakeSession(lambda: None)
    session.submission.box_folder = tmp_path / "work"
    session.submission.box_folder.mkdir()
    (tmp_path / "scratch").mkdir()
    notebook = NotebookBox(session, tmp_path / "scratch")  # type: ignore[arg-type]
    given: list[dict[str, Any]] = []

    class FakeRun:
        def __init__(self, *_: Any) -> None:
            self.at = 0

        def through(self, folder: Path) -> list[asking.TestOutcome]:
            notebook.load()
            given.append(json.loads((folder / "work.json").read_text()))
            if len(given) == 2:
                return [asking.TestOutcome(PASSED, 1.0, ""), asking.TestOutcome(PASSED, 1.0, "")]
            notebook.begin_hiding('["", "said before"]')
            raise SubmissionFailed(Failure(Status.TIME_LIMIT_EXCEEDED, Code.ENDED, "too long"))

    monkeypatch.setattr(asking, "Run", FakeRun)
    work = Work(steps=[answer("f"), one_test("f(1)", "f(2)"), one_test("f(3)")])
    found = asking.run_tests(session, work, notebook, tmp_path)  # type: ignore[arg-type]
    assert [each.status for each in found] == [examiner.NOT_REACHED, PASSED]
    assert [box.finished for box in session.boxes] == [1, 0]
    assert [each["told"] for each in given] == [None, '["", "said before"]']
    assert given[1]["skip"] == [0]


def test_a_notebook_that_cannot_be_run_keeps_what_a_person_grades(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late = Failure(Status.TIME_LIMIT_EXCEEDED, Code.ENDED, "its cells took too long")

    class NeverLoads:
        def __init__(self, *_: Any) -> None: ...

        def load(self) -> None:
            raise SubmissionFailed(late)

    monkeypatch.setattr(questions, "NotebookBox", NeverLoads)
    kind = questions.Kind.__new__(questions.Kind)
    kind.session = SimpleNamespace(  # type: ignore[assignment]
        progress=SimpleNamespace(step=lambda _: None), peak_memory=None
    )
    kind.outcome = Outcome()
    kind._hold(
        Work(
            steps=[answer("f"), one_test("f(1)", worth=2)],
            by_hand=[ByHand(question="why", worth=3)],
        )
    )
    assert kind.outcome.failure == late
    found = [(each.status, each.worth, each.won) for each in kind.outcome.cases]
    assert found == [("error", 2.0, 0.0), ("by_hand", 3.0, None)]
    assert kind.outcome.cases[0].message == "its cells took too long"


def test_what_was_given_stays_as_it_was_given(tmp_path: Path) -> None:
    """A notebook that changes the teacher's data or functions changes them for itself alone."""
    notebook = "x = []\ndef error(a, b):\n    return 0.0\ndef f(a):\n    return a\n"
    given = Step(kind="given", code="x = [1, 2]\ndef error(a, b):\n    return abs(a - b)")
    test = one_test("assert len(x) == 2\nassert error(f(3), 4) == 1")
    assert held(notebook, tmp_path, given, answer("f"), test)[0][0] == PASSED


def test_what_is_missing_is_not_attempted(tmp_path: Path) -> None:
    notebook = "def g(x):\n    raise NotImplementedError()\n"
    steps = [answer("f"), one_test("assert f(1) == 1"), answer("g"), one_test("assert g(1) == 1")]
    assert [status for status, _ in held(notebook, tmp_path, *steps)] == [TODO, TODO]


def test_one_broken_cell_ends_itself_alone(tmp_path: Path) -> None:
    notebook = (
        "# --- cell 1, 1 line ---\nraise ValueError('mine')\n\n"
        "# --- cell 2, 1 line ---\ndef f(:\n\n"
        "# --- cell 3, 2 lines ---\ndef f(x):\n    return x\n\n"
        "# --- cell 4, 1 line ---\nimport sys; sys.exit(3)\n"
    )
    assert held(notebook, tmp_path, answer("f"), one_test("assert f(1) == 1"))[0][0] == PASSED


def test_expected_exceptions_partial_points_and_printed_answers(tmp_path: Path) -> None:
    notebook = "def f(x):\n    if x < 0:\n        raise ValueError('negative')\n    return x\n"
    steps = [
        answer("f"),
        one_test("try:\n    f(-1)\nexcept ValueError as e:\n    assert 'negative' in str(e)"),
        one_test("points = 0\nif f(1) == 1:\n    points += 1\npoints", worth=2, is_partial=True),
        one_test("f(2) == 2", expected="True"),
        one_test("f(2)\n", expected="3"),
        one_test("def test_it(f):\n    assert f(1) == 2"),
    ]
    found = [status for status, _ in held(notebook, tmp_path, *steps)]
    assert found == [PASSED, FAILED, PASSED, FAILED, FAILED]


@pytest.mark.parametrize("end", ["f(2) == 3", "all([f(2) == 3])", "np.array([2]).any() == f(0)"])
def test_a_test_that_ends_in_false_fails(tmp_path: Path, end: str) -> None:
    steps = [NUMPY, answer("f"), one_test(end), one_test(f"not ({end})")]
    found = [status for status, _ in held("def f(x):\n    return x\n", tmp_path, *steps)]
    assert found == [FAILED, PASSED]


@pytest.mark.parametrize(
    ("source", "more", "is_refused"),
    [
        ("f(2) == 2", {}, True),
        ("x = f(2)\nx", {}, True),
        ("f(2) == 2", {"expected": "True"}, False),
        ("points = 1\npoints", {"is_partial": True}, False),
        ("assert f(2) == 2", {}, False),
        ("np.testing.assert_allclose(f(2), 2)", {}, False),
        ("def test_it(f):\n    assert f(2) == 2", {}, False),
    ],
)
def test_a_test_that_everybody_would_pass_is_refused_when_read(
    tmp_path: Path, source: str, more: dict[str, Any], is_refused: bool
) -> None:
    test = {"kind": "test", "question": "middle", "group": "tests", "source": source} | more
    (tmp_path / "questions.json").write_text(json.dumps({"steps": [test]}))
    if not is_refused:
        assert len(read_work(tmp_path).tests) == 1
        return
    with pytest.raises(TaskError, match="middle/tests ends in an expression"):
        read_work(tmp_path)


def test_a_test_that_needs_an_object_itself_says_what_to_ask_instead(tmp_path: Path) -> None:
    notebook = "class A: pass\n"
    [(status, text)] = held(
        notebook, tmp_path, answer("A"), one_test("assert isinstance(A(), object) and A() == 1")
    )
    assert status == ERROR
    assert "ask for its attributes" in text


MALFORMED = [
    "",
    "1",
    "[]",
    '["o", 1]',
    '["a", "object", [1], 0]',
    '["a", "float64", [1000000000000], 0]',
    '["a", "float64", [-1], 0]',
    '["l", 5]',
    '["d", [[["l", []], ["n"]]]]',
    "[" * 100_000,
    '["i", "' + "9" * 10_000 + '"]',
    '["m", "os:system"]',
    '["l", "object", [1], 0]',
    '["u", "int64", [9], 0]',
]


@pytest.mark.parametrize("text", MALFORMED)
def test_whatever_a_box_says_is_a_value_or_malformed(text: str) -> None:
    exchange = examiner.Exchange()
    with pytest.raises(plain_values.Malformed):
        plain_values.unpacked(text, np.zeros(8, np.uint8), exchange.take)


VALUES: list[Any] = [
    None,
    True,
    -(10**30),
    0.1,
    float("inf"),
    "é\ud800",
    1 + 2j,
    [1, [2.5, ("a", None)]],
    {"W": [1], 2: {3}},
    slice(1, None, 2),
    np.float32(1.5),
    np.arange(6, dtype=np.int8).reshape(2, 3).T,
    np.zeros((0, 3)),
    list(range(-40, 40)),
    tuple(n / 3 for n in range(40)),
    [2**64] * 40,
    [True] * 40,
    [float("inf"), 1] * 40,
]


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_plain_values_come_back_as_they_went(value: Any) -> None:
    text, block = plain_values.packed(value, plain_values.refuse)
    back = plain_values.unpacked(text, block, lambda kept: kept)
    assert type(back) is type(value)
    if isinstance(value, np.ndarray):
        assert back.dtype == value.dtype
        np.testing.assert_array_equal(back, value)
    else:
        assert back == value


def test_the_host_takes_a_text_and_bytes_of_bounded_size_alone() -> None:
    bytes_ = Value(np.zeros(3, np.uint8))
    assert message_of(Value.of("x"), bytes_) is not None
    assert message_of(Value.of(5), bytes_) is None
    assert message_of(Value(["a", "b"]), bytes_) is None
    assert message_of(Value.of("x"), Value(np.zeros(3))) is None
    assert message_of(Value.of("x"), Value(np.zeros((3, 1), np.uint8))) is None
    assert message_of(Value.of("x" * (3 << 20)), bytes_) is None
    assert "RuntimeError" in raised("RuntimeError", "gone").text
