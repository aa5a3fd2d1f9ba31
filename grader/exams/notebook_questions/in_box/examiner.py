"""Beside the tests: runs the teacher's own cells and tests, and asks for what the learner wrote.

A name that an answer cell defines is asked for in the learner's box. Plain values are copied; for
anything else stands an `Asked`, which passes calls, attributes and items on. It compares with
nothing and is neither true nor false: what decides a test is always a plain value, so a test that
needs an object itself ends as unanswerable, also for the teacher's own solution.

**Public tests first.** The learner's code may put what it is asked into the words of an exception.
So the public tests are run, and their messages kept, before anything hidden has been asked. Then
all runs once more with the hidden parts, and of these it is told that they failed, and no more.

The tests run in a thread of their own, which waits while the host fetches an answer: `go` takes an
answer and returns the next question.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import functools
import io
import json
import linecache
import queue
import random
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .plain_values import Kept, Malformed, NotPlain, Tree, packed, unpacked

# What `go` returns first.
ASKS = 0
BEGINS = 1
DONE = 2
HIDES = 3  # from here on hidden parts are asked
# What a test came to.
PASSED = 0
FAILED = 1
NOT_ATTEMPTED = 2
ERROR = 3
NOT_REACHED = 4
NONE = -1
# Not even the kind of an exception is told: it is the learner's choice, and could say what was
# asked.
HIDDEN_SAYS = {
    FAILED: "a hidden test failed",
    NOT_ATTEMPTED: "a hidden test needs what is not there yet",
    ERROR: "a hidden test ended with an exception",
}
MOST_TEXT = 1500
MOST_ITEMS = 1_000_000  # of one loop over something in the learner's box
# The same of a public test, once the notebook may have been asked something hidden.
LATE_SAYS = {
    FAILED: "a test failed",
    NOT_ATTEMPTED: "a test needs what is not there yet",
    ERROR: "a test ended with an exception",
}
ALSO_STRETCHED = ("almost_equal", "array_equal", "array_almost_equal", "equal", "array_less")
END_A_LOOP = (StopIteration, StopAsyncIteration)
NOTHING = np.zeros(0, np.uint8)
Said = tuple[int, str, np.ndarray]


class Unanswerable(Exception):
    """A test needs an object itself, which never leaves the learner's box."""


class Raised(Exception):
    """The learner's code raised an exception that is none of Python's own."""


