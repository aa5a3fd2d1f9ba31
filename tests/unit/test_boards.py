"""Who stands on which board, in which order, with which rank."""

from __future__ import annotations

from typing import Any

from support.factories import accuracy, make_function_result, make_result, ratio

from grader.records import Measured, Result, Status, Tier
from grader.results.boards import Board, make_boards


def only_board(results: list[Result], *, latest: bool = False) -> Board:
    (board,) = make_boards(results, latest=latest)
    return board


def ranks(board: Board) -> list[tuple[str, int | None]]:
    return [(entry.result.submission.author, entry.rank) for entry in board.entries]


def scored(author: str, total: float, value: float, **changes: Any) -> Result:
    return make_result(
        author, points=(total, 0, 0), measurements={"accuracy": accuracy(value)}, **changes
    )


def test_no_results_make_no_boards() -> None:
    assert make_boards([]) == []


def test_task_exam_version_tier_and_device_each_make_a_board_of_their_own() -> None:
    results = [
        make_result(),
        make_result(task="digits"),
        make_result(exam_version="exam-2"),
        make_result(tier=Tier.PROCESS),
        make_result(device="cuda"),
    ]
    boards = make_boards(results)
    assert len(boards) == 5
    assert all(len(board.entries) == 1 for board in boards)


def test_a_score_version_makes_no_board_of_its_own_but_is_reported() -> None:
    board = only_board([make_result("Ada"), make_result("Bo", score_version="score-2")])
    assert board.has_mixed_scoring
    assert not only_board([make_result("Ada"), make_result("Bo")]).has_mixed_scoring


def test_boards_follow_the_curriculum_and_put_the_current_exam_and_the_strongest_tier_first() -> (
    None
):
    results = [
        make_result(task="aaa"),
        make_result(task="mnist", tier=Tier.PROCESS),
        make_result(task="mnist", tier=Tier.CONTAINER, minutes=-5),
        make_result(task="mnist", exam_version="older", minutes=-9),
        make_result(task="mnist", exam_version="old"),
        make_result(task="digits"),
    ]
    boards = make_boards(results, current={"digits": "exam-1", "mnist": "exam-1"})
    assert [(board.key.task_id, board.key.exam_version) for board in boards] == [
        ("digits", "exam-1"),
        ("mnist", "exam-1"),
        ("mnist", "exam-1"),
        ("mnist", "old"),
        ("mnist", "older"),
        ("aaa", "exam-1"),
    ]
    assert [board.key.tier for board in boards[1:3]] == [Tier.CONTAINER, Tier.PROCESS]
    assert [board.is_current for board in boards] == [True, True, True, False, False, False]


def test_the_same_bytes_stand_with_the_median_of_their_runs() -> None:
    lucky = graded_again(scored("Ada", 91.1, 0.96), "a")
    usual = graded_again(scored("Ada", 88.9, 0.95), "a")
    unlucky = graded_again(scored("Ada", 86.7, 0.94), "a")
    board = only_board([lucky, unlucky, usual])
    assert [entry.result for entry in board.entries] == [usual]
    assert board.entries[0].attempts == 3
    assert [entry.result for entry in only_board([lucky, usual]).entries] == [usual]


def test_of_several_submissions_the_best_median_counts_or_the_last() -> None:
    steady = [graded_again(scored("Ada", points, 0.95), "a") for points in (88.0, 89.0, 90.0)]
    lucky_once = [graded_again(scored("Ada", points, 0.95), "b") for points in (95.0, 80.0, 81.0)]
    assert [each.result for each in only_board([*steady, *lucky_once]).entries] == [steady[1]]
    last = only_board([*steady, *lucky_once], latest=True)
    assert [each.result for each in last.entries] == [lucky_once[2]]


def graded_again(result: Result, sha256: str) -> Result:
    submission = result.submission.model_copy(update={"sha256": sha256})
    return result.model_copy(update={"submission": submission})


def test_each_author_stands_once_with_the_best_entry() -> None:
    best = scored("Ada", 90, 0.97)
    board = only_board([scored("Ada", 80, 0.96), best, scored("Ada", 70, 0.95)])
    assert [entry.result for entry in board.entries] == [best]
    assert board.entries[0].attempts == 3


def test_latest_shows_the_newest_entry_even_where_it_is_worse() -> None:
    newest = scored("Ada", 70, 0.95, minutes=999)
    board = only_board([scored("Ada", 90, 0.97, minutes=1), newest], latest=True)
    assert [entry.result for entry in board.entries] == [newest]


def test_an_accepted_entry_beats_a_higher_score_that_was_not_accepted() -> None:
    accepted = scored("Ada", 60, 0.9)
    board = only_board([scored("Ada", 95, 0.99, status=Status.FLAGGED), accepted])
    assert [entry.result for entry in board.entries] == [accepted]


