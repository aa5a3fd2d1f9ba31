"""Exam `language` from outside: who foretells, who peeks, who writes something else than its own
logits say.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.small_data import small_plays

from grader.course.dataset import find_corpus
from grader.exams.checks import causality
from grader.records import Result, Status

TASK = "text-generation"
COUNTS = """
import numpy as np


def table(data, order=1.0):
    size = data.vocabulary_size
    counts = np.full((size, size), 0.1)
    np.add.at(counts, (data.tokens[:-1], data.tokens[1:]), 1)
    return np.log(counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)


class Model:
    def __init__(self, table):
        self.table = table

    def logits(self, tokens):
        return self.table[tokens]


def train(data):
    return Model(table(data))
"""


@pytest.fixture
def graded(
    tmp_path: Path, grade_source: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Result]:
    folder = small_plays(tmp_path / "data", monkeypatch)
    return lambda source: grade_source(source, TASK, data_folder=folder, with_par=False)


def test_counting_is_graded_with_bits_speed_and_what_it_wrote(
    graded: Callable[[str], Result],
) -> None:
    result = graded(COUNTS)
    assert result.verdict.status in (Status.ACCEPTED, Status.BELOW_TARGET), result.verdict.reason
    bits = result.measurements["bits_per_character"]
    assert bits.low is not None
    assert bits.high is not None
    assert 1.0 < bits.low < bits.value < bits.high < 3.5
    assert result.measurements["greedy_share"].value == 1.0
    assert result.measurements["throughput_per_second"].value > 0
    assert result.task.better == "lower"


KERAS = """
import keras
import numpy as np


def train(data):
    size = data.vocabulary_size
    counts = np.full((size, size), 0.1, np.float32)
    np.add.at(counts, (data.tokens[:-1], data.tokens[1:]), 1)
    table = keras.layers.Embedding(size, size)
    model = keras.Sequential([keras.Input((None,), dtype="int32"), table])
    table.set_weights([np.log(counts / counts.sum(axis=1, keepdims=True))])
    return model
