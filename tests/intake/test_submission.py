"""What is handed in: opened where it is good, refused early and in words where it is not."""

from __future__ import annotations

import io
import json
import os
import stat
import zipfile
from pathlib import Path

import pytest

from grader.errors import SubmissionRefused, UsageError
from grader.intake.names import display_name
from grader.intake.submission import open_submission, which_task
from grader.records import Submission
from grader.text import terminal_line

CODE = "def train(data):\n    return None\n"
MIB = 1 << 20


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "handed-in"
    folder.mkdir()
    return folder


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "grader"


def opened(
    path: Path, into: Path, task_id: str | None = "digits", author: str | None = None
) -> Submission:
    return open_submission(path, into, task_id=task_id, author=author)[0]


def refused(path: Path, into: Path) -> str:
    with pytest.raises(SubmissionRefused) as caught:
        opened(path, into)
    return str(caught.value)


def names(submission: Submission) -> list[str]:
    return sorted(
        path.relative_to(submission.folder).as_posix()
        for path in submission.folder.rglob("*")
        if path.is_file()
    )


# Folders and scripts.


def test_a_folder_is_copied_whole(here: Path, into: Path) -> None:
    (here / "solution.py").write_text(CODE)
    (here / "parts").mkdir()
    (here / "parts" / "net.py").write_text("x = 1\n")
    submission = opened(here, into)
    assert names(submission) == ["parts/net.py", "solution.py"]
    assert (submission.file, submission.source, submission.task_id) == (
        "solution.py",
        "folder",
        "digits",
    )
    assert here not in submission.folder.parents


def test_caches_and_data_folders_are_left_out_and_data_is_noted(here: Path, into: Path) -> None:
    (here / "solution.py").write_text(CODE)
    for folder in ("__pycache__", ".git", "data", "MNIST"):
        (here / folder).mkdir()
        (here / folder / "file.bin").write_bytes(b"x" * 100)
    submission = opened(here, into)
    assert names(submission) == ["solution.py"]
    assert sum("the grader provides the data" in note for note in submission.notes) == 2


def test_a_single_script_is_a_submission(here: Path, into: Path) -> None:
    script = here / "my_model.py"
    script.write_text(CODE)
    submission = opened(script, into)
    assert (submission.file, submission.source) == ("my_model.py", "script")


@pytest.mark.parametrize("code", ["", "\n \n", "# to be written\n"])
def test_a_solution_without_code_is_said_to_be_empty_and_what_was_expected(
    here: Path, into: Path, code: str
) -> None:
    (here / "solution.py").write_text(code)
    [note] = opened(here, into, "matrices").notes
    assert note.startswith("solution.py is empty: ")
    assert "the functions dot, matrix_product, transposed_product, add_bias." in note


def test_a_solution_with_one_line_of_code_is_not_called_empty(here: Path, into: Path) -> None:
    (here / "solution.py").write_text("# a comment\nx = 1\n")
    assert opened(here, into, "matrices").notes == ()


def test_the_only_script_of_a_folder_is_the_solution(here: Path, into: Path) -> None:
    (here / "homework.py").write_text(CODE)
    (here / "notes.txt").write_text("")
    assert opened(here, into).file == "homework.py"


def test_two_scripts_without_a_solution_are_refused(here: Path, into: Path) -> None:
    (here / "one.py").write_text(CODE)
    (here / "two.py").write_text(CODE)
    said = refused(here, into)
    assert "one.py, two.py" in said
    assert "solution.py" in said


