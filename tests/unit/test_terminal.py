"""What a terminal shows of results and boards."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console
from support.factories import accuracy, make_result, make_task

from grader.commands.parts import run_report
from grader.records import STOPPED_NOTE, CaseGroup, Measured, Result, Status, Verdict
from grader.terminal import print_board, print_case, print_result
from grader.terminal.one_result import change_since
from grader.text import terminal_line, terminal_lines

FIGURES = {
    "accuracy": Measured(
        value=0.9731, low=0.96, high=0.98, n=600, unit="share", spread="95% interval"
    ),
    "macro_f1": Measured(value=0.97, n=600, unit="share"),
    "train_seconds": Measured(value=1.5, unit="seconds"),
    "perturbed_gap": Measured(
        value=0.005, low=-0.002, high=0.012, n=600, unit="share", spread="95% interval"
    ),
    "latency_seconds": Measured(
        value=1.4e-4, low=1.2e-4, high=1.6e-4, n=100, unit="seconds", noisy=True
    ),
    "throughput_per_second": Measured(value=291_100.0, n=8, unit="inputs a second"),
    "speed_ratio": Measured(
        value=1.25, low=1.2, high=1.3, n=40, unit="ratio", spread="95% interval"
    ),
    "peak_memory_bytes": Measured(value=234 << 20, unit="bytes", source="cgroup v1"),
    "memory_ratio": Measured(value=1.1, unit="ratio"),
}


def shown(width: int, show: object, *arguments: object) -> str:
    out = io.StringIO()
    assert callable(show)
    show(Console(file=out, width=width, color_system=None), *arguments)
    return out.getvalue()


def full() -> Result:
    return make_result().model_copy(update={"measurements": FIGURES})


@pytest.mark.parametrize(
    ("before", "is_apart", "says"),
    [
        (88.0, True, "+2.2 since your last run"),
        (92.44, True, "-2.2 since your last run"),
        (88.0, False, "no change beyond chance since your last run (88.0)"),
        (90.22, False, "the same as last time"),
    ],
)
def test_what_chance_alone_could_bring_is_told_as_no_change(
    before: float, is_apart: bool, says: str
) -> None:
    assert change_since(before, 90.22, is_apart=is_apart) == says


def test_two_runs_within_their_intervals_are_no_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = io.StringIO()
    monkeypatch.setattr(run_report, "console", lambda: Console(file=out, width=120))
    monkeypatch.setattr(run_report, "last_of_author", lambda result, earlier: earlier[0])
    first = make_result(points=(66.0, 0, 0), measurements={"accuracy": accuracy(0.970, 0.01)})
    other = make_result(points=(68.0, 0, 0), measurements={"accuracy": accuracy(0.975, 0.01)})
    far = make_result(points=(72.0, 0, 0), measurements={"accuracy": accuracy(0.995, 0.004)})
    for each in (other, far):
        run_report.show_result(each, make_task(), [first], None)
    said = out.getvalue()
    assert "no change beyond chance since your last run (66.0)" in said
    assert "+6.0 since your last run" in said


def test_a_board_shows_every_figure_that_has_a_column() -> None:
    text = shown(200, print_board, "Digits", [(1, full()), (None, make_result())])
    for part in ("97.3 %", "1.5 s", "140 µs", "291.1k", "1.25 \u00d7", "234 MiB", "1.10 \u00d7"):
        assert part in text


def test_a_result_shows_every_figure_with_its_interval_and_source() -> None:
    text = re.sub(r" {2,}", "  ", shown(120, print_result, full(), "try a convolution"))
    for part in (
        "97.3 %  96.0 to 98.0",
        "0.50 %  -0.20 to 1.20",
        "1 \u00d7",
        "try a convolution",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("name", "figure", "text"),
    [
        (
            "mean_absolute_error",
            Measured(value=43.67, low=38.1, high=49.25, unit="target units", spread="95% interval"),
            "43.7  38.1 to 49.2",
        ),
        (
            "bits_per_character",
            Measured(
                value=1.91, low=1.885, high=1.93, unit="bits a character", spread="95% interval"
            ),
            "1.910 bits  1.885 to 1.930",
        ),
        (
            "frechet_distance",
            Measured(value=1234.4, low=999.5, high=1469, unit="distance", spread="95% interval"),
            "1,230  1,000 to 1,470",
        ),
        (
            "throughput_per_second",
            Measured(value=2911, low=2800, high=3000, unit="inputs a second", spread="quartiles"),
            "2,910 /s",
        ),
    ],
)
def test_every_figure_with_an_interval_shows_it(name: str, figure: Measured, text: str) -> None:
    result = make_result().model_copy(update={"measurements": {name: figure}})
    printed = shown(120, print_result, result, "")
    # However wide the columns are: two spaces at least stand between them.
    assert text in re.sub(r" {2,}", "  ", printed)


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(0.8, 1.2, "1.00"), (0.5, 1.5, "1.00"), (-11, 13, "1"), (0.98, 1.02, "1.000"), (1, 1, "1")],
)
def test_a_figure_has_two_digits_of_its_uncertainty_and_no_more(
    low: float, high: float, text: str
) -> None:
    figure = Measured(value=1.0, low=low, high=high, unit="distance", spread="95% interval")
    result = make_result().model_copy(update={"measurements": {"frechet_distance": figure}})
    [line] = [
        line
        for line in shown(120, print_result, result, "").splitlines()
        if "Fréchet distance" in line and "of 70" not in line
    ]
    assert line.split()[2] == text


def test_a_board_says_which_training_was_stopped() -> None:
    stopped = make_result().model_copy(update={"notes": [STOPPED_NOTE]})
    text = shown(200, print_board, "Digits", [(1, stopped), (2, make_result())])
    assert text.count("accepted, stopped") == 1


def test_a_board_shows_numbers_without_their_long_units() -> None:
    figures = {
        "mean_absolute_error": Measured(value=43.67, unit="target units"),
        "bits_per_character": Measured(value=1.912, unit="bits a character"),
        "train_seconds": Measured(value=1.5, unit="seconds"),
        "throughput_per_second": Measured(value=291_100.0, unit="inputs a second"),
    }
    result = make_result().model_copy(update={"measurements": figures})
    text = shown(80, print_board, "Diabetes", [(1, result)])
    for part in ("43.67", "1.912 bits", "1.5 s", "291.1k"):
        assert part in text
    assert "target" not in text
    assert "character" not in text
    assert "…" not in text


@pytest.mark.parametrize("name", ["[red]x[/red]", "[bold]", "a\x1b[31mb", "\u202egnp.exe"])
def test_names_are_text_and_no_markup(name: str) -> None:
    result = make_result()
    named = result.model_copy(
        update={"submission": result.submission.model_copy(update={"author": name})}
    )
    assert terminal_line(name) in shown(200, print_board, "t", [(1, named)])


def group(status: str, message: str, hint: str = "") -> CaseGroup:
    values = {
        "function": "f",
        "group": "typical",
        "cases": 5,
        "passed": 1,
        "message": message,
        "hint": hint,
    }
    return CaseGroup.model_validate(values | {"status": status})


@pytest.mark.parametrize("status", ["error", "pass"])
def test_a_reason_that_a_failing_case_gives_is_not_printed_twice(status: str) -> None:
    reason = "while running f(): ValueError: no such shape"
    failed = full().model_copy(
        update={
            "verdict": Verdict(status=Status.RUNTIME_ERROR, code="exception", reason=reason),
            "cases": [group(status, f"case 1 of 5\n{reason}")],
        }
    )
    assert shown(80, print_result, failed, "").count(reason) == 1


@pytest.mark.parametrize("width", [36, 50, 80, 200])
def test_a_long_line_goes_on_below_itself_and_loses_nothing(width: int) -> None:
    message = (
        f"case 1 of 5\n  expected  {'word ' * 30}\n      [{'1.5, ' * 30}]\n"
        f"  received  {'x' * 300}\n\n  end"
    )
    text = shown(
        width,
        print_case,
        group("fail", message, "the sum was returned, not the mean of all the numbers"),
    )
    lines = text.splitlines()[1:]
    assert all(line.startswith(" " * 8) or not line for line in lines)
    assert all(len(line) <= width for line in lines)
    wanted = (
        f"{message}this is the result you get if the sum was returned, not the mean of all the "
        "numbers"
    )
    assert "".join("".join(lines).split()) == "".join(wanted.split())


def test_arrays_that_are_shown_keep_their_columns_in_a_usual_terminal() -> None:
    rows = ["      [[ 1.25,  2.  ],", "       [-1.  , 10.5 ]]"]
    text = shown(80, print_case, group("fail", "\n".join(["case 1 of 5", "  received", *rows])))
    assert text.splitlines()[-2:] == [f"        {row}" for row in rows]


def test_a_skipped_group_is_one_line_with_its_reason() -> None:
    text = shown(
        80,
        print_case,
        group("skipped", "not judged: it calls g(), which is not correct yet\ncase 1 of 5\nREST"),
    )
    assert text.splitlines() == [
        "  SKIP  f() typical: 1 of 5 cases",
        "        not judged: it calls g(), which is not correct yet",
    ]


@pytest.mark.parametrize("message", ["[red]x[/red]", "[/]", "\u202etxet", "", "\n\n", "a\tb"])
def test_a_message_is_text_whatever_it_holds(message: str) -> None:
    for status in ("fail", "error", "skipped", "not_attempted", "pass"):
        text = shown(60, print_case, group(status, message))
        if message.strip() and status in ("fail", "error", "skipped"):
            assert terminal_lines(message).split()[0] in text
        assert "\u202e" not in text


def test_the_registry_says_which_figures_a_terminal_shows() -> None:
    text = shown(120, print_result, full(), "")
    assert "peak memory" in text
    assert "accuracy lost on perturbed copies" in text
    assert "macro F1" not in text


def test_a_hostile_result_steers_no_terminal() -> None:
    hostile = "\x1b[2J\u202eA\x07"
    verdict = make_result().verdict.model_copy(update={"reason": hostile})
    result = full().model_copy(update={"verdict": verdict, "notes": [hostile]})
    text = shown(120, print_result, result, "")
    assert not {"\x1b", "\u202e", "\x07"} & set(text)
