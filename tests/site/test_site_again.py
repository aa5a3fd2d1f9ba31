"""A site made again is the site that would be made anew, whatever happened to the store, and reads
little for it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.factories import make_result
from support.synthetic import LOG, details_for, make_class

from grader.commands.parts.site_pages import write_site
from grader.course.curriculum import find_task
from grader.records import Result, Verdict
from grader.results import store
from reports import making

COURSE = ("neuron", "digits")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A store of two tasks with what is kept beside results."""
    folder = tmp_path / "results"
    for result in make_class(60, [find_task(name) for name in COURSE], authors=20):
        store.save(
            folder, result, log=LOG if result.measurements else "", details=details_for(result)
        )
    return folder


def made(root: Path, site: Path) -> dict[str, str]:
    """Write the site and return every page of it."""
    folder = write_site(root, site, latest=False).parent
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in folder.rglob("*.html")
    }


def made_anew(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the pages of a site that nothing is known of."""
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "another cache"))
    return made(root, tmp_path / "another site")


def a_scored_one(root: Path, task: str = "digits") -> Result:
    return next(
        each for each in store.load_results(root, task)[0] if each.score and each.score.total > 50
    )


def edit_unseen(root: Path) -> None:
    """Change a figure by hand, as long as before, and put the old date back."""
    result = a_scored_one(root)
    path = store.result_folder(root, result) / store.RESULT_FILE
    before, text = path.stat(), path.read_text("utf-8")
    assert result.score is not None
    path.write_text(text.replace(result.submission.author, result.submission.author[::-1]), "utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def cut(root: Path) -> None:
    path = store.result_folder(root, a_scored_one(root)) / store.RESULT_FILE
    path.write_bytes(path.read_bytes()[:300])


def remove(root: Path) -> None:
    shutil.rmtree(store.result_folder(root, a_scored_one(root)))


def judge_anew(root: Path) -> None:
    store.replace(
        root,
        a_scored_one(root).model_copy(update={"verdict": Verdict(status="flagged", reason="look")}),
    )


def print_more(root: Path) -> None:
    (store.result_folder(root, a_scored_one(root)) / store.LOG_FILE).write_text(
        "epoch 1: loss 9.5", "utf-8"
    )


def lose_details(root: Path) -> None:
    (store.result_folder(root, a_scored_one(root)) / store.DETAILS_FILE).write_text("{", "utf-8")


def add(root: Path) -> None:
    best = a_scored_one(root)
    newer = {"id": "20990101T000000Z-00000001", "created_at": best.created_at.replace(year=2099)}
    store.save(root, best.model_copy(update=newer))


@pytest.mark.parametrize(
    "happens", [edit_unseen, cut, remove, judge_anew, print_more, lose_details, add]
)
def test_a_site_made_again_is_the_one_that_would_be_made_anew(
    happens: Callable[[Path], None], root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = made(root, tmp_path / "site")
    happens(root)
    again = made(root, tmp_path / "site")
    assert again != before
    assert again == made_anew(root, tmp_path, monkeypatch)


@pytest.mark.parametrize("happens", [edit_unseen, cut, remove, judge_anew])
def test_what_changes_between_the_look_and_the_reading_is_read_again(
    happens: Callable[[Path], None], root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(root, tmp_path / "site")
    add(root)  # the pages of its board are made again, and read every result of it
    real = store.summaries

    def and_then(*words: Path, **options: dict[str, Result]) -> object:
        found = real(*words, **options)  # type: ignore[arg-type]
        happens(root)
        return found

    monkeypatch.setattr(store, "summaries", and_then)
    again = made(root, tmp_path / "site")
    monkeypatch.setattr(store, "summaries", real)
    assert again == made_anew(root, tmp_path, monkeypatch)


def test_of_tasks_where_nothing_changed_only_what_is_shown_elsewhere_is_read(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(root, tmp_path / "site")
    add(root)
    read: list[str] = []
    real = store.read_result

    def counted(path: str | Path) -> Result | str:
        read.append(Path(path).parts[-3])
        return real(path)

    monkeypatch.setattr(store, "read_result", counted)
    made(root, tmp_path / "site")
    assert read.count("digits") == 31
    assert 0 < read.count("neuron") < 16
    read.clear()
    made(root, tmp_path / "site")
    assert 0 < len(read) < 40


def test_one_more_result_writes_its_page_its_author_its_board_and_the_overviews(
    root: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"

    def files() -> dict[str, int]:
        pages = site.rglob("*.html")
        return {page.relative_to(site).as_posix(): page.stat().st_ino for page in pages}

    made(root, site)
    before = files()
    best = a_scored_one(root)
    newcomer = best.submission.model_copy(update={"author": "Newcomer"})
    store.save(root, best.model_copy(update={"id": "newest", "submission": newcomer}))
    made(root, site)
    written = sorted(path for path, inode in files().items() if before.get(path) != inode)
    author = next(path for path in written if path.startswith("authors/"))
    overviews = ["class.html", "curriculum.html", "frameworks.html", "index.html"]
    assert written == [author, "boards/digits.html", *overviews, "results/newest.html"]


@pytest.mark.parametrize("begin", ["fork", "spawn"])
def test_pages_that_other_processes_made_are_those_that_one_makes(
    begin: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = made(root, tmp_path / "alone")
    monkeypatch.setattr(making, "ENOUGH_FOR_PROCESSES", 1)
    monkeypatch.setattr(making, "usable_cores", lambda: 2)
    monkeypatch.setattr(making, "has_one_thread", lambda: begin == "fork")
    monkeypatch.setattr(making.Pages, "make", refuse_here(making.Pages.make))
    assert made(root, tmp_path / "shared out") == alone


def refuse_here(make: Callable[..., None]) -> Callable[..., None]:
    """Return a way to make pages that this process may not use."""
    here = os.getpid()

    def make_elsewhere(*words: object) -> None:
        assert os.getpid() != here
        make(*words)

    return make_elsewhere


def test_a_pool_that_cannot_start_leaves_no_page_out(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = made(root, tmp_path / "alone")
    monkeypatch.setattr(making, "ENOUGH_FOR_PROCESSES", 1)
    monkeypatch.setattr(making, "usable_cores", lambda: 2)
    monkeypatch.setattr(making, "begin", dies)
    assert made(root, tmp_path / "site") == alone


def dies(pages: object) -> None:
    os._exit(1)


def test_what_another_version_could_not_read_is_tried_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = store.read_result
    monkeypatch.setattr(store, "read_result", lambda path: f"{path} is of another version")
    known, broken = store.summaries(root)
    assert (len(known), len(broken)) == (0, 60)
    monkeypatch.setattr(store, "read_result", real)
    known, broken = store.summaries(root)
    assert (len(known), len(broken)) == (60, 0)


def test_a_summary_whose_result_changed_is_refused(root: Path) -> None:
    result = make_result("Ada")
    store.save(root, result)
    (summary,) = store.summaries(root, "mnist")[0]
    assert store.whole(root, summary) == result
    store.replace(root, result.model_copy(update={"verdict": Verdict(status="flagged")}))
    with pytest.raises(store.StoreChanged, match="changed in the meantime"):
        store.whole(root, summary)
    shutil.rmtree(store.result_folder(root, result))
    with pytest.raises(store.StoreChanged, match="cannot be read"):
        store.whole(root, summary)
