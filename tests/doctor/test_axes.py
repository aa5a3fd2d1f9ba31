"""Rules about axes and steps, and about one optimizer of two whose gradients are never cleared."""

from __future__ import annotations

import ast

import pytest

from grader.doctor.rules.finder import places
from grader.doctor.rules.syntax import Code

READER = """
class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.cells = nn.GRU({made})
        self.last = nn.Linear(32, 5)

    def forward(self, rows):
        states, _ = self.cells(rows)
        return self.last({read})
"""

WRITER = """
def train(data, net, ask):
    judge = nn.CrossEntropyLoss()
    for words, following in data:
        scores = net(words)
        {names}
        judge({scores}, following).backward()
"""

RIVALS = """
def train(data, maker, critic):
    moves_maker = optim.Adam(maker.parameters())
    moves_critic = optim.Adam(critic.parameters())
    for real in data:
        {first}
        loss_of(critic, real).backward()
        moves_critic.step()
        moves_maker.zero_grad()
        loss_of_maker(critic, maker).backward()
        moves_maker.step()
"""


def found(text: str) -> dict[str, str]:
    tree = ast.parse("from torch import nn, optim\n" + text)
    return {rule: ast.unparse(node) for rule, node in places(Code([tree]))}


@pytest.mark.parametrize(
    ("made", "read", "is_first"),
    [
        ("28, 32, batch_first=True", "states[:, 0]", True),
        ("28, 32, batch_first=True", "states[:, 0, :]", True),
        ("28, 32", "states[0]", True),
        ("28, 32, batch_first=True", "states[:, -1]", False),
        ("28, 32", "states[-1]", False),
        ("28, 32, batch_first=True, bidirectional=True", "states[:, 0]", False),
        ("28, 32, batch_first=True", "states[:, 0] + states[:, -1]", False),
        ("28, 32, batch_first=True", "states[0]", False),
    ],
)
def test_a_state_that_has_read_one_step_is_found(made: str, read: str, is_first: bool) -> None:
    rules = found(READER.format(made=made, read=read))
    assert ("state_of_first_step" in rules) is is_first


def test_keras_states_are_read_as_well() -> None:
    inside = "def build(rows):\n    states = keras.layers.LSTM(9, return_sequences=True)(rows)\n"
    assert "state_of_first_step" in found(inside + "    return dense(states[:, 0])\n")
    assert "state_of_first_step" not in found(inside + "    return dense(states[:, -1])\n")


@pytest.mark.parametrize(
    ("names", "scores", "is_viewed"),
    [
        ("pass", "scores.view(scores.size(0), -1, scores.size(1))", True),
        ("pass", "scores.reshape(scores.shape[0], scores.shape[2], scores.shape[1])", True),
        ("n, t, c = scores.shape", "scores.view(n, c, t)", True),
        ("n, t, c = scores.shape", "scores.view(n * t, c)", False),
        ("n, t, c = scores.shape", "scores.view(n, t, c)", False),
        ("n, t, c = scores.shape", "scores.view(n, t, 4, c)", False),
        ("pass", "scores.view(-1, scores.size(2))", False),
        ("pass", "scores.view(scores.size(0), -1, scores.size(2))", False),
        ("pass", "scores.transpose(1, 2)", False),
    ],
)
def test_a_view_that_exchanges_two_sizes_is_found(names: str, scores: str, is_viewed: bool) -> None:
    assert ("viewed_axes" in found(WRITER.format(names=names, scores=scores))) is is_viewed


@pytest.mark.parametrize(
    ("first", "is_left"),
    [
        ("pass", True),
        ("moves_critic.zero_grad()", False),
        ("critic.zero_grad()", False),
        ("both.zero_grad()", False),
        ("for w in critic.parameters(): w.grad = None", False),
    ],
)
def test_one_of_two_optimizers_that_is_never_cleared_is_found(first: str, is_left: bool) -> None:
    rules = found(RIVALS.format(first=first))
    assert (rules.get("no_zero_grad") == "moves_critic.step()") is is_left


@pytest.mark.parametrize(("rows", "is_category"), [("x.float()", True), ("x.float() / 16", False)])
def test_what_is_scaled_at_once_is_no_category(rows: str, is_category: bool) -> None:
    text = READER.format(made="8, 32, batch_first=True", read="states[:, -1]")
    text = text.replace("def forward(self, rows)", "def forward(self, x)")
    rules = found(text.replace("self.cells(rows)", f"self.cells({rows})"))
    assert ("tokens_as_quantities" in rules) is is_category
