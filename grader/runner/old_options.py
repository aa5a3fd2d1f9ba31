"""Options that classes and functions once took: given on under today's name, or left out and said.

A tool for `old_calls` and `old_keras`. Only what a class refuses today is taken: an option that it
still knows is never touched.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .notes import note
from .signatures import parameters_of


@dataclass(frozen=True)
class OldOptions:
    """What somebody may still pass.

    renamed: old name -> new one. values: option -> old value -> new one. dropped: options that have
    no place any more, and change nothing of what is learned.
    """

    renamed: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    values: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)


def take(kind: Any, old: OldOptions) -> None:
    """Let a class take old options when an object of it is made."""
    kind.__init__ = taking(kind.__init__, old, kind.__name__)


def taking(function: Callable[..., Any], old: OldOptions, name: str) -> Callable[..., Any]:
    """Return a function that takes old options as well; the function itself if it knows them all.

    name: of what is called, for the notes.
    """
    parameters = parameters_of(function)
    if parameters is None:
        return function
    known = {each.name for each in parameters}
    renamed = {was: now for was, now in old.renamed.items() if was not in known}
    dropped = [each for each in old.dropped if each not in known]
    if not renamed and not dropped and not old.values:
        return function

    @functools.wraps(function)
    def changed(*arguments: Any, **options: Any) -> Any:
        for was, now in renamed.items():
            if was in options:
                options[now] = options.pop(was)
                note(f"{name}: `{was}` is called `{now}` now")
        for was in dropped:
            if was in options:
                del options[was]
                note(f"{name} has no option `{was}` any more: it was left out")
        for option, values in old.values.items():
            options |= new_value(name, option, values, options)
        return function(*arguments, **options)

    # Keras and scikit-learn read what their classes take, and the first does not look behind wraps.
    changed.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return changed


def new_value(
    name: str, option: str, values: Mapping[Any, Any], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Return an option with today's value in the place of an old one; nothing where it is new."""
    given = options.get(option)
    if not isinstance(given, str) or given not in values:
        return {}
    note(f"{name}: {option}={given!r} is written {values[given]!r} now")
    return {option: values[given]}