class Asked:
    """Something in the learner's box that is no plain value."""

    stays_where_it_is = True

    def __init__(self, exchange: Exchange, kept: Kept) -> None:
        object.__setattr__(self, "_exchange", exchange)
        object.__setattr__(self, "_kept", kept)

    def __getattr__(self, name: str) -> Any:
        return self._exchange.ask("attribute", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._exchange.ask("set attribute", self, name, value)

    def __getitem__(self, key: Any) -> Any:
        return self._exchange.ask("item", self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._exchange.ask("set item", self, key, value)

    def __len__(self) -> int:
        return int(self._exchange.ask("length", self))

    def __iter__(self) -> Iterator[Any]:
        # The first items at once: what cannot be looped over says so here.
        exchange: Exchange = self._exchange
        return exchange.rest_of(exchange.ask("list", self))

    def __repr__(self) -> str:
        return f"<{self._kept.kind} in the learner's notebook>"

    __hash__ = object.__hash__

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return self._refuse()

    def _refuse(self, *_: Any) -> Any:
        raise Unanswerable(
            f"a test needs a {self._kept.kind} itself, which stays in the notebook; a test can "
            "compare numbers, texts, arrays and containers of these that are not too large, so "
            "ask for its attributes or its items, or call it"
        )

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __contains__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = _refuse
    __matmul__ = __rmatmul__ = __neg__ = __float__ = __int__ = __index__ = __array__ = _refuse


class AskedCallable(Asked):
    """The same, and it can be called."""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._exchange.ask("call", self, arguments, named)


class Exchange:
    """The two queues between the thread of the tests and whoever calls `go`."""

    def __init__(self) -> None:
        self.out: queue.Queue[Said] = queue.Queue()
        self.back: queue.Queue[tuple[str, np.ndarray]] = queue.Queue()

    def ask(self, what: str, *rest: Any) -> Any:
        """Ask the learner's box, and return its answer or raise what it raised."""
        try:
            text, block = packed((what, *rest), keep)
        except NotPlain as error:
            raise Unanswerable(f"{error}, so the learner's code cannot be given it") from None
        self.out.put((ASKS, text, block))
        answer = unpacked(*self.back.get(), self.take)
        if not isinstance(answer, tuple) or not answer:
            raise Malformed("the answer is no value")
        if answer[0] == "missing":
            raise NameError(f"name {rest[0]!r} is not defined in the notebook")
        if answer[0] == "refused":
            raise Unanswerable(str(answer[1]))
        if answer[0] == "raised":
            raise exception_of(str(answer[1]), str(answer[2]))
        return answer[1]

    def rest_of(self, items: Any) -> Iterator[Any]:
        """Yield the items of a loop, asked for some at a time."""
        count = 0
        while True:
            some, more = items
            yield from some
            count += len(some)
            if more is None:
                return
            if count >= MOST_ITEMS:
                raise Unanswerable(f"a test loops over more than {MOST_ITEMS:,} items")
            items = self.ask("list", more)

    def take(self, named: Kept | str) -> Any:
        if isinstance(named, str):
            raise Malformed("the answer is no value")
        return AskedCallable(self, named) if named.can_be_called else Asked(self, named)


def keep(value: Any) -> Tree:
    """Return the name of something that the learner's box has as well."""
    if isinstance_plainly(value, Asked):
        kept: Kept = object.__getattribute__(value, "_kept")
        return ["o", *kept]
    module = getattr(value, "__module__", None)
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    if isinstance(value, np.ufunc):
        module = "numpy"
    is_importable = isinstance(module, str) and isinstance(name, str) and "." not in name
    if is_importable and getattr(sys.modules.get(str(module)), str(name), None) is value:
        return ["m", f"{module}:{name}"]
    raise NotPlain(f"a {type(value).__name__} of the tests is no plain value")


def isinstance_plainly(value: Any, kind: Any) -> bool:
    """Like isinstance, but an Asked is never asked for its class."""
    return issubclass(type(value), kind)


def exception_of(kind: str, text: str) -> Exception:
    """Return one of Python's own exceptions by its name, so that a test can expect it.

    None that Python takes for the end of a loop: `all(map(...))` and `zip` would end there without
    a word, and be true of whatever had been right until then.
    """
    found = getattr(builtins, kind, None)
    words = text.removeprefix(f"{kind}: ")
    if isinstance(found, type) and issubclass(found, Exception) and found not in END_A_LOOP:
        with contextlib.suppress(Exception):
            return found(words)
    return Raised(text)


class Examiner:
    """All tests of an assignment, and what they came to.

    work: the steps, which tests are not to be run because the box ended in them before, and what
    such a box had told of the public tests.
    """

    def __init__(self, work: dict[str, Any]) -> None:
        self.steps: list[dict[str, Any]] = work["steps"]
        self.skipped = frozenset(work["skip"])
        self.exchange = Exchange()
        count = sum(step["kind"] == "test" for step in self.steps)
        self.status = np.full(count, NOT_REACHED, np.int8)
        self.share = np.zeros(count)
        self.said = [""] * count
        self.told: list[str] | None = json.loads(work["told"]) if work["told"] else None
        self.unbound: dict[str, str] = {}  # names of the notebook -> why they have no value here
        self.thread: threading.Thread | None = None

    # What the host calls.

    def go(self, answer: str, block: np.ndarray) -> Said:
        """Take the answer to the last question, and return the next one."""
        if self.thread is None:
            self.thread = threading.Thread(target=self.work, daemon=True)
            self.thread.start()
        elif answer:
            self.exchange.back.put((answer, block))
        return self.exchange.out.get()

    def outcomes(self) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """Return status (n,), share of the points (n,) and message of every test so far."""
        return self.status.copy(), self.share.copy(), list(self.said)

    # The thread of the tests.

    def work(self) -> None:
        has_hidden = any(step.get("source") != step.get("shown") for step in self.steps)
        try:
            self.run_steps(is_hidden=False)
            if has_hidden:
                self.tell(HIDES, json.dumps(self.said))
                self.run_steps(is_hidden=True)
        finally:
            self.exchange.out.put((DONE, "", NOTHING))

    def run_steps(self, *, is_hidden: bool) -> None:
        """Run all steps in a fresh namespace, with the hidden parts of the tests or without."""
        names: dict[str, Any] = {"__name__": "__main__"}
        forward_seeds(self.exchange, self.steps)
        refuse_nothing()
        for place, step in enumerate(self.steps):
            if step["kind"] == "test":
                self.run_test(step, names, is_hidden=is_hidden)
                continue
            with contextlib.suppress(Exception):
                code = step["code"]
                if code.strip():
                    run(code, f"<cell {place + 1}>", names)
            for name in step.get("names", ()):
                self.bind(name, names)

    def bind(self, name: str, names: dict[str, Any]) -> None:
        """Put what the learner's notebook has under a name into the tests' namespace."""
        names.pop(name, None)
        self.unbound.pop(name, None)
        try:
            names[name] = self.exchange.ask("name", name)
        except NameError:
            return
        except Exception as error:
            self.unbound[name] = str(error)

    def run_test(self, step: dict[str, Any], names: dict[str, Any], *, is_hidden: bool) -> None:
        """Run a test, and note what it came to where this is the pass that decides."""
        number = step["number"]
        has_hidden_part = step["source"] != step["shown"]
        source = step["source"] if is_hidden else step["shown"]
        if number in self.skipped or not source.strip():
            return
        self.note_beginning(number)
        status, share, text = self.outcome_of(source, step, names)
        if self.told is not None and status != PASSED:
            text = self.told[number] or LATE_SAYS.get(status, "")
        self.note_beginning(NONE)
        decides = is_hidden == has_hidden_part
        if not is_hidden and has_hidden_part and status != PASSED:
            self.said[number] = text
        if not decides:
            return
        self.status[number] = status
        self.share[number] = share
        if is_hidden and status != PASSED:
            self.said[number] = self.said[number] or HIDDEN_SAYS.get(status, "")
        elif not is_hidden:
            self.said[number] = text

    def note_beginning(self, number: int) -> None:
        """Tell the host which test runs from here on; a box that ends is blamed on it."""
        self.tell(BEGINS, str(number))

    def tell(self, what: int, text: str = "") -> None:
        """Tell the host something, and wait until it has noted it."""
        self.exchange.out.put((what, text, NOTHING))
        self.exchange.back.get()

    def outcome_of(
        self, source: str, step: dict[str, Any], names: dict[str, Any]
    ) -> tuple[int, float, str]:
        """Return status, share of the points, and a message."""
        label = f"<test of {step['question']}>"
        linecache.cache[label] = (len(source), None, source.splitlines(keepends=True), label)
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                value = run(source, label, names)
                call_new_tests(source, names)
            return judged(value, printed.getvalue(), step)
        except AssertionError as error:
            return FAILED, 0.0, f"a test failed\n{line_of(error, label)}{said_by(error)}"
        except (NotImplementedError, NameError) as error:
            if isinstance(error, NameError) and "in the notebook" not in str(error):
                missing = getattr(error, "name", "") or ""
                if missing in self.unbound:
                    return ERROR, 0.0, f"{missing} could not be asked for: {self.unbound[missing]}"
                if missing not in wanted_names(self.steps):
                    return ERROR, 0.0, told(error, label)
            return NOT_ATTEMPTED, 0.0, told(error, label)
        except Exception as error:
            return ERROR, 0.0, told(error, label)


def wanted_names(steps: Sequence[dict[str, Any]]) -> set[str]:
    return {name for step in steps for name in step.get("names", ())}


def told(error: BaseException, label: str) -> str:
    """Return the kind of an exception, where it was raised, and why."""
    kind = type(error).__name__
    return f"a test ended with {kind}\n{line_of(error, label)}{kind}: {error}"[:MOST_TEXT]


def line_of(error: BaseException, label: str) -> str:
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename == label and frame.line:
            return f"{frame.line}\n"
    return ""


def said_by(error: BaseException) -> str:
    return str(error)[:MOST_TEXT]


def judged(value: Any, printed: str, step: dict[str, Any]) -> tuple[int, float, str]:
    """Judge a test that raised nothing, by its last value where the format asks for it."""
    expected = step.get("expected", "")
    if expected:
        shown = "" if value is None else repr(value)
        got = f"{printed}{shown}".strip()
        if got == expected.strip():
            return PASSED, 1.0, ""
        return (
            FAILED,
            0.0,
            f"a test failed\nexpected {expected.strip()}\nreceived {got[:MOST_TEXT]}",
        )
    most = step.get("partial", 0.0)
    is_number = isinstance_plainly(value, int | float) and not isinstance_plainly(value, bool)
    if most and is_number:
        share = min(1.0, max(0.0, float(value) / most))
        if share == 1.0:
            return PASSED, 1.0, ""
        return FAILED, share, f"a part of the points\n{share * most:g} of {most:g} points"
    if is_false(value):
        return FAILED, 0.0, "a test failed\nexpected True\nreceived False"
    return PASSED, 1.0, ""


def is_false(value: Any) -> bool:
    """Whether a test that ends in a comparison, such as `np.allclose(...)`, says no.

    Its value is all that such a test says, and nobody writes one that is to be False.
    """
    kind = type(value)
    is_numpys = kind.__module__ == "numpy" and kind.__name__ in ("bool", "bool_")
    return value is False or (is_numpys and not value)


def run(source: str, label: str, names: dict[str, Any]) -> Any:
    """Run code, and return the value of its last line if that is an expression."""
    tree = ast.parse(source)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        exec(compile(tree, label, "exec", dont_inherit=True), names)
        return None
    tree.body.pop()
    exec(compile(tree, label, "exec", dont_inherit=True), names)
    return eval(compile(ast.Expression(last.value), label, "eval", dont_inherit=True), names)


def call_new_tests(source: str, names: dict[str, Any]) -> None:
    """Call the functions `test_...` of a test cell, with the notebook's names as arguments."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            arguments = [each.arg for each in node.args.args]
            values = [names if each == "env" else names.get(each) for each in arguments]
            names[node.name](*values)


def forward_seeds(exchange: Exchange, steps: Sequence[dict[str, Any]]) -> None:
    """Have the learner's box seeded whenever a test seeds its own generators."""
    every = "\n".join(str(step.get("code") or step.get("source") or "") for step in steps)
    places: list[tuple[str, Any, str]] = [
        ("numpy", np.random, "seed"),
        ("random", random, "seed"),
    ]
    if "torch" in every:
        with contextlib.suppress(ImportError):
            import torch

            places.append(("torch", torch, "manual_seed"))
    for library, owner, name in places:
        own = getattr(owner, name)
        own = getattr(own, "_own", own)
        setattr(owner, name, seeding_both(exchange, library, own))


def refuse_nothing() -> None:
    """Let comparisons of arrays fail where one side alone is empty.

    NumPy stretches a number to the shape of the array beside it, and of no numbers all are close:
    `np.allclose([], 5)` is true, and so an empty answer would pass.
    """
    places: list[tuple[Any, str]] = [(np, "allclose"), (np.testing, "assert_allclose")]
    places += [(np.testing, f"assert_{name}") for name in ALSO_STRETCHED]
    if "torch" in sys.modules:
        places.append((sys.modules["torch"], "allclose"))
    for owner, name in places:
        own = getattr(owner, name)
        own = getattr(own, "_own", own)
        setattr(owner, name, comparing_something(own))


def comparing_something(own: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(own)
    def compare(one: Any, other: Any, *rest: Any, **named: Any) -> Any:
        if is_empty(one) != is_empty(other):
            raise AssertionError("one side has numbers, and the other is empty")
        return own(one, other, *rest, **named)

    compare._own = own  # type: ignore[attr-defined]
    return compare


def is_empty(value: Any) -> bool:
    count = getattr(value, "numel", None)
    return int(count()) == 0 if callable(count) else np.asarray(value).size == 0


def seeding_both(exchange: Exchange, library: str, own: Callable[..., Any]) -> Callable[..., Any]:
    def seed(*values: Any, **named: Any) -> Any:
        if any(each is not None for each in (*values, *named.values())):
            exchange.ask("seed", library, values, named)
        return own(*values, **named)

    seed._own = own  # type: ignore[attr-defined]
    return seed


def begin(path: Path) -> Examiner:
    """Return the examiner of the steps in a file."""
    return Examiner(json.loads(path.read_text("utf-8")))
