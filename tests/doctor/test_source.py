"""Places in the source: found by a child process, and believed no further than rule and line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.doctor import (
    CLASSES,
    Answers,
    examples,
    right,
)

from benchmarks.doctor.runs import Run, prepared
from grader.doctor import source as reading
from grader.doctor.evidence import Source
from grader.doctor.examine import examine_classifier
from grader.doctor.source import MOST_LINES, read_source, understood


def test_places_are_found_in_a_child(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(
        "import torch\nfrom torch import nn\nfrom parts import Net\n\n\n"
        "def train(data):\n    model = Net()\n    criterion = nn.CrossEntropyLoss()\n"
        "    optimizer = torch.optim.SGD(model.parameters(), lr=50.0)\n"
        "    for x, y in data.loader(32):\n"
        "        loss = criterion(model(x), y)\n        loss.backward()\n"
        "        optimizer.step()\n    return model\n"
    )
    (tmp_path / "parts.py").write_text(
        "from torch import nn\n\n\nclass Net(nn.Module):\n    def forward(self, x):\n"
        "        return self.out(x).softmax(1)\n"
    )
    source = read_source(tmp_path, "solution.py")
    assert source.is_whole
    assert source.places["no_zero_grad"] == "solution.py:12"
    assert source.places["high_rate"] == "solution.py:9"
    assert source.places["softmax_last"] == "parts.py:6"


@pytest.mark.parametrize(
    ("scheduler", "place"),
    [
        ("StepLR(optimizer, 1)", "solution.py:9"),
        ("StepLR(optimizer, step_size=5, gamma=0.7)", "solution.py:9"),
        ("ExponentialLR(optimizer, 0.9)", "solution.py:9"),
        ("MultiStepLR(optimizer, [3, 6])", "solution.py:9"),
        ("StepLR(optimizer, 1000)", None),
        ("ExponentialLR(optimizer, gamma=0.999)", None),
        ("MultiStepLR(optimizer, milestones=[500, 900])", None),
        ("LambdaLR(optimizer, lambda step: share_of_peak(step))", None),
        ("LinearLR(optimizer, total_iters=100)", None),
        ("OneCycleLR(optimizer, 0.1, total_steps=900)", None),
    ],
)
def test_a_schedule_for_epochs_is_told_from_one_for_steps(
    tmp_path: Path, scheduler: str, place: str | None
) -> None:
    (tmp_path / "solution.py").write_text(
        "from torch.optim import lr_scheduler\n\n\ndef train(data, model, optimizer):\n"
        f"    schedule = lr_scheduler.{scheduler}\n    for epoch in range(9):\n"
        "        for x, y in data.loader(32):\n"
        "            optimizer.step()\n            schedule.step()\n"
        "    return model\n"
    )
    assert read_source(tmp_path, "solution.py").places.get("scheduler_in_batches") == place


@pytest.mark.parametrize(
    "text",
    [
        "def broken(:\n",
        "x = " + "(" * 5000 + ")" * 5000,
        "\x00",
        "x = " + "-" * 200_000 + "1",
        "'\ud800'",
    ],
    ids=["syntax", "deep", "nul", "unary", "surrogate"],
)
def test_source_that_does_not_parse_says_less(tmp_path: Path, text: str) -> None:
    (tmp_path / "solution.py").write_bytes(text.encode("utf-8", "surrogatepass"))
    source = read_source(tmp_path, "solution.py")
    assert source.places == {}
    assert not source.is_whole


def test_the_child_runs_the_rules_of_this_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second checkout beside the one that is installed has its own rules read source."""
    rules = tmp_path / "grader" / "doctor" / "rules"
    rules.mkdir(parents=True)
    for folder in (rules, rules.parent, rules.parent.parent):
        (folder / "__init__.py").touch()
    (rules / "finder.py").write_text("def main(paths):\n    print('the second checkout')\n")
    monkeypatch.setattr(reading, "ROOT", tmp_path)
    assert reading.ask_child("finder", []) == "the second checkout\n"


def test_a_submission_without_python_has_no_places(tmp_path: Path) -> None:
    assert read_source(tmp_path, "solution.py") == Source()


@pytest.mark.parametrize(
    "line",
    [
        *(
            "no_zero_grad\t9\t3",
            "no_zero_grad\t0\t0",
            f"no_zero_grad\t0\t{MOST_LINES}",
            "made_up\t0\t3",
            "no_zero_grad",
        ),
        *(
            "no_zero_grad\t0\t3\t4",
            "no_zero_grad\t-1\t3",
            "no_zero_grad\t0\t\u0663",
            "\x1b[2J\t0\t1",
            "",
        ),
        f"no_zero_grad\t0\t{'1' * 5000}",
    ],
)
def test_only_known_rules_and_lines_are_taken_from_the_child(line: str) -> None:
    assert understood(f"{line}\nhigh_rate\t0\t3\n", ["a.py"]) == Source({"high_rate": "a.py:3"})


def test_the_whole_way_names_the_line(tmp_path: Path) -> None:
    run = Run("mutant", "mixed_rows", 0, 0)
    text = prepared(run, ("digits",))[1]
    (tmp_path / "solution.py").write_text(text)

    def mixing(batch: np.ndarray) -> np.ndarray:
        rows = batch.reshape(len(batch), -1).astype(np.float64)
        return right(rows.T.reshape(rows.shape).reshape(-1, 4, 4))

    inputs, labels = examples()
    train = (inputs, labels)
    hidden = (mixing(inputs).astype(np.float32), labels)
    draw = np.random.default_rng(0)
    found = examine_classifier(
        Answers(mixing),
        tmp_path,
        "solution.py",
        train=train,
        hidden=hidden,
        classes=CLASSES,
        draw=draw,
    )
    place = next(
        number for number, line in enumerate(text.splitlines(), 1) if "x.T.reshape" in line
    )
    assert (found.diagnoses[0].code, found.diagnoses[0].where) == (
        "mixed_rows",
        f"solution.py:{place}",
    )
