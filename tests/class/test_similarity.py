"""Similar submissions: copies in disguise are found, the starter and the class's idioms are not."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from support.disguises import LEVELS, disguised
from support.here import grader_here
from support.paths import DATA, REFERENCE

from grader.classroom.similarity.pairs import Pair, Source, similar_pairs
from grader.classroom.similarity.tokens import tokens_of
from grader.course.curriculum import find_task


def text_of(path: Path) -> str:
    return path.read_text("utf-8")


INDEPENDENT = sorted((DATA / "as_found").rglob("*.py"))[:16]
REFERENCES = sorted(REFERENCE.glob("*/*/solution.py"))
COPIED = [path for path in REFERENCES if path.parts[-3] in ("mnist", "backprop", "imdb")][:3]


def class_with(copies: list[Source]) -> list[Source]:
    honest = [Source(path.stem, path.name, text_of(path)) for path in INDEPENDENT]
    originals = [Source(path.parts[-3], path.name, text_of(path)) for path in COPIED]
    return [*honest, *originals, *copies]


def is_planted(pair: Pair) -> bool:
    names = {pair.one.author, pair.other.author}
    return any(name.startswith("copy of ") and name[8:] in names for name in names)


@pytest.mark.parametrize("level", LEVELS)
def test_copies_in_disguise_stand_before_independent_work(level: int) -> None:
    copies = []
    for number, path in enumerate(COPIED):
        other = text_of(INDEPENDENT[number])
        text = disguised(text_of(path), level, other, seed=number)
        compile(text, "copy", "exec")
        copies.append(Source(f"copy of {path.parts[-3]}", path.name, text))
    found = similar_pairs(class_with(copies))
    planted = [is_planted(pair) for pair in found]
    if level < 7:
        assert planted[: len(COPIED)] == [True] * len(COPIED)
    assert sum(planted) == len(COPIED), "every copy is listed"


def test_renaming_comments_annotations_and_imports_change_no_token() -> None:
    one = '''
import numpy as np

def layer(X: np.ndarray, W, b=0) -> np.ndarray:
    """What it does."""
    z = X @ W  # the sums
    z += b
    return np.maximum(z, 0.5)
'''
    other = """
from numpy import *
import numpy as np
def schicht(eingang, gewichte: "floats", schwelle = 7):
    summe = (eingang @ gewichte) if False else eingang @ gewichte
    summe = summe + schwelle
    return np.maximum(summe, 1)
""".replace("(eingang @ gewichte) if False else ", "")
    assert [each.text for each in tokens_of(one)] == [each.text for each in tokens_of(other)]


def test_the_starter_and_what_many_have_is_nobodys_own() -> None:
    starter = text_of(COPIED[0])
    both = [Source("Ada", "a", starter + "\na = 1\n"), Source("Ben", "b", starter + "\nb = [2]\n")]
    assert similar_pairs(both, [starter]) == []
    many = [Source(f"learner {n}", "x", text_of(INDEPENDENT[0]) + f"\n# {n}") for n in range(12)]
    assert similar_pairs(many) == []


def test_the_same_files_or_weights_come_first_whatever_the_source_says() -> None:
    one = Source("Ada", "a", "x = 1", weights=frozenset({"w"}), sha256="1")
    other = Source("Ben", "b", "def f(): pass", weights=frozenset({"w", "v"}), sha256="2")
    [pair] = similar_pairs([one, other])
    assert pair.has_same_weights
    [pair] = similar_pairs([one, Source("Cleo", "c", "x = 1", sha256="1")])
    assert pair.has_same_files


def test_passages_say_where_in_both() -> None:
    text = text_of(COPIED[0])
    moved = "\n".join(["# a remark"] * 30) + "\n" + text
    [pair] = similar_pairs([Source("Ada", "a", text), Source("Ben", "b", moved)])
    assert pair.share == 1.0
    for passage in pair.passages:
        assert passage.other[0] - passage.one[0] == 30


@pytest.mark.parametrize(
    "text",
    [
        '"""' * 30_001,
        "'" * 90_001,
        "(" * 90_000,
        "\\\n" * 40_000,
        '"' + "\\" * 90_000,
        '\\"' * 90_000,
        "\\'" * 90_000,
        "a." * 50_000,
    ],
)
def test_source_made_to_be_slow_is_not(text: str) -> None:
    began = time.process_time()
    tokens_of(text)
    assert time.process_time() - began < 10


def test_the_command_writes_passages_and_tells_the_class(tmp_path: Path) -> None:
    task = find_task("neuron")
    (tmp_path / "r.csv").write_text("Name,ID\nAda,1\nBen,2\nCleo,3\n")
    assert grader_here("class", "init", "r.csv", cwd=tmp_path).returncode == 0
    folder = tmp_path / "handed-in"
    folder.mkdir()
    long = text_of(COPIED[0])
    (folder / "Ada.py").write_text(long)
    (folder / "Ben.py").write_text(disguised(long, 5))
    (folder / "Cleo.py").write_text(text_of(task.starter / "solution.py"))
    words = ("similar", "handed-in", "--task", "neuron", "--json")
    done = grader_here(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    [pair] = json.loads(done.stdout)
    assert {pair["one"], pair["other"]} == {"Ada", "Ben"}
    page = (tmp_path / "similar.html").read_text()
    assert "They are no verdicts" in page
    assert "<script" not in page
    assert json.loads((tmp_path / "class" / "similar.json").read_text())["pairs"] == [pair]
