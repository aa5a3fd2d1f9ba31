"""A small wrong answer on a result's page: target, yours, difference, whatever numbers were sent or
stored.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from support.factories import make_function_result

from grader.records import Answer, CaseGroup, Details
from reports.answers import LONGEST_SIDE, MOST_ANSWERS, STRONGEST, is_table, sheets, shown_answers
from reports.pages.page import TEMPLATES
from reports.pages.result import Beside, result_page

HOSTILE = '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


def answer(target: Any, yours: Any, **changes: Any) -> Answer:
    values: dict[str, Any] = {
        "function": "softmax",
        "group": "large inputs",
        "target_shape": [len(target), len(target[0])] if target else [0],
        "yours_shape": [len(yours), len(yours[0])] if yours else [0],
        "target": target,
        "yours": yours,
    }
    return Answer(**(values | changes))


def page(*answers: Answer, **group: Any) -> str:
    result = make_function_result("Ada", 3)
    group = {"message": "case 1 of 10: wrong value\n  expected  1\n  received  2"} | group
    result = result.model_copy(update={"cases": [result.cases[0].model_copy(update=group)]})
    return result_page(result, Beside(details=Details(answers=list(answers))))


def test_target_yours_and_difference_stand_side_by_side() -> None:
    text = page(
        answer([[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [3.5, 4.0]], wrong=[(1, 0)], name="dW")
    )
    assert [each for each in ("Target", "Yours", "Difference") if f"<caption>{each} " in text]
    assert len(re.findall(r"<caption>", text)) == 3
    assert text.count('<span class="hidden"> wrong</span>') == 2  # in yours and in the difference
    assert "dW (2, 2)" in text
    assert ">0.5<" in text


def test_without_a_wrong_group_or_a_picture_there_is_none() -> None:
    assert "<caption>" not in page()
    assert "<caption>" not in page(answer([[1.0]], [[2.0]], group="another"))


def test_answers_of_another_shape_have_no_difference() -> None:
    made = sheets(answer([[1.0, 2.0, 3.0]], [[1.0], [2.0], [3.0]]))
    assert [sheet.caption for sheet in made] == ["Target", "Yours"]
    assert [len(sheet.rows) for sheet in made] == [1, 3]
    row_for_column = answer([[1.0, 2.0]], [[1.0, 2.0]], target_shape=[2], yours_shape=[1, 2])
    assert [sheet.about for sheet in sheets(row_for_column)] == ["(2,)", "(1, 2)"]


def test_what_is_wrong_never_prints_like_what_is_right() -> None:
    target, yours, difference = sheets(
        answer([[1.0, 1.0]], [[1.0 + 3e-9, 1.0 + 3e-9]], wrong=[(0, 1)])
    )
    assert target.rows[0][0].text == yours.rows[0][0].text == "1"
    assert target.rows[0][1].text != yours.rows[0][1].text
    assert [cell.text for cell in difference.rows[0]] == ["0", "3e\u221209"]
    assert [cell.is_wrong for cell in yours.rows[0]] == [False, True]


def test_the_ground_is_as_strong_as_the_number() -> None:
    target, yours, _ = sheets(answer([[0.0, -10.0]], [[5.0, "nan"]], wrong=[(0, 0), (0, 1)]))
    assert [(cell.strength, cell.sign) for cell in (*target.rows[0], *yours.rows[0])] == [
        (0, ""),
        (60, "down"),
        (30, "up"),
        (0, ""),
    ]
    assert all(
        cell.strength == 0 for cell in sheets(answer([[0.0]], [["inf"]], wrong=[(0, 0)]))[1].rows[0]
    )


NUMBERS = ["nan", "inf", "-inf", 1e308, -1e308, 5e-324, 0.0, -0.0]


@pytest.mark.parametrize("one", NUMBERS)
@pytest.mark.parametrize("other", NUMBERS)
def test_no_number_breaks_the_page(one: Any, other: Any) -> None:
    text = page(answer([[one, 1.0]], [[other, 1.0]], wrong=[(0, 0)]))
    assert "<caption>Difference" in text
    for strength in re.findall(r"--strength:([^%]*)%", text):
        assert 0 < int(strength) <= 60


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [[]],
        [[], []],
        [[1.0, 2.0], [3.0]],
        [[1.0] * (LONGEST_SIDE + 1)],
        [[1.0]] * (LONGEST_SIDE + 1),
    ],
    ids=["nothing", "an empty row", "empty rows", "ragged", "long", "high"],
)
def test_what_is_no_small_table_is_left_out(rows: Any) -> None:
    assert not is_table(rows)
    assert shown_answers(Details(answers=[answer(rows, [[1.0]]), answer([[1.0]], rows)])) == {}


def test_a_stored_file_of_many_answers_is_shown_in_part_and_odd_places_do_no_harm() -> None:
    odd = answer(
        [[1.0]],
        [[2.0]],
        wrong=[(7, 7), (-1, 0), (0, 0)],
        target_shape=[1] * 50,
        yours_shape=[1] * 50,
    )
    found = shown_answers(Details(answers=[odd] * 1000))
    assert sum(len(each) for each in found.values()) == MOST_ANSWERS


def test_hostile_names_and_messages_stay_text() -> None:
    text = page(
        answer([[1.0]], [[2.0]], name=HOSTILE, function=HOSTILE, group=HOSTILE, wrong=[(0, 0)]),
        function=HOSTILE,
        group=HOSTILE,
        status="skipped",
        message=f"not judged: {HOSTILE}\n{HOSTILE}",
    )
    assert "<caption>Target" in text
    assert "<script>window" not in text
    assert "<img src=x" not in text


def test_a_skipped_group_says_what_it_waits_for_and_keeps_the_rest_folded() -> None:
    text = page(
        status="skipped",
        message="not judged: it calls Neuron(), which is not correct yet\ncase 1 of 5: REST",
    )
    assert "skipped" in text
    assert "Not judged: it calls Neuron(), which is not correct yet." in text
    assert text.index("<details>") < text.index("REST") < text.index("</details>")
    assert "✕" not in text.partition("<h2>Cases</h2>")[2].partition("</article>")[0]


def test_a_group_is_shown_without_details() -> None:
    result = make_function_result("Ada", 3)
    every = [
        CaseGroup(function="f", group="g", status=each, cases=1, passed=0)
        for each in ("skipped", "fail")
    ]
    assert "skipped" in result_page(result.model_copy(update={"cases": every}))


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("sign", ["up", "down"])
def test_a_number_stands_out_from_the_strongest_ground(sign: str, look: str) -> None:
    """A browser's own tools don't see through a tint, so it is mixed here: 4.5 is what WCAG 2 asks
    of small text.
    """
    css = (TEMPLATES / "style.css").read_text("utf-8")
    tint = [
        int(each)
        for each in re.findall(rf"\.cells \.{sign} {{ --ground: (\d+) (\d+) (\d+); }}", css)[0]
    ]

    def colour(name: str) -> list[int]:
        value = re.findall(rf"--{name}: #([0-9a-f]{{6}});", css)[0 if look == "light" else 1]
        return [int(value[place : place + 2], 16) for place in (0, 2, 4)]

    def light(parts: list[float]) -> float:
        linear = [
            part / 255 / 12.92 if part <= 10.0164 else ((part / 255 + 0.055) / 1.055) ** 2.4
            for part in parts
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    share = STRONGEST / 100
    ground = light(
        [
            share * part + (1 - share) * below
            for part, below in zip(tint, colour("surface"), strict=True)
        ]
    )
    ink = light([float(part) for part in colour("ink")])
    assert (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05) >= 4.5