"""


def test_a_keras_model_from_tokens_to_logits_is_enough(graded: Callable[[str], Result]) -> None:
    counted, made = graded(COUNTS).measurements, graded(KERAS)
    assert made.verdict.status in (Status.ACCEPTED, Status.BELOW_TARGET), made.verdict.reason
    assert made.measurements["greedy_share"].value == 1.0
    bits = [figures["bits_per_character"].value for figures in (counted, made.measurements)]
    assert bits[0] == pytest.approx(bits[1], abs=0.01)  # other windows in each run


def test_equal_logits_bring_the_logarithm_of_the_vocabulary(
    graded: Callable[[str], Result],
) -> None:
    source = COUNTS.replace(
        "return self.table[tokens]", "return np.zeros((*tokens.shape, len(self.table)), np.float32)"
    )
    result = graded(source)
    size = len(find_corpus("tiny-shakespeare").stand_in(np.random.default_rng(0)).vocabulary)
    assert result.measurements["bits_per_character"].value == pytest.approx(np.log2(size), rel=1e-6)


def test_scaled_probabilities_bring_nothing(graded: Callable[[str], Result]) -> None:
    plain = graded(COUNTS).measurements["bits_per_character"].value
    shifted = graded(COUNTS.replace("return self.table[tokens]", "return self.table[tokens] + 277"))
    # other windows are drawn
    assert shifted.measurements["bits_per_character"].value == pytest.approx(plain, abs=0.15)


PEEKS = {
    "copies what comes next": """
        answer = np.zeros((*tokens.shape, len(self.table)), np.float32)
        n, t = tokens.shape
        answer[np.arange(n)[:, None], np.arange(t - 1)[None], tokens[:, 1:]] = 20
        return answer""",
    "mixes a little of the future in": """
        answer = self.table[tokens].copy()
        answer[:, :-1] += 0.3 * self.table[tokens[:, 1:]]
        return answer""",
    "looks at the whole window": """
        counts = np.stack([np.bincount(row, minlength=len(self.table)) for row in tokens])
        return self.table[tokens] + 0.01 * counts[:, None, :].astype(np.float32)""",
}


@pytest.mark.parametrize("name", sorted(PEEKS))
def test_a_model_that_sees_the_future_is_found(name: str, graded: Callable[[str], Result]) -> None:
    result = graded(COUNTS.replace("        return self.table[tokens]", PEEKS[name]))
    assert result.verdict.status is Status.INVALID_SUBMISSION
    assert result.verdict.code == "sees_future"
    assert "causal mask" in result.verdict.reason


UNSTEADY = {
    "noise is left on": "return self.table[tokens] + self.draw.normal(size=self.table.shape[1])",
    "a state is kept": "self.calls += 1; return self.table[tokens] * (1 + self.calls % 2 / 10)",
}
UNSTEADY_MODEL = COUNTS.replace(
    "        self.table = table\n",
    "        self.table, self.calls, self.draw = table, 0, np.random.default_rng(0)\n",
)


@pytest.mark.parametrize("name", sorted(UNSTEADY))
def test_logits_that_change_by_themselves_are_not_called_looking_ahead(
    name: str, graded: Callable[[str], Result]
) -> None:
    result = graded(UNSTEADY_MODEL.replace("return self.table[tokens]", UNSTEADY[name]))
    assert result.verdict.code == "not_repeatable", result.verdict.reason
    assert "model.eval()" in result.verdict.reason


NEIGHBOURS = """
        answer = self.table[tokens].copy()
        # as a recurrent layer does that takes the batch for time
        answer[1:] += {much} * self.table[tokens[:-1]]
        return answer"""


@pytest.mark.parametrize("much", ["1.0", "0.02"])
def test_who_looks_at_the_neighbours_is_counted_as_alone_with_fewer_points(
    much: str, graded: Callable[[str], Result]
) -> None:
    plain = graded(COUNTS)
    result = graded(
        COUNTS.replace("        return self.table[tokens]", NEIGHBOURS.format(much=much))
    )
    figures = result.measurements
    assert result.verdict.code in ("", "gate"), result.verdict.reason
    # the first window of a batch has no neighbour before it
    assert figures["alone_same"].value < 0.5
    counted = figures["bits_per_character"].value + max(0.0, figures["alone_bits"].value)
    assert counted >= plain.measurements["bits_per_character"].value - 0.1
    assert result.score is not None
    assert plain.score is not None
    assert result.score.accuracy <= 0.8 * result.score.max_accuracy
    assert "windows of text get different logits when asked alone" in result.score.capped
    assert plain.score.capped == ""


def test_who_looks_ahead_in_batches_and_not_alone_wins_nothing_by_it(
    graded: Callable[[str], Result],
) -> None:
    ahead = PEEKS["copies what comes next"].replace("\n        ", "\n            ")
    source = f"\n        if len(tokens) > 1:{ahead}\n        return self.table[tokens]"
    result = graded(COUNTS.replace("        return self.table[tokens]", source))
    assert result.verdict.code == "sees_future"


WRONG = {
    "not_greedy": "    def generate(self, prompt, n):\n        return np.zeros(n, np.int64)\n",
    "not_in_vocabulary": "    def generate(self, prompt, n):\n        return np.full(n, 999)\n",
}


@pytest.mark.parametrize("code", sorted(WRONG))
def test_writing_that_is_not_the_models_own_is_not_valid(
    code: str, graded: Callable[[str], Result]
) -> None:
    result = graded(COUNTS.replace("\n\ndef train(data)", f"\n{WRONG[code]}\n\ndef train(data)"))
    assert (result.verdict.status, result.verdict.code) == (Status.INVALID_SUBMISSION, code), (
        result.verdict.reason
    )


BAD_LOGITS = {
    "another vocabulary": ("self.table[tokens][..., :-1]", "expected float32 logits of shape"),
    "infinite": ("self.table[tokens] * np.float32(np.inf)", "NaN or infinite"),
    "the last place only": ("self.table[tokens[:, -1]]", "one for each of"),
    "text": ("'to be or not to be'", "the model answered with a str"),
}


@pytest.mark.parametrize("name", sorted(BAD_LOGITS))
def test_logits_of_the_wrong_form_are_said(name: str, graded: Callable[[str], Result]) -> None:
    source, says = BAD_LOGITS[name]
    result = graded(COUNTS.replace("self.table[tokens]", source))
    assert result.verdict.status is Status.INVALID_SUBMISSION
    assert says in result.verdict.reason


def test_twins_are_the_same_before_their_cut_and_hidden_among_the_others() -> None:
    corpus = find_corpus("tiny-shakespeare").stand_in(np.random.default_rng(1))
    windows = causality.cut_windows(corpus, 64, np.random.default_rng(2))
    twins = np.flatnonzero(windows.twin_of >= 0)
    assert len(twins) == causality.TWINS
    differ = 0
    for row in twins:
        cut, original = windows.cut[row], windows.tokens[windows.twin_of[row]]
        assert windows.twin_of[windows.twin_of[row]] == -1
        np.testing.assert_array_equal(windows.tokens[row, :cut], original[:cut])
        differ += not np.array_equal(windows.tokens[row], original)
    assert differ >= causality.TWINS - 2
    assert twins.tolist() != sorted(twins.tolist(), reverse=True)
    assert twins.min() < len(windows.tokens) / 3 < 2 * len(windows.tokens) / 3 < twins.max()
