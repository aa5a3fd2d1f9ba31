"""How a failure begins: with what was being done, but no name stands there twice."""

from __future__ import annotations

import pytest

from grader.runner.frames import Trouble
from grader.sandbox.failures import Question, trouble_failure
from grader.sandbox.wire import Peer, Reply


@pytest.mark.parametrize(
    ("doing", "text", "reason"),
    [
        (
            "importing net.py",
            "net.py cannot be imported: no colon in line 3",
            "net.py cannot be imported: no colon in line 3",
        ),
        ("importing net.py", "ValueError: 3", "while importing net.py: ValueError: 3"),
        ("importing net.py", "net.pyx is missing", "while importing net.py: net.pyx is missing"),
        ("training", "net.py is empty", "while training: net.py is empty"),
    ],
)
def test_a_file_that_the_text_names_first_is_not_named_before_it(
    doing: str, text: str, reason: str
) -> None:
    reply = Reply(Peer.TROUBLE, text=text, trouble=Trouble.NOT_IMPORTABLE)
    asked = Question(doing, deadline_seconds=1.0, memory_bytes=1 << 28)
    assert trouble_failure(reply, asked).reason == reason