def test_names_that_look_alike_are_one_author() -> None:
    look_alikes = ["Ada", "Ada\u202e", " ada ", "A\u200dda", "\uff21da"]
    assert len(only_board([make_result(author) for author in look_alikes]).entries) == 1


def test_entries_with_overlapping_intervals_share_a_rank_and_the_next_rank_counts_them() -> None:
    board = only_board([scored("Cy", 60, 0.90), scored("Bo", 79, 0.969), scored("Ada", 80, 0.970)])
    assert ranks(board) == [("Ada", 1), ("Bo", 1), ("Cy", 3)]
    assert [entry.shared for entry in board.entries] == [True, True, False]


def test_a_chain_of_overlaps_does_not_pull_the_last_up_to_the_first() -> None:
    board = only_board([scored("Ada", 80, 0.970), scored("Bo", 75, 0.965), scored("Cy", 70, 0.960)])
    assert ranks(board) == [("Ada", 1), ("Bo", 1), ("Cy", 3)]


def test_ranks_never_run_backwards_down_the_board() -> None:
    values = [0.95, 0.95, 0.99, 0.95, 0.97, 0.951]
    results = [scored(f"author {i}", 90 - i, value) for i, value in enumerate(values)]
    numbers = [entry.rank for entry in only_board(results).entries]
    assert numbers == sorted(n for n in numbers if n is not None)
    assert len(set(numbers)) > 1


def test_equally_accurate_entries_are_told_apart_by_their_speed() -> None:
    def fast(author: str, points: float, speed: float) -> Result:
        measurements = {"accuracy": accuracy(0.97), "speed_ratio": ratio(speed)}
        return make_result(author, points=(60, points, 8), measurements=measurements)

    board = only_board([fast("Ada", 18, 3.0), fast("Bo", 17.9, 2.99), fast("Cy", 12, 1.0)])
    assert ranks(board) == [("Ada", 1), ("Bo", 1), ("Cy", 3)]


def test_quartiles_are_no_interval_to_share_a_rank_by() -> None:
    def measured(value: float) -> dict[str, Measured]:
        return {
            "accuracy": Measured(value=value, low=0.5, high=1.0, unit="share", spread="quartiles")
        }

    results = [
        make_result(a, points=(t, 0, 0), measurements=measured(v))
        for a, t, v in [("A", 80, 0.9), ("B", 70, 0.8)]
    ]
    assert ranks(only_board(results)) == [("A", 1), ("B", 2)]


def test_function_tasks_rank_by_score_alone() -> None:
    results = [
        make_function_result(author, passed)
        for author, passed in [("Ada", 9), ("Bo", 10), ("Cy", 10), ("Di", 2)]
    ]
    assert [rank for _, rank in ranks(only_board(results))] == [1, 1, 3, 4]


def test_of_equal_entries_the_earlier_one_is_listed_first() -> None:
    board = only_board(
        [scored("late", 80, 0.97, minutes=50), scored("early", 80, 0.97, minutes=10)]
    )
    assert [author for author, _ in ranks(board)] == ["early", "late"]


def test_entries_that_are_not_accepted_follow_without_a_rank() -> None:
    board = only_board(
        [
            scored("Bo", 95, 0.99, status=Status.FLAGGED),
            scored("Cy", 20, 0.5, status=Status.BELOW_TARGET),
            scored("Ada", 60, 0.9),
        ]
    )
    assert ranks(board) == [("Ada", 1), ("Bo", None), ("Cy", None)]


def test_grader_errors_are_listed_first_never_ranked_and_no_attempt() -> None:
    trouble = make_result("Zed", status=Status.GRADER_ERROR, points=None, measurements={})
    board = only_board([scored("Ada", 60, 0.9), trouble])
    assert ranks(board) == [("Zed", None), ("Ada", 1)]
    assert board.entries[0].attempts == 0


def test_a_grader_error_is_listed_until_the_same_author_is_graded_after_it() -> None:
    graded = scored("Ada", 60, 0.9, minutes=10)
    before = make_result("Ada", status=Status.GRADER_ERROR, points=None, minutes=5)
    after = make_result("Ada", status=Status.GRADER_ERROR, points=None, minutes=15)
    assert [entry.result for entry in only_board([graded, before]).entries] == [graded]
    assert [entry.result for entry in only_board([graded, after]).entries] == [after, graded]


def test_a_score_that_is_not_a_number_sorts_last_and_leads_nobody() -> None:
    board = only_board([scored("Ada", float("nan"), 0.99), scored("Bo", 10, 0.5)])
    assert ranks(board) == [("Bo", 1), ("Ada", 2)]


def test_a_board_names_each_machine_once() -> None:
    here = make_result("Ada")
    other = here.machine.model_copy(update={"id": "m2"})
    board = only_board([here, make_result("Bo"), make_result("Cy", machine=other)])
    assert sorted(machine.id for machine in board.machines) == ["m1", "m2"]