def test_a_path_that_is_not_there_is_a_usage_error(here: Path, into: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        opened(here / "nowhere", into)


def test_an_empty_folder_is_refused(here: Path, into: Path) -> None:
    assert "empty" in refused(here, into)


def test_a_folder_without_a_solution_says_what_there_is(here: Path, into: Path) -> None:
    (here / "essay.md").write_text("dear grader")
    said = refused(here, into)
    assert "essay.md" in said
    assert "solution.py" in said


def test_a_file_of_another_kind_is_refused(here: Path, into: Path) -> None:
    (here / "solution.docx").write_bytes(b"PK")
    assert ".docx" in refused(here / "solution.docx", into)


@pytest.mark.parametrize("target", ["/etc/passwd", "solution.py", "nowhere"])
def test_a_link_is_refused(here: Path, into: Path, target: str) -> None:
    (here / "solution.py").write_text(CODE)
    (here / "notes.txt").symlink_to(target)
    assert "notes.txt is a link" in refused(here, into)


def test_a_link_to_a_folder_is_refused(here: Path, into: Path) -> None:
    (here / "solution.py").write_text(CODE)
    (here / "all").symlink_to("/")
    assert "all is a link" in refused(here, into)


def test_a_pipe_is_refused_and_not_waited_for(here: Path, into: Path) -> None:
    (here / "solution.py").write_text(CODE)
    os.mkfifo(here / "pipe")
    assert "pipe is not a regular file" in refused(here, into)


def test_more_than_500_files_are_refused(here: Path, into: Path) -> None:
    for number in range(501):
        (here / f"f{number}.txt").write_text("")
    assert "500" in refused(here, into)


def test_files_over_the_limit_are_refused_with_the_biggest(here: Path, into: Path) -> None:
    (here / "solution.py").write_text(CODE)
    (here / "table.csv").write_bytes(b"1" * (2 * MIB))
    said = refused(here, into)
    assert "table.csv" in said
    assert "1 MiB" in said


@pytest.mark.parametrize(
    "name", ["model.pt", "model.PTH", "w.npz", "net.keras", "net.pkl", "x.safetensors"]
)
def test_weights_are_refused_where_the_task_trains(here: Path, into: Path, name: str) -> None:
    (here / "solution.py").write_text(CODE)
    (here / name).write_bytes(b"\x80\x04")
    said = refused(here, into)
    assert name in said
    assert "weights" in said


# Which task, whose, and what it is called.


def test_the_task_comes_from_the_option_then_the_file_then_the_name(
    tmp_path: Path, into: Path
) -> None:
    folder = tmp_path / "neuron"
    folder.mkdir()
    (folder / "solution.py").write_text(CODE)
    assert opened(folder, into / "a", None).task_id == "neuron"
    (folder / "submission.toml").write_text('task = "activations"\n')
    assert opened(folder, into / "b", None).task_id == "activations"
    assert opened(folder, into / "c", "digits").task_id == "digits"


def test_the_name_of_the_parent_folder_will_do(tmp_path: Path, into: Path) -> None:
    folder = tmp_path / "digits" / "wide-net"
    folder.mkdir(parents=True)
    (folder / "solution.py").write_text(CODE)
    submission = opened(folder, into, None)
    assert (submission.task_id, submission.name) == ("digits", "wide-net")


def test_without_any_hint_the_task_is_asked_for(here: Path, into: Path) -> None:
    (here / "solution.py").write_text(CODE)
    with pytest.raises(UsageError, match="--task"):
        opened(here, into, None)


BROKEN_SETTINGS = {
    "no TOML": "author = ",
    "an unknown key": 'grade = "A"',
    "a wrong type": "author = 7",
    "a table": '[author]\nname = "Ada"',
    "brackets within brackets": "author = " + "[" * 30_000,
    "tables within tables": "author" + ".a" * 6_000 + " = 1",
    "a number of 5,000 digits": "author = " + "9" * 5_000,
    "a number that has no text": "author = 0x" + "f" * 5_000,
    "a key that steers a terminal": r'"\u001b[31mred\u202e" = "x"',
}


@pytest.mark.parametrize("text", BROKEN_SETTINGS.values(), ids=BROKEN_SETTINGS)
def test_a_broken_submission_toml_is_refused(here: Path, into: Path, text: str) -> None:
    (here / "solution.py").write_text(CODE)
    (here / "submission.toml").write_text(text)
    message = refused(here, into)
    assert "submission.toml" in message
    assert len(message) < 300
    assert message == terminal_line(message)


def test_a_submission_toml_may_begin_with_a_byte_order_mark(here: Path, into: Path) -> None:
    (here / "solution.py").write_text(CODE)
    (here / "submission.toml").write_text('author = "Ada"\n', "utf-8-sig")
    assert opened(here, into).author == "Ada"


def test_a_submission_toml_of_other_bytes_or_of_great_size_is_refused(
    here: Path, into: Path
) -> None:
    (here / "solution.py").write_text(CODE)
    (here / "submission.toml").write_bytes(b"author = '\xff'")
    assert "submission.toml" in refused(here, into / "a")
    (here / "submission.toml").write_bytes(b"#" * 70_000)
    assert "32 KiB" in refused(here, into / "b")


def test_an_unknown_task_in_submission_toml_suggests_the_nearest(here: Path, into: Path) -> None:
    (here / "solution.py").write_text(CODE)
    (here / "submission.toml").write_text('task = "neurn"\n')
    with pytest.raises(UsageError, match="neuron"):
        opened(here, into, None)


def test_a_task_of_a_name_that_no_file_can_have_is_not_there(here: Path, into: Path) -> None:
    (here / "solution.py").write_text(CODE)
    (here / "submission.toml").write_text(f'task = "{"neuron" * 5_000}"\n')
    with pytest.raises(UsageError, match="there is no task") as refusal:
        opened(here, into, None)
    assert len(str(refusal.value)) < 300


NAMES = {
    "Ada Lovelace": "Ada Lovelace",
    "evil\u202egnp.exe": "evil gnp.exe",
    "zero\u200bwidth": "zero width",
    "two\nlines\tand\x1b[31mred": "two lines and [31mred",
    "\uff21\uff44\uff41": "Ada",
    "x" * 200: "x" * 80,
    "   ": "unnamed",
    "\x00": "unnamed",
    "<script>alert(1)</script>": "<script>alert(1)</script>",
}


@pytest.mark.parametrize(("given", "shown"), NAMES.items(), ids=range(len(NAMES)))
def test_names_are_one_clean_line(here: Path, into: Path, given: str, shown: str) -> None:
    assert display_name(given) == shown
    (here / "solution.py").write_text(CODE)
    (here / "submission.toml").write_text(
        f"author = {json.dumps(given)}\nname = {json.dumps(given)}\n", "utf-8"
    )
    submission = opened(here, into)
    assert (submission.author, submission.name) == (shown, shown)


def test_an_author_keeps_the_name_that_stored_results_have() -> None:
    assert display_name("\u0639\u0644\u06cc\u200c\u0631\u0636\u0627") == (
        "\u0639\u0644\u06cc \u0631\u0636\u0627"
    )


def test_the_hash_is_of_names_and_contents(tmp_path: Path, into: Path) -> None:
    def hashed(place: str, files: dict[str, str]) -> str:
        folder = tmp_path / place
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_text(content)
        return opened(folder, into / place).sha256

    same = hashed("one", {"solution.py": CODE, "a.txt": "1"})
    assert same == hashed("two", {"a.txt": "1", "solution.py": CODE})
    assert same != hashed("three", {"solution.py": CODE, "b.txt": "1"})
    assert same != hashed("four", {"solution.py": CODE, "a.txt": "2"})
    assert same != hashed("five", {"solution.py": CODE + "1", "a.txt": ""})


# Archives.


def zipped(path: Path, members: dict[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_zip_is_a_submission_with_or_without_a_folder_around_it(here: Path, into: Path) -> None:
    flat = opened(
        zipped(here / "flat.zip", {"solution.py": CODE.encode(), "net.py": b""}), into / "a"
    )
    deep = opened(
        zipped(here / "deep.zip", {"mine/solution.py": CODE.encode(), "mine/net.py": b""}),
        into / "b",
    )
    assert names(flat) == names(deep) == ["net.py", "solution.py"]
    assert flat.sha256 == deep.sha256
    assert flat.source == "zip"


def test_what_macos_adds_to_a_zip_is_left_out(here: Path, into: Path) -> None:
    members = {"mine/solution.py": CODE.encode(), "__MACOSX/mine/._solution.py": b"x"}
    assert names(opened(zipped(here / "mac.zip", members), into)) == ["solution.py"]


SLIPS = [
    "../out.py",
    "/tmp/out.py",
    "a/../../out.py",
    "..\\out.py",
    "C:\\..\\out.py",
    "\\\\host\\share\\out.py",
]


@pytest.mark.parametrize("name", SLIPS)
def test_a_member_that_leaves_the_zip_is_refused(here: Path, into: Path, name: str) -> None:
    path = zipped(here / "slip.zip", {"solution.py": CODE.encode(), name: b"owned"})
    before = {item for item in here.parent.rglob("*") if into not in item.parents}
    assert "not a path inside the zip" in refused(path, into)
    after = {item for item in here.parent.rglob("*") if into not in item.parents}
    assert after - before <= {into}


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_a_member_that_is_a_link_or_special_is_refused(here: Path, into: Path, kind: int) -> None:
    member = zipfile.ZipInfo("solution.py")
    member.create_system = 3
    member.external_attr = (kind | 0o777) << 16
    assert "link or a special file" in refused(
        zipped(here / "link.zip", {member: b"/etc/passwd"}), into
    )


def test_a_zip_bomb_is_refused_before_it_unfolds(here: Path, into: Path) -> None:
    path = zipped(here / "bomb.zip", {"solution.py": CODE.encode(), "big.txt": bytes(300 * MIB)})
    assert path.stat().st_size < MIB
    assert "300 MiB" in refused(path, into)
    assert sum(item.stat().st_size for item in into.rglob("*") if item.is_file()) < MIB


def test_a_zip_whose_sum_is_too_much_is_refused(here: Path, into: Path) -> None:
    members: dict[str | zipfile.ZipInfo, bytes] = {
        f"f{number}.txt": bytes(MIB) for number in range(520)
    }
    members = dict(list(members.items())[:499])
    members["big.txt"] = bytes(40 * MIB)
    assert "MiB" in refused(zipped(here / "sum.zip", members), into)


def test_a_zip_that_lies_about_a_size_is_refused(here: Path, into: Path) -> None:
    path = zipped(here / "lie.zip", {"solution.py": b"x" * 5000})
    raw = path.read_bytes().replace((5000).to_bytes(4, "little"), (50).to_bytes(4, "little"))
    path.write_bytes(raw)
    assert "solution.py" in refused(path, into)


def test_a_zip_of_very_many_files_is_refused(here: Path, into: Path) -> None:
    path = zipped(here / "many.zip", {f"f{number}": b"" for number in range(501)})
    assert "501 files" in refused(path, into)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("second", "says"),
    [
        ("solution.py", "'solution.py' occurs twice"),
        ("solution.PY", "would both be called 'solution.py' here"),
        ("solu\u200btion.py", "'solu\\u200btion.py' would both be called 'solution.py' here"),
    ],
)
def test_two_files_for_one_place_are_refused(
    here: Path, into: Path, second: str, says: str
) -> None:
    path = here / "twice.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("solution.py", CODE)
        archive.writestr(second, CODE)
    assert says in refused(path, into)


@pytest.mark.parametrize("cut", [0, 10, 60])
def test_a_damaged_zip_is_refused(here: Path, into: Path, cut: int) -> None:
    path = zipped(here / "cut.zip", {"solution.py": CODE.encode() * 50})
    path.write_bytes(path.read_bytes()[:cut])
    assert "cut.zip" in refused(path, into)


def test_a_zip_with_wrong_checksums_is_refused(here: Path, into: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("solution.py", "x = 1111\n" * 20)
    path = here / "crc.zip"
    path.write_bytes(buffer.getvalue().replace(b"1111", b"2222", 1))
    assert "damaged" in refused(path, into)


# Notebooks.


def notebook(path: Path, *cells: str, kind: str = "code") -> Path:
    body = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {"cell_type": kind, "id": f"c{i}", "metadata": {}, "source": source}
            | ({"outputs": [], "execution_count": None} if kind == "code" else {})
            for i, source in enumerate(cells)
        ],
    }
    path.write_text(json.dumps(body))
    return path


def test_a_notebook_becomes_a_script_and_its_magics_are_listed(here: Path, into: Path) -> None:
    path = notebook(
        here / "work.ipynb",
        "%matplotlib inline\n!pip install torch\nimport os",
        "%%time\nx = 1",
        "%%bash\nrm -rf /",
        "if x:\n    !ls\ny = 2",
        "x?",
    )
    submission = opened(path, into)
    code = (submission.folder / submission.file).read_text()
    assert submission.source == "notebook"
    space: dict[str, object] = {}
    exec(compile(code, "work", "exec"), space)
    assert (space["x"], space["y"]) == (1, 2)
    noted = "\n".join(submission.notes)
    for line in ("%matplotlib inline", "!pip install torch", "%%bash", "!ls", "x?"):
        assert line in noted


def test_a_modulo_or_a_bang_inside_a_text_is_left_alone(here: Path, into: Path) -> None:
    source = "a = 7\nb = (a\n% 4)\nc = '''\n!not a command\n'''\n"
    submission = opened(notebook(here / "work.ipynb", source), into)
    space: dict[str, object] = {}
    exec(compile((submission.folder / submission.file).read_text(), "work", "exec"), space)
    assert space["b"] == 3
    assert space["c"] == "\n!not a command\n"


BROKEN_NOTEBOOKS = {
    "no JSON": "{",
    "another JSON": "[1, 2]",
    "nothing": "",
    "no cells": '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
    "deep nesting": "[" * 100_000,
}


@pytest.mark.parametrize("text", BROKEN_NOTEBOOKS.values(), ids=BROKEN_NOTEBOOKS)
def test_a_broken_notebook_is_refused(here: Path, into: Path, text: str) -> None:
    path = here / "broken.ipynb"
    path.write_text(text)
    assert "broken.ipynb" in refused(path, into)


def test_a_notebook_without_code_is_refused(here: Path, into: Path) -> None:
    assert "no code cells" in refused(
        notebook(here / "essay.ipynb", "# Title", kind="markdown"), into
    )


def test_a_notebook_of_40_mb_is_refused(here: Path, into: Path) -> None:
    path = notebook(here / "fat.ipynb", "x = 1  # " + "y" * 40_000_000)
    refused(path, into / "a")
    folder = here / "folder"
    folder.mkdir()
    path.rename(folder / "solution.ipynb")
    refused(folder, into / "b")


def test_a_notebook_in_a_zip_is_opened_like_any_other(here: Path, into: Path) -> None:
    made = notebook(here / "solution.ipynb", "x = 1")
    submission = opened(zipped(here / "work.zip", {"solution.ipynb": made.read_bytes()}), into)
    assert submission.file.endswith(".py")
    assert submission.source == "zip"


def test_a_folder_around_solutions_names_them(tmp_path: Path) -> None:
    (tmp_path / "around" / "mine").mkdir(parents=True)
    (tmp_path / "around" / "mine" / "solution.py").write_text("x = 1\n")
    (tmp_path / "around" / "notes").mkdir()
    with pytest.raises(UsageError, match=r"folders in it do: mine\. `grader run mine`"):
        which_task(tmp_path / "around", {}, None)
    with pytest.raises(UsageError, match="no script and no notebook"):
        which_task(tmp_path / "around" / "notes", {}, None)


def test_a_task_is_found_in_any_letter_case(tmp_path: Path) -> None:
    assert which_task(tmp_path, {}, "Neuron").id == "neuron"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("work.zip", b"", "the file is empty, 0 bytes"),
        ("work.zip", b"\x8a\x01\x02\x03" * 1000, "begins with the bytes 8a 01 02 03, and a zip"),
        ("work.zip", b"PK\x03\x04" + b"\0" * 100, "damaged or breaks off"),
        ("work.zip", b"%PDF-1.7\n", "it is a PDF"),
        ("work.zip", b"\n<!DOCTYPE html><html>", "it is a web page"),
        ("work.zip", b"7z\xbc\xaf\x27\x1c" + b"\0" * 100, "packed as 7z"),
        ("work.tar.gz", b"", "the file is empty, 0 bytes"),
        ("work.tar.gz", b"\x8a\x01\x02\x03" * 1000, "begins with the bytes 8a 01 02 03"),
        ("work.tgz", b"PK\x03\x04" + b"\0" * 100, "it is a zip"),
    ],
)
def test_what_is_no_archive_is_told_by_what_it_is(
    here: Path, into: Path, name: str, content: bytes, said: str
) -> None:
    (here / name).write_bytes(content)
    assert said in refused(here / name, into)
