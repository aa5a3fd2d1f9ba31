"""Notes the losses whose gradients JAX computes, also inside of functions that it compiles.

JAX runs the Python of a compiled function once, with symbols in place of numbers, so a loss in
there is never a number that could be noted. Such a symbol is handed out as one more result, and
taken off before the learner sees the results. It is only handed out where it belongs to the very
function that is compiled: one of an inner loop or of a vectorised function would be refused by JAX.
Whatever goes wrong on the way, the function is called as JAX alone would call it.

A step is a gradient for other parameters than the time before. JAX's arrays never change, so the
same array is the same parameters; one of NumPy may have changed, and says nothing.
"""

from __future__ import annotations

import contextlib
import functools
import types
from collections.abc import Callable
from typing import Any

from .training_trace import current

MOST_LOSSES = 8  # of one compiled function
# Options of jit that say nothing of its results, to which one is added.
HARMLESS = {"static_argnums", "static_argnames", "donate_argnums", "donate_argnames", "inline"}
KEPT_AS = "_with_losses"  # of a function: what is compiled in its place


class Level:
    """A function while JAX runs its Python with symbols."""

    def __init__(self, trace: Any, given: list[Any]) -> None:
        self.trace = trace
        self.given = given  # leaves of its arguments
        self.losses: list[Any] = []
        self.place = -1  # of the parameters' first array among those leaves; -1 if it is none

    def note(self, loss: Any, parameters: Any) -> None:
        """Take a loss that is a symbol of this very function."""
        if getattr(loss, "_trace", None) is not self.trace or len(self.losses) >= MOST_LOSSES:
            return
        self.losses.append(loss)
        for place, leaf in enumerate(self.given):
            if leaf is parameters:
                self.place = place


OPEN: list[Level] = []


class Later:
    """A loss that JAX may still be computing: read when it is needed, so that nothing waits."""

    is_cpu = False

    def __init__(self, loss: Any) -> None:
        self.loss = loss

    def item(self) -> float:
        return float(self.loss)


def watch_jax(jax: Any) -> None:
    """Note gradients from now on. May be called again: it is done once."""
    if not hasattr(jax, "watched"):
        jax.watched = True
        Watch(jax).install()


class Watch:
    """JAX's own functions for gradients and compiling, and those that stand in their place."""

    def __init__(self, jax: Any) -> None:
        self.jax = jax
        self.whole = jax.value_and_grad
        self.compile = jax.jit
        self.leaves = jax.tree_util.tree_leaves
        self.last: Any = None  # the parameters of the last gradient

    def install(self) -> None:
        self.jax.value_and_grad = self.value_and_grad
        self.jax.grad = self.grad
        self.jax.jit = self.jit

    def value_and_grad(self, fun: Any, *given: Any, **named: Any) -> Any:
        plain = self.whole(fun, *given, **named)
        ways = Ways(*given, **named)

        @functools.wraps(plain)
        def noted(*arguments: Any, **others: Any) -> Any:
            answer = plain(*arguments, **others)
            with contextlib.suppress(Exception):  # whatever a learner differentiates
                first = self.leaves(arguments[ways.argument])[0]
                if getattr(first, "ndim", 0):  # a slope at a point is no training
                    self.note(answer[0][0] if ways.has_aux else answer[0], first)
            return answer

        return noted

    def grad(self, fun: Any, *given: Any, **named: Any) -> Any:
        """Return a gradient as JAX makes one: of value and gradient, without the value."""
        noted = self.value_and_grad(fun, *given, **named)
        has_aux = Ways(*given, **named).has_aux

        @functools.wraps(noted)
        def gradient(*arguments: Any, **others: Any) -> Any:
            value, slopes = noted(*arguments, **others)
            return (slopes, value[1]) if has_aux else slopes

        return gradient

    def jit(self, fun: Any = None, *given: Any, **named: Any) -> Any:
        if fun is None:
            return functools.partial(self.jit, *given, **named)
        plain = self.compile(fun, *given, **named)
        if given or not named.keys() <= HARMLESS or not is_plain(fun):
            return plain
        both = kept(fun, self.with_losses)
        return Compiled(plain, self.compile(both, **named), functools.partial(self.told, both))

    def with_losses(self, fun: Any) -> Any:
        """Return the function with the losses in it as a second result."""

        @functools.wraps(fun)
        def both(*arguments: Any, **others: Any) -> Any:
            OPEN.append(Level(trace_now(), self.leaves((arguments, others))))
            try:
                result = fun(*arguments, **others)
            finally:
                level = OPEN.pop()
            both.place = level.place  # type: ignore[attr-defined]
            return result, level.losses

        return both

    def told(self, both: Any, losses: list[Any], arguments: Any) -> None:
        """Note the losses that a compiled function gave."""
        place = getattr(both, "place", -1)
        parameters = self.leaves(arguments)[place] if place >= 0 else None
        for loss in losses:
            self.note(loss, parameters)

    def note(self, loss: Any, parameters: Any) -> None:
        """Take a loss and the first array of its parameters, both numbers or symbols."""
        training = current()
        if training.fitting:  # Keras tells of its own
            return
        if not isinstance(loss, self.jax.core.Tracer):
            training.account.jax_gradient(Later(loss), self.is_other(parameters))
        elif OPEN:
            OPEN[-1].note(loss, parameters)

    def is_other(self, parameters: Any) -> bool | None:
        """Whether these are other parameters than the time before; None if it can't be known."""
        before = self.last
        self.last = parameters
        if before is None or not isinstance(parameters, self.jax.Array):
            return None
        return before is not parameters


class Ways:
    """What is asked of a gradient: which argument it is for, and whether more comes with it."""

    def __init__(self, argnums: Any = 0, has_aux: bool = False, *_: Any, **__: Any) -> None:
        self.argument = argnums if isinstance(argnums, int) else argnums[0]
        self.has_aux = has_aux


class Compiled:
    """A compiled function that gives what JAX's would, and notes the losses in it."""

    def __init__(self, plain: Any, both: Any, told: Callable[[list[Any], Any], None]) -> None:
        functools.update_wrapper(self, plain)
        self._plain = plain
        self._both = both
        self._told = told

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        if self._both is None:
            return self._plain(*arguments, **named)
        try:
            result, losses = self._both(*arguments, **named)
        except Exception:  # the learner's own mistake is raised by the function as it was written
            self._both = None
            return self._plain(*arguments, **named)
        if losses:
            with contextlib.suppress(Exception):
                self._told(losses, (arguments, named))
        return result

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return self if owner is None else types.MethodType(self, owner)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_plain"], name)


def is_plain(fun: Any) -> bool:
    """Whether this is a function that can keep what is compiled in its place.

    JAX compiles again for every other function it is given.
    """
    return isinstance(fun, types.FunctionType)


def kept(fun: Any, make: Callable[[Any], Any]) -> Any:
    """Return what was made of a function before, or make it."""
    if KEPT_AS not in fun.__dict__:
        setattr(fun, KEPT_AS, make(fun))
    return fun.__dict__[KEPT_AS]


def trace_now() -> Any:
    """Return what JAX's symbols of the function that it runs now belong to."""
    from jax._src import core

    return core.trace_ctx.trace
