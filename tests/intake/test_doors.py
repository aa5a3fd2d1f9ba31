"""What people hand in, as their systems make it: packed twice, with leftovers, under odd names.

One rule for a folder, a zip and a tar: each test lays the same files into all three.
"""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import SubmissionRefused, UsageError
from grader.intake.submission import open_submission
from grader.records import Submission

CODE = b"def train(data):\n    return None\n"
MIB = 1 << 20
Files = dict[str, bytes]
Pack = Callable[[Files], Path]


def as_folder(place: Path, files: Files) -> Path:
    for name, content in files.items():
        path = place / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return place / "work"


def as_zip(place: Path, files: Files) -> Path:
    with zipfile.ZipFile(place / "work.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return place / "work.zip"


def as_tar(place: Path, files: Files) -> Path:
    with tarfile.open(place / "work.tar.gz", "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return place / "work.tar.gz"


PACKERS = {"folder": as_folder, "zip": as_zip, "tar": as_tar}


@pytest.fixture(params=PACKERS)
def pack(request: pytest.FixtureRequest, tmp_path: Path) -> Pack:
    place = tmp_path / "handed-in"
    place.mkdir()
    return lambda files: PACKERS[request.param](place, files)


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "grader"


def opened(path: Path, into: Path) -> Submission:
    return open_submission(path, into, task_id="digits", author="Ada")[0]


def names(submission: Submission) -> list[str]:
    found = (path for path in submission.folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(submission.folder).as_posix() for path in found)


def refused(path: Path, into: Path) -> str:
    with pytest.raises(SubmissionRefused) as caught:
        opened(path, into)
    return str(caught.value)


# What is left out.


def test_what_tools_leave_behind_is_left_out_and_said(pack: Pack, into: Path) -> None:
    leftovers = {
        ".git/objects/aa/one": b"x",
        ".venv/lib/python3.11/site-packages/p/m.py": b"x",
        "__MACOSX/._solution.py": b"x",
        "._net.py": b"x",
        "Thumbs.db": b"x",
        "deep/.DS_Store": b"x",
        "deep/__pycache__/net.cpython-311.pyc": b"x",
        "~$report.docx": b"x",
    }
    kept = {"solution.py": CODE, "deep/net.py": b""}
    submission = opened(pack(leftovers | kept), into)
    assert names(submission) == ["deep/net.py", "solution.py"]
    said = "\n".join(submission.notes)
    assert "left out, because it is no part of a solution: " in said
    assert ".git" in said
    assert "and 2 more" in said


def test_what_is_left_out_counts_towards_no_limit(pack: Pack, into: Path) -> None:
    many: Files = {f".git/objects/{number:04x}": b"" for number in range(700)}
    big: Files = {"data/MNIST/raw/images": bytes(3 * MIB), "data/model.pt": b"x"}
    assert names(opened(pack({"solution.py": CODE} | many | big), into)) == ["solution.py"]


def test_a_virtual_environment_is_known_whatever_it_is_called(tmp_path: Path, into: Path) -> None:
    files: Files = {"solution.py": CODE, "torch-env/pyvenv.cfg": b"", "torch-env/lib/a.py": b""}
    for number, packer in enumerate((as_folder, as_zip)):
        submission = opened(packer(tmp_path, files), into / str(number))
        assert names(submission) == ["solution.py"]
        assert "torch-env" in submission.notes[0]


def test_a_package_called_data_keeps_its_python_files(pack: Pack, into: Path) -> None:
    package = {"data/__init__.py": b"", "data/loader.py": b"", "data/table.csv": b"1,2"}
    submission = opened(pack({"solution.py": CODE} | package), into)
    assert names(submission) == ["data/__init__.py", "data/loader.py", "solution.py"]
    assert submission.notes == ("left out the folder data: the grader provides the data",)


@pytest.mark.parametrize("around", ["mnist", "data", "MNIST/results"])
def test_a_folder_around_everything_is_kept_whatever_it_is_called(
    pack: Pack, into: Path, around: str
) -> None:
    files: Files = {
        f"{around}/solution.py": CODE,
        f"{around}/parts/net.py": b"",
        f"{around}/data/train.csv": b"1",
        "__MACOSX/._x": b"",
    }
    submission = opened(pack(files), into)
    assert names(submission) == ["parts/net.py", "solution.py"]
    assert any("the grader provides the data" in note for note in submission.notes)


def test_a_notebook_in_a_folder_called_like_its_data_is_found(pack: Pack, into: Path) -> None:
    assert opened(pack({"report.md": b"", "mnist/hw.py": CODE}), into).file == "hw.py"


def test_a_link_called_data_is_left_out_like_the_folder(tmp_path: Path, into: Path) -> None:
    folder = as_folder(tmp_path, {"solution.py": CODE})
    (folder / "data").symlink_to("/")
    assert names(opened(folder, into)) == ["solution.py"]


# Folders around folders.


@pytest.mark.parametrize("around", ["hw/", "course/week 1/hw/", "a/b/c/d/"])
def test_single_folders_are_gone_down_into(pack: Pack, into: Path, around: str) -> None:
    files = {f"{around}solution.py": CODE, f"{around}parts/net.py": b""}
    assert names(opened(pack(files), into)) == ["parts/net.py", "solution.py"]


def test_what_lies_beside_the_solutions_folder_is_said(pack: Pack, into: Path) -> None:
    submission = opened(pack({"report.pdf": b"%PDF", "hw/solution.py": CODE}), into)
    assert names(submission) == ["solution.py"]
    assert submission.notes == ("the solution is taken from hw, without report.pdf",)


def test_settings_around_the_solutions_folder_are_taken_along(pack: Pack, into: Path) -> None:
    settings = b'name = "wide"\n'
    submission = opened(pack({"submission.toml": settings, "hw/solution.py": CODE}), into)
    assert submission.name == "wide"


def test_of_several_folders_the_one_with_a_usual_name_is_taken(pack: Pack, into: Path) -> None:
    submission = opened(pack({"tests/test_net.py": b"", "src/solution.py": CODE}), into)
    assert names(submission) == ["solution.py"]
    assert "tests/test_net.py" in submission.notes[0]


def test_several_folders_that_might_be_meant_are_named(pack: Pack, into: Path) -> None:
    said = refused(pack({"one/solution.py": CODE, "two/solution.py": CODE}), into)
    assert "one/, two/" in said


def test_an_archive_in_a_folder_or_archive_is_opened(pack: Pack, into: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("hw/solution.py", CODE)
    submission = opened(pack({"Ada/hw.ZIP": inner.getvalue(), "Ada/report.pdf": b"%PDF"}), into)
    assert names(submission) == ["solution.py"]
    assert submission.notes == ("the solution is taken from hw.ZIP, without report.pdf",)


def test_a_link_that_somebody_names_is_followed(tmp_path: Path, into: Path) -> None:
    folder = as_folder(tmp_path, {"solution.py": CODE})
    link = tmp_path / "latest"
    link.symlink_to(folder)
    assert names(opened(link, into)) == ["solution.py"]


# Names.

ODD = [
    "Is it 7? 10:30.txt",
    "-x.txt",
    "trailing /a.txt",
    "\u7b54\u6848.txt",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645.txt",
    "\U0001f469\u200d\U0001f4bb.txt",
]


@pytest.mark.parametrize("name", ODD)
def test_an_odd_name_is_kept_because_a_program_may_open_its_file_by_it(
    pack: Pack, into: Path, name: str
) -> None:
    submission = opened(pack({"solution.py": CODE, name: b"x"}), into)
    assert name in names(submission)
    assert submission.notes == ()


def test_names_that_differ_in_capitals_alone_are_two_names(pack: Pack, into: Path) -> None:
    files = {"solution.py": CODE, "Net.py": b"", "net.py": b""}
    assert names(opened(pack(files), into)) == ["Net.py", "net.py", "solution.py"]


@pytest.mark.parametrize("name", ["a\x07b.py", "a\u202eb.py", "a\nb.py"])
def test_a_name_that_tricks_its_reader_is_refused_everywhere(
    pack: Pack, into: Path, name: str
) -> None:
    assert "cannot be displayed" in refused(pack({"solution.py": CODE, name: b""}), into)


def test_marks_around_a_name_are_dropped_and_said(pack: Pack, into: Path) -> None:
    """Phones put them around names of people."""
    submission = opened(pack({"\u2068Zo\u00eb\u2069.py": CODE}), into)
    assert submission.file == "Zo\u00eb.py"
    assert submission.notes == ("'\\u2068Zo\\xeb\\u2069.py' is called Zo\u00eb.py here",)


@pytest.mark.parametrize("name", ["Solution.PY", "solution.py.txt", "MAIN.py"])
def test_a_solution_in_capitals_or_saved_as_a_text_is_found(
    pack: Pack, into: Path, name: str
) -> None:
    submission = opened(pack({name: CODE, "net.py": b""}), into)
    assert submission.file.lower() in ("solution.py", "main.py")


@pytest.mark.parametrize("name", ["Homework.PY", "homework.py.txt"])
def test_a_script_alone_may_be_called_so_too(tmp_path: Path, into: Path, name: str) -> None:
    (tmp_path / name).write_bytes(CODE)
    assert opened(tmp_path / name, into).file.lower() == "homework.py"


def test_a_name_that_a_mac_wrote_without_saying_how_is_read(tmp_path: Path, into: Path) -> None:
    path = as_zip(tmp_path, {"solution.py": CODE, "LXsung.txt": b""})
    raw = path.read_bytes().replace(b"LXsung", "L\u00f6sung".encode()[:3] + b"ung")
    path.write_bytes(raw)
    assert "L\u00f6ung.txt" in names(opened(path, into))


# Which file.


def test_a_notebook_beside_solution_py_is_said_not_to_be_graded(pack: Pack, into: Path) -> None:
    submission = opened(pack({"solution.py": CODE, "solution.ipynb": b"{}"}), into)
    assert submission.file == "solution.py"
    assert submission.notes == ("solution.py is graded; solution.ipynb beside it is not",)


# Kinds of archives.


def test_a_bomb_in_a_tar_ends_at_the_limits(tmp_path: Path, into: Path) -> None:
    files = {"solution.py": CODE} | {f"f{number}.txt": bytes(90 * MIB) for number in range(6)}
    said = refused(as_tar(tmp_path, files), into)
    assert "540 MiB when unpacked; at most 512 MiB are accepted" in said


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_a_link_or_a_pipe_in_a_tar_is_refused(tmp_path: Path, into: Path, kind: bytes) -> None:
    entry = tarfile.TarInfo("solution.py")
    entry.type = kind
    entry.linkname = "/etc/passwd"
    with tarfile.open(tmp_path / "work.tar", "w") as archive:
        archive.addfile(entry)
    assert "link or a special file" in refused(tmp_path / "work.tar", into)


def test_a_path_out_of_a_tar_is_refused(tmp_path: Path, into: Path) -> None:
    said = refused(as_tar(tmp_path, {"../out.py": CODE}), into)
    assert "not a path inside the tar" in said
    assert not (tmp_path / "out.py").exists()


@pytest.mark.parametrize("name", ["work.tar.gz", "work.tar", "work.tgz"])
def test_a_damaged_tar_is_refused(tmp_path: Path, into: Path, name: str) -> None:
    whole = as_tar(tmp_path, {"solution.py": os.urandom(5000)}).read_bytes()
    (tmp_path / name).write_bytes(whole[:2000])
    assert "tar" in refused(tmp_path / name, into)


KINDS = {
    "work.7z": (b"7z\xbc\xaf\x27\x1c", "packed as 7z"),
    "work.rar": (b"Rar!\x1a\x07\x00", "packed as RAR"),
    "named.zip": (b"Rar!\x1a\x07\x00", "packed as RAR"),
    "solution.py.gz": (b"\x1f\x8b", "packed as gzip"),
}


@pytest.mark.parametrize("name", KINDS)
def test_other_archives_are_named_and_a_way_out_is_said(
    tmp_path: Path, into: Path, name: str
) -> None:
    content, says = KINDS[name]
    (tmp_path / name).write_bytes(content + bytes(100))
    said = refused(tmp_path / name, into)
    assert says in said
    assert "zip or a tar.gz" in said


def test_a_path_that_is_not_there_is_told_as_that(tmp_path: Path, into: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        opened(tmp_path / "nowhere.zip", into)
