"""What a rule is: a function from a syntax tree to places, declared with `@rule` where it stands.

The function's name is the rule's name: an entry of the catalogue names it in `source`, and its
conditions as `source_<name>`. docs/build/adding-a-diagnosis.md shows one and says how to add one.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import NamedTuple

from grader.doctor.rules.syntax import Code

Find = Callable[[Code], Iterator[ast.AST]]


class Rule(NamedTuple):
    """One pattern in source that goes with a mistake."""

    name: str
    about: str  # the pattern in words, for authors of catalogue entries
    find: Find  # yields its places, the one worth showing first


DECLARED: dict[str, Rule] = {}


def rule(about: str) -> Callable[[Find], Find]:
    """Declare a function as the rule of its name; ValueError if there is one already."""

    def declare(find: Find) -> Find:
        name = find.__name__
        if name in DECLARED:
            raise ValueError(f"two rules are called {name}")
        DECLARED[name] = Rule(name, about, find)
        return find

    return declare
