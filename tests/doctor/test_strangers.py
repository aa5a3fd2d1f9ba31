"""Programs by strangers: how they are read and counted, and what their source alone shows."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from benchmarks.doctor.strangers import (
    Program,
    marks_of,
    programs_of,
    read_program,
    run,
    table,
    unknown_codes,
)
from grader.doctor.rules.finder import places
from grader.doctor.rules.syntax import Code

FOLDER = Path(__file__).resolve().parent.parent / "data" / "doctor_strangers"
DEVELOPMENT = programs_of(FOLDER / "development")
# mistake -> rules that point at it; the others show in the answers alone
POINTED_AT = {
    "argmax_over_batch": {"picks_over_batch"},
    "batch_statistics": {"fits_in_predict"},
    "broadcast_error": {"column_minus_row"},
    "climbing": {"climbs"},
    "double_softmax": {"softmax_last"},
    "first_state": {"state_of_first_step"},
    "flattering_metric": {"binary_accuracy", "shuffled_test"},
    "generator_cut": {"cut_generator"},
    "generator_target": {"generator_target"},
    "lagging_statistics": {"slow_statistics"},
    "leaves_loop": {"leaves_loop"},
    "linear_only": {"linear_after_linear"},
    "nan_from_log": {"bare_log"},
    "never_trained": {"cleared_before_step", "cut_loss", "no_backward", "never_applied"},
    "no_zero_grad": {"no_zero_grad"},
    "number_for_category": {"tokens_as_quantities"},
    "one_unit_softmax": {"one_unit_softmax"},
    "other_preparation": {"scaled_once"},
    "padded_last_state": {"state_after_padding"},
    "plain_list": {"plain_list"},
    "raw_pixels": {"raw_pixels"},
    "relu_on_scores": {"relu_last"},
    "scrambled_pixels": {"reshaped_channels"},
    "sorted_classes": {"sorted_examples"},
    "viewed_axes": {"viewed_axes"},
    "trains_other_network": {"generator_holds_both"},
    "untrained_part": {"part_in_optimizer", "frozen"},
}
POINTED_AT["never_trained"] |= {"no_step", "other_model", "no_training", "update_thrown_away"}
# Rules that no symptom has to agree with: of a correct program they must not speak.
SURE = {
    "binary_accuracy",
    "cleared_before_step",
    "cut_loss",
    "generator_holds_both",
    "generator_target",
    "low_by_name",
    "never_applied",
    "no_training",
    "picks_over_batch",
    "picks_smallest",
    "plain_list",
    "shuffled_test",
    "slow_statistics",
    "state_of_first_step",
    "tokens_as_quantities",
    "update_thrown_away",
}


def places_in(program: Program) -> dict[str, str]:
    code = Code([ast.parse(program.text)])
    found: dict[str, str] = {}
    for rule, node in places(code):
        found.setdefault(rule, f"solution.py:{getattr(node, 'lineno', 1)}")
    return found


def test_there_are_enough_of_them_and_every_mistake_has_a_name() -> None:
    both = [*DEVELOPMENT, *programs_of(FOLDER / "apart")]
    faulty = [program for program in both if program.is_faulty]
    assert len(faulty) >= 90
    assert len(both) - len(faulty) >= 60
    assert unknown_codes([each for each in both if not each.says]) == set()
    assert all(program.lines for program in faulty)


def rules_for(program: Program) -> set[str]:
    """Return the rules that have to point at the mistake; none where a message or a case does."""
    if program.says:
        return set()
    return set().union(*(POINTED_AT.get(code, set()) for code in program.mistakes))


@pytest.mark.parametrize(
    "program",
    [each for each in DEVELOPMENT if rules_for(each)],
    ids=lambda program: program.name,
)
def test_the_source_shows_the_right_line(program: Program) -> None:
    found = places_in(program)
    rules = rules_for(program) & found.keys()
    assert any(program.is_right_line(found[rule]) for rule in rules)


@pytest.mark.parametrize(
    "program",
    [each for each in DEVELOPMENT if not each.is_faulty],
    ids=lambda program: program.name,
)
def test_a_correct_program_has_none_of_the_places_that_are_nearly_enough(program: Program) -> None:
    assert places_in(program).keys() & SURE == set()


HEADER = """# task: mnist
# mistake: no_zero_grad | climbing
# line: loss.backward() | step()
# fix: a = 1 => a = 2\\n    b = 3
# says: cleared
a = 1
loss.backward()
"""


def test_a_header_says_what_a_program_is(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(HEADER)
    program = read_program(tmp_path / "odd.py")
    assert program.mistakes == ("no_zero_grad", "climbing")
    assert program.fixed().splitlines()[-3:] == ["a = 2", "    b = 3", "loss.backward()"]
    assert program.is_right_line("solution.py:7")
    assert not program.is_right_line("solution.py:6")
    assert not program.is_right_line("")


def test_a_header_that_lacks_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text("# task: mnist\n")
    with pytest.raises(ValueError, match="mistake"):
        read_program(tmp_path / "odd.py")


def said(**run: Any) -> dict[str, Any]:
    quiet = {"verdict": "below_target", "reason": "", "named": [], "words": []}
    return {"run": quiet | run, "check": quiet | {"verdict": "ready", "advice": {}}}


def test_what_counts_as_flagged_named_and_placed(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(HEADER)
    (tmp_path / "right.py").write_text("# task: mnist\n# mistake: none\n")
    odd, right = programs_of(tmp_path)
    marks = marks_of(odd, said(named=[["climbing", "solution.py:7"]]))
    assert (marks.flagged, marks.is_named, marks.is_placed) == (True, True, True)
    assert not marks_of(odd, said(named=[["low_rate", ""]])).is_named
    assert marks_of(odd, said(reason="never cleared", verdict="runtime_error")).is_named
    assert not marks_of(right, said()).flagged
    assert marks_of(right, said(verdict="runtime_error")).flagged
    told = table([odd, right], {"odd": said(), "right": said()})
    assert "flagged 0 of 1" in told
    assert "false alarms 0 of 1" in told


@pytest.mark.parametrize(
    "name", ["f60_column_minus_row", "f25_labels_from_one", "c36_diabetes_ridge"]
)
def test_a_program_goes_the_whole_way(name: str) -> None:
    folder = FOLDER / ("apart" if name.startswith("c36") else "development")
    program = next(each for each in programs_of(folder) if each.name == name)
    codes = [code for code, _ in run(program.text, program.task)["named"]]
    assert codes[:1] == list(program.mistakes[:1])
