"""How a script makes numbers of texts is found in what it leaves, or the lines to add are told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.runner import text_functions

TEXT = "a good film bad one to see again never dull plot with jokes and tears"
WORDS = TEXT.split()
RANDOM = np.random.RandomState(3)
TEXTS = [" ".join(RANDOM.choice(WORDS, 5 + place % 9)) for place in range(900)]
NUMBERS = {word: place for place, word in enumerate(WORDS, 2)}
WIDTH = 12


def encode(text: str) -> list[int]:
    return [NUMBERS.get(word, 1) for word in text.lower().split()]


def with_table(text: str, table: dict[str, int]) -> np.ndarray:
    return np.array([table[word] for word in text.split()])


def rows(numbers_of: Any, *, before: bool = False, filler: int = 0) -> np.ndarray:
    """Return some texts as a training loop would have fed them."""
    made = np.full((64, WIDTH), filler)
    for row, place in zip(made, RANDOM.permutation(len(TEXTS)), strict=False):
        numbers = list(numbers_of(TEXTS[place]))[:WIDTH]
        part = row[WIDTH - len(numbers) :] if before else row[: len(numbers)]
        part[:] = numbers
    return made


def found(names: dict[str, Any], seen: np.ndarray) -> Any:
    for value in names.values():
        if callable(value):
            value.__module__ = "__main__"
    return text_functions.form_among(names, seen, TEXTS)


@pytest.mark.parametrize(
    ("names", "numbers_of"),
    [
        ({"text_pipeline": encode}, encode),
        ({"vocab": NUMBERS}, encode),
        (
            {"word2idx": NUMBERS, "turn": with_table, "table": NUMBERS},
            lambda text: with_table(text, NUMBERS),
        ),
    ],
    ids=["a function", "a dict of words", "a function with a table"],
)
@pytest.mark.parametrize("before", [False, True])
def test_the_encoding_that_gives_what_was_seen_is_found(
    names: dict[str, Any], numbers_of: Any, before: bool
) -> None:
    form = found(names, rows(numbers_of, before=before))
    assert form is not None
    made = form(["a good film"])
    wanted = np.zeros(WIDTH, dtype=int)
    place = WIDTH - 3 if before else 0
    wanted[place : place + 3] = numbers_of("a good film")
    assert made.tolist() == [wanted.tolist()]


def test_an_encoding_that_gives_other_numbers_is_not_taken() -> None:
    def other(text: str) -> list[int]:
        return [number + 1 for number in encode(text)]

    assert found({"encode": other, "length": len}, rows(encode)) is None


def test_nothing_is_called_that_takes_no_text() -> None:
    called: list[Any] = []

    def train(*arguments: Any) -> None:
        called.append(arguments)

    assert found({"train": train, "main": train}, rows(encode)) is None
    assert called == []


def test_the_lines_to_add_name_the_scripts_own_function() -> None:
    encode.__module__ = "__main__"
    said = text_functions.lines_to_add({"text_pipeline": encode}, "torch")
    lines = said.splitlines()
    assert lines[1] == "def predict(model, inputs):  # inputs: a list of texts"
    assert "torch.as_tensor(text_pipeline(text)) for text in inputs" in lines[2]
    assert lines[3] == "    return model(numbers)"
    compile("\n".join(lines[1:]), "added.py", "exec")


def test_without_a_function_the_lines_say_what_stands_for_it() -> None:
    said = text_functions.lines_to_add({}, "keras")
    assert "encode is what makes numbers of a text" in said
    assert "model.predict(numbers, verbose=0)" in said
