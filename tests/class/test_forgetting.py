"""What is known about one learner is listed, and goes; nobody else's does."""

from __future__ import annotations

from pathlib import Path

from support.factories import make_function_result
from support.here import grader_here

from grader.classroom.forgetting import is_named_after
from grader.classroom.journal import Journal
from grader.results import store
from grader.results.merging import merge, write_part_list


def test_a_learner_is_forgotten_after_a_list(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("Name,ID,Login\nAda Lovelace,1,ada\nBen Roe,2,ben\n")
    assert grader_here("class", "init", "r.csv", cwd=tmp_path).returncode == 0
    (tmp_path / "class" / "course.toml").write_text('[[tasks]]\nid = "softmax"\n')
    for author in ("Ada Lovelace", "Ada Lovelace", "Ben Roe"):
        store.save(tmp_path / "results", make_function_result(author, 7), log=f"by {author}")
    for words in (("report",), ("export", "csv"), ("feedback",)):
        assert grader_here(*words, cwd=tmp_path).returncode == 0
    journal = tmp_path / "class" / "journal.jsonl"
    Journal(journal).add("regrade", author="Ada Lovelace", why="x")
    Journal(journal).add("regrade", author="Ben Roe", why="y")

    done = grader_here("forget", "ada", cwd=tmp_path)
    assert "2 results" in done.stdout
    assert "Nothing was removed" in done.stdout
    assert len(store.load_results(tmp_path / "results")[0]) == 3
    assert grader_here("forget", "eve", cwd=tmp_path).returncode == 2

    done = grader_here("forget", "ada", "--yes", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    left = store.load_results(tmp_path / "results")[0]
    assert [each.submission.author for each in left] == ["Ben Roe"]
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != "r.csv":
            assert b"Lovelace" not in path.read_bytes(), path
    assert "Ben Roe" in journal.read_text()
    assert Journal(journal).problems() == []
    assert "1 learners" in grader_here("class", "show", cwd=tmp_path).stdout


def test_lists_of_parts_forget_a_learner_and_still_merge(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("Name,ID,Login\nAda Lovelace,1,ada\nBen Roe,2,ben\n")
    assert grader_here("class", "init", "r.csv", cwd=tmp_path).returncode == 0
    (tmp_path / "class" / "course.toml").write_text('[[tasks]]\nid = "softmax"\n')
    jobs = ["lovelaceada_12_7_solution.py", "roeben_13_8_solution.py"]
    for number, author in enumerate(("Ada Lovelace", "Ben Roe"), start=1):
        part = tmp_path / f"part{number}"
        store.save(part, make_function_result(author, 7), log="")
        write_part_list(part, number, 2, jobs)

    for number in (1, 2):
        words = ("forget", "ada", "--yes", "--results", f"part{number}", "--class", "class")
        (tmp_path / "kept.csv").write_bytes((tmp_path / "class" / "roster.csv").read_bytes())
        done = grader_here(*words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "1 lists of parts" in done.stdout
        (tmp_path / "class" / "roster.csv").write_bytes((tmp_path / "kept.csv").read_bytes())
        text = (tmp_path / f"part{number}" / f"part-{number}-of-2.json").read_text()
        assert "lovelace" not in text.lower()
        assert "roeben" in text

    merged = merge([tmp_path / "part1", tmp_path / "part2"], tmp_path / "all")
    assert (merged.copied, merged.missing_parts) == (1, [])


def test_other_peoples_files_keep_their_names() -> None:
    names = frozenset({"jane roe", "jroe"})
    for file in ("roejane_LATE_4_9_hw.py", "Jane Roe_12_assignsubmission_file", "jroe.ipynb"):
        assert is_named_after(file, names), file
    for file in ("janet_roes.py", "roe.py", "jane/solution.py", "solution.py"):
        assert not is_named_after(file, names), file
