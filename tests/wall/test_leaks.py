"""Nothing waits behind the wall: images and running boxes are searched for labels, answers,
references and the host.

The whole file system of each image is read from outside, compressed files opened as well, so that
what only another user could read is seen too. A running box searches itself: everything mounted
into it, /proc and /sys.
"""

from __future__ import annotations

import contextlib
import getpass
import gzip
import io
import json
import os
import platform
import re
import secrets
import socket
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.paths import ROOT

from grader.course.dataset import data_folder, find_dataset
from grader.sandbox.box import Box, Limits, Value
from grader.sandbox.choose import choose_sandbox
from grader.sandbox.docker.engine import connect, labels

EXAMS = ["functions", "classification"]
CHUNK_BYTES = 1 << 20
OPENED_BYTES = 64 << 20  # of one compressed file
SEVERAL = 2  # hidden inputs looked for, of each data set
MANY_LABELS = 100
MOST_PIXELS = 200
WINDOW_BYTES = 8
WINDOWS_BYTES = 2 * WINDOW_BYTES - 1  # eight windows, one after another
ANCHORED_BYTES = 400  # of a needle, among which its anchor is chosen
TABLE_BITS = 16
MIXER = 0x9E3779B97F4A7C15  # 2^64 divided by the golden ratio: spreads whatever numbers there are
BEGINNING_BYTES = 50  # of a source: a title that no other file has
DATA_NAMES = re.compile(
    r"digits\.csv|diabetes_(data|target)|t10k-|idx[13]-ubyte|cifar-10-batches|aclImdb|shakespeare"
    r"|(^|/)tasks/.*task\.(py|toml)$|(^|/)reference/[^/]+/[^/]+/solution\."
)
PROXY = "http://ada:battery-staple@proxy.invalid:3128"
TOKEN = "token-of-the-host-4711"
FRAMEWORKS = ["torch", "torchvision", "tensorflow", "keras", "jax", "sklearn", "scipy"]
OUTSIDE = {"_", "PATH", "LANG", "HOME", "USER", "LOGNAME", "TMPDIR", "SHELL", "TERM", "PWD"}


# What is looked for.


def as_bytes(values: np.ndarray, name: str) -> dict[str, bytes]:
    """Return the forms in which a row of small whole numbers is usually kept."""
    forms = {kind: values.astype(kind).tobytes() for kind in ("u1", "i4", "i8", "f4", "f8")}
    forms["f4, divided by 255"] = (values.astype("f4") / np.float32(255)).tobytes()
    forms["f8, divided by 255"] = (values / 255).tobytes()
    forms["text"] = ",".join(map(str, values.tolist())).encode()
    return {f"{name} as {form}": content for form, content in forms.items()}


def hidden_needles(name: str) -> dict[str, bytes]:
    """Return bytes that whoever holds the hidden part of a data set must hold."""
    dataset = find_dataset(name).load(data_folder(None))
    needles = as_bytes(dataset.hidden_labels[:MANY_LABELS], f"hidden labels of {name}")
    for number in range(SEVERAL):
        row = dataset.hidden_inputs[number].reshape(-1)
        middle = row[len(row) // 4 : -len(row) // 4][:MOST_PIXELS]
        assert np.count_nonzero(middle) > 10
        needles |= as_bytes(middle, f"hidden input {number} of {name}")
        if name == "digits":
            needles |= as_bytes(
                np.round(middle * (16 / 255)).astype(np.int64),
                f"hidden input {number} of {name}, 0-16",
            )
    return needles


def source_needles() -> dict[str, bytes]:
    """Return how each task's answers and each reference begin."""
    sources = [
        *ROOT.glob("tasks/*/task.py"),
        *ROOT.glob("reference/*/*/*.py"),
        *ROOT.glob("reference/*/*/*.ipynb"),
    ]
    assert len(sources) > 15
    return {
        path.relative_to(ROOT).as_posix(): path.read_bytes()[:BEGINNING_BYTES] for path in sources
    }


def host_needles() -> dict[str, bytes]:
    """Return names of this machine that are long enough not to occur by chance."""
    names = {
        "the repository's path": str(ROOT),
        "the home folder": str(Path.home()),
        "the host's name": platform.node(),
        "the user's name": getpass.getuser(),
        "the data folder": os.environ.get("GRADER_DATA", ""),
        "the cache folder": os.environ.get("GRADER_CACHE", ""),
    }
    return {what: name.encode() for what, name in names.items() if len(name) > 8}


class Needles:
    """Byte strings that are looked for, by what they are, all of them in one pass.

    A framework's image holds more than a gigabyte, and one search after another for a hundred
    needles takes minutes of it. Wherever a needle lies, eight bytes of it begin at a multiple of
    eight of the content: one of the eight windows at its anchor, a place where its bytes differ
    most. So the content is read as whole numbers of eight bytes, each is looked up in a table of
    all windows, by some of its bits, and only a content in which one of them stands is searched
    for the needles it belongs to.
    """

    def __init__(self, named: dict[str, bytes]) -> None:
        self._names: dict[bytes, list[str]] = {}
        for what, needle in named.items():
            self._names.setdefault(needle, []).append(what)
        self._short = [needle for needle in self._names if len(needle) < WINDOWS_BYTES]
        self._by_window: dict[int, set[bytes]] = {}
        for needle in set(self._names) - set(self._short):
            for window in windows_at_anchor(needle):
                self._by_window.setdefault(window, set()).add(needle)
        self._windows = np.array(sorted(self._by_window), dtype=np.uint64)
        self._is_wanted = np.zeros(1 << TABLE_BITS, dtype=bool)
        self._is_wanted[table_places(self._windows)] = True

    def found_in(self, content: bytes) -> list[str]:
        """Return what of them a content holds."""
        maybe = set(self._short)
        numbers = np.frombuffer(content, dtype=np.uint64, count=len(content) // WINDOW_BYTES)
        likely = np.unique(numbers[self._is_wanted[table_places(numbers)]])
        for window in np.intersect1d(likely, self._windows):
            maybe |= self._by_window[int(window)]
        held = [needle for needle in self._names if needle in maybe and needle in content]
        return [name for needle in held for name in self._names[needle]]


def windows_at_anchor(needle: bytes) -> set[int]:
    """Return eight windows one after another, as numbers, at the place where the plainest of them
    has most different bytes: zeros and blanks stand everywhere.
    """
    whole = np.lib.stride_tricks.sliding_window_view(
        np.frombuffer(needle[:ANCHORED_BYTES], np.uint8), WINDOW_BYTES
    )
    variety = np.array([len(set(window.tolist())) for window in whole])
    plainest = np.lib.stride_tricks.sliding_window_view(variety, WINDOW_BYTES).min(axis=1)
    start = int(plainest.argmax())
    chosen = np.ascontiguousarray(whole[start : start + WINDOW_BYTES])
    return set(chosen.view(np.uint64).reshape(-1).tolist())


def table_places(numbers: np.ndarray) -> np.ndarray:
    """Return where each number is in the table: the upper bits of a product, as in a hash."""
    mixed: np.ndarray = (numbers * np.uint64(MIXER)) >> np.uint64(64 - TABLE_BITS)
    return mixed


def search(name: str, content: bytes, needles: Needles) -> list[str]:
    """Return what a file holds, by its name, by its content, and by what its content unpacks to."""
    found = [f"{name}: named like data"] if DATA_NAMES.search(name) else []
    found += [f"{name}: {what}" for what in needles.found_in(content)]
    for part in unpacked(content):
        found += [f"{name}, unpacked: {what}" for what in needles.found_in(part)]
    return found


def unpacked(content: bytes) -> Iterator[bytes]:
    """Return what is inside of a gzip or zip file, up to a bound; nothing if it is neither."""
    with contextlib.suppress(
        OSError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError
    ):
        if content[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(content)) as file:
                yield file.read(OPENED_BYTES)
        elif content[:4] == b"PK\x03\x04":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for member in archive.infolist():
                    with archive.open(member) as packed:
                        yield packed.read(OPENED_BYTES)


class Pieces(io.RawIOBase):
    """A file made of the pieces that an engine sends."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._left = self._left or next(self._pieces, b"")
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def search_tar(pieces: Iterable[bytes], needles: Needles) -> tuple[list[str], int]:
    """Search every file of a tar stream; returns what was found and how many files were read."""
    found, count = [], 0
    with tarfile.open(fileobj=io.BufferedReader(Pieces(pieces), CHUNK_BYTES), mode="r|") as tar:
        for member in tar:
            if member.isreg():
                file = tar.extractfile(member)
                assert file is not None
                found += search(member.name, file.read(), needles)
                count += 1
    return found, count


# The images.


@pytest.mark.docker
@pytest.mark.parametrize("exam", EXAMS)
def test_an_image_holds_no_answer_no_reference_no_data_and_nothing_of_this_machine(
    exam: str,
) -> None:
    needles = hidden_needles("digits") | source_needles() | host_needles()
    if os.environ.get("GRADER_DATA"):
        needles |= hidden_needles("mnist")
    engine = connect()
    image = choose_sandbox("container", exam).image
    container = engine.containers.create(image, ["true"], network_mode="none", labels=labels())
    try:
        found, count = search_tar(container.export(chunk_size=CHUNK_BYTES), Needles(needles))
    finally:
        container.remove(force=True)
    variables = engine.images.get(image).attrs["Config"]["Env"] or []
    engine.close()
    assert found == []
    assert count > 3000
    assert {entry.partition("=")[0] for entry in variables} <= {"PATH"}


def test_the_search_finds_what_is_there() -> None:
    """Every needle is found where it lies open, gzipped and zipped."""
    needles = hidden_needles("digits") | source_needles()
    hay = secrets.token_bytes(5000)
    for what, needle in needles.items():
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner", hay + needle)
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as tar:
            for name, content in (
                ("a", hay),
                ("b", hay + needle),
                ("c", gzip.compress(hay + needle)),
                ("d", packed.getvalue()),
            ):
                entry = tarfile.TarInfo(f"usr/{name}")
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
        found, count = search_tar([stream.getvalue()], Needles({what: needle}))
        assert count == 4
        assert {f"usr/b: {what}", f"usr/c, unpacked: {what}", f"usr/d, unpacked: {what}"} <= set(
            found
        )
        assert not [entry for entry in found if entry.startswith("usr/a")]


@pytest.mark.parametrize(
    "name",
    [
        "opt/venv/lib/python3.11/site-packages/sklearn/datasets/data/digits.csv.gz",
        "data/MNIST/raw/t10k-labels-idx1-ubyte",
        "opt/grader/tasks/neuron/task.py",
        "usr/share/reference/digits/cnn/solution.py",
    ],
)
def test_data_is_recognised_by_its_name(name: str) -> None:
    assert search(name, b"", Needles({})) == [f"{name}: named like data"]


# A running box.

PROBE = r'''
import contextlib
import ctypes
import errno
import fcntl
import importlib.metadata
import importlib.util
import json
import os
import socket
import stat

MOST = 1 << 20
SKIPPED = ("/proc/kmsg", "/proc/kcore", "/proc/sysrq-trigger", "/proc/kpage")
OF_A_PROCESS = ("environ", "cmdline", "mountinfo", "mounts", "maps", "status", "cgroup", "limits",
                "stat", "comm")
WRITABLE = ("/tmp", "/dev/shm", "/box", "/box/work", "/dev/mqueue")


def content(path):
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        with open(descriptor, "rb", buffering=0) as file:
            return file.read(MOST) or b""
    return b""


def everything():
    """All files of a box that are not the image's own."""
    mounted = [line.split()[4] for line in open("/proc/self/mountinfo")]
    for place in mounted:
        if place == "/" or place.startswith("/proc"):
            continue
        if not os.path.isdir(place):
            yield place
        for folder, _, names in os.walk(place):
            for name in names:
                path = os.path.join(folder, name)
                with contextlib.suppress(OSError):
                    if stat.S_ISREG(os.lstat(path).st_mode):
                        yield path
    for folder, folders, names in os.walk("/proc"):
        if folder.count("/") == 2 and folder.rpartition("/")[2].isdigit():
            folders[:] = ["net"]
            yield from (f"{folder}/{name}" for name in OF_A_PROCESS if name in names)
        else:
            for name in names:
                if not f"{folder}/{name}".startswith(SKIPPED):
                    yield f"{folder}/{name}"


def look_for(needles):
    """Return "path: needle" for each file that holds one."""
    found, count = [], 0
    wanted = [needle.encode() for needle in needles]
    for path in everything():
        text = content(path)
        count += 1
        for needle in wanted:
            if needle in text:
                found.append(f"{path}: {needle.decode()}")
    return [str(count), *found]


def environment():
    return [f"{name}={value}" for name, value in os.environ.items()]


def mounts():
    return [line.strip() for line in open("/proc/self/mountinfo")]


def descriptors():
    found = []
    for entry in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            found.append(os.readlink(f"/proc/self/fd/{entry}").partition(":")[0])
    return found


def cannot(act):
    """Return the name of the error an attempt ends with; "" if it worked."""
    try:
        act()
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))
    return ""


def walls():
    """Return name=error of things that must fail."""
    tries = {
        "environ of process 1": lambda: open("/proc/1/environ", "rb").read(),
        "memory of process 1": lambda: open("/proc/1/mem", "rb").read(1),
        "descriptors of process 1": lambda: os.listdir("/proc/1/fd"),
        "root of process 1": lambda: os.listdir("/proc/1/root/"),
        "kernel memory": lambda: open("/proc/kcore", "rb").read(1),
        "kernel log": lambda: open("/proc/kmsg", "rb", buffering=0).read(1),
        "the socket again": lambda: socket.socket(socket.AF_UNIX).connect("/run/grader/socket"),
        "a file beside the socket": lambda: open("/run/grader/mine", "w"),
        "a file beside the submission": lambda: open("/submission/mine", "w"),
        "the runner": lambda: open("/opt/grader/runner/main.py", "a"),
        "a library": lambda: open(os.path.join(os.path.dirname(json.__file__), "mine.py"), "w"),
    }
    return [f"{name}={cannot(act)}" for name, act in tries.items()]


def packages(names):
    return ["", *(name for name in names if importlib.util.find_spec(name) is not None)]


def distributions():
    return sorted(item.metadata["Name"].lower() for item in importlib.metadata.distributions())


def bind_name(name):
    global listener
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("\0" + name)
    listener.listen(1)
    return 1


def reach_name(name):
    return cannot(lambda: socket.socket(socket.AF_UNIX).connect("\0" + name)) or "reached"


def abstract_names():
    return ["", *(line.split()[-1] for line in open("/proc/net/unix") if "@" in line)]


def lock(path):
    global locked
    locked = os.open(path, os.O_RDONLY)
    return cannot(lambda: fcntl.flock(locked, fcntl.LOCK_EX | fcntl.LOCK_NB))


def leave(word):
    """Write a word wherever anything can be written, under the same names."""
    libc = ctypes.CDLL(None, use_errno=True)
    places = []
    for folder in WRITABLE:
        with contextlib.suppress(OSError):
            with open(f"{folder}/meeting", "w") as file:
                file.write(word)
            places.append(folder)
    libc.shmget.restype = ctypes.c_int
    if libc.shmget(4711, 4096, 0o1666) >= 0:
        places.append("shmget")
    if libc.msgget(4711, 0o1666) >= 0:
        places.append("msgget")
    return places


def find_left():
    libc = ctypes.CDLL(None, use_errno=True)
    found = [folder for folder in WRITABLE if os.path.exists(f"{folder}/meeting")]
    found += ["shmget"] if libc.shmget(4711, 0, 0) >= 0 else []
    found += ["msgget"] if libc.msgget(4711, 0) >= 0 else []
    return ["", *found]


def processes():
    """Return the command of each process that can be seen."""
    entries = [entry for entry in os.listdir("/proc") if entry.isdigit()]
    lines = [content(f"/proc/{entry}/cmdline").decode() for entry in entries]
    return [line.replace("\0", " ").strip() for line in lines]


def watch(path):
    """Ask to be told whenever a file is opened or read."""
    global watched
    libc = ctypes.CDLL(None, use_errno=True)
    watched = libc.inotify_init1(os.O_NONBLOCK)
    in_access_or_open = 0x21
    return int(libc.inotify_add_watch(watched, path.encode(), in_access_or_open))


def read_file(path):
    with open(path, "rb") as file:
        return len(file.read())
'''

Open = Callable[..., Box]
ENGINE_OWN = (
    r"/volumes/grader-[0-9a-f]+-files/_data$"
    r"|/containers/[0-9a-f]{64}/(resolv\.conf|hostname|hosts)$"
)


@pytest.fixture
def open_box(tmp_path: Path) -> Iterator[Open]:
    """Open a container box that holds the probe, loaded."""
    boxes: list[Box] = []
    folder = tmp_path / "probe"
    folder.mkdir()
    (folder / "solution.py").write_text(PROBE)

    def open_one(exam: str = "functions") -> Box:
        box = choose_sandbox("container", exam).open(folder, Limits())
        boxes.append(box)
        box.hello(seed=3, num_classes=10, deadline_seconds=60)
        box.load(folder, "solution.py", "functions", 60)
        return box

    yield open_one
    for box in boxes:
        box.close()


def call(box: Box, function: str, *arguments: Any) -> Any:
    [value] = box.call(function, ["result"], [Value.of(argument) for argument in arguments], 120)
    if isinstance(value.content, list):
        return value.content[0] if value.scalar else value.content
    return value.content.item() if value.scalar else value.content


@pytest.fixture
def talkative_host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A host with secrets in its environment and in Docker's own settings, which the client hands
    to containers.
    """
    settings = tmp_path / "docker-settings"
    settings.mkdir()
    proxies = {"default": {"httpProxy": PROXY, "httpsProxy": PROXY, "noProxy": "intranet.invalid"}}
    (settings / "config.json").write_text(json.dumps({"proxies": proxies}))
    monkeypatch.setenv("DOCKER_CONFIG", str(settings))
    for name in ("HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, PROXY)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)


@pytest.mark.docker
@pytest.mark.usefixtures("talkative_host")
def test_a_running_box_sees_nothing_of_the_host(open_box: Open, tmp_path: Path) -> None:
    box = open_box()
    values = [value for name, value in os.environ.items() if name not in OUTSIDE and len(value) > 8]
    name_servers = re.findall(
        r"^nameserver\s+(\S+)", Path("/etc/resolv.conf").read_text(), re.MULTILINE
    )
    needles = {
        *(needle.decode() for needle in host_needles().values()),
        *(value for value in values if not value.isdigit()),
        *(server for server in name_servers if not server.startswith("127.")),
        "battery-staple",
        TOKEN,
        str(tmp_path),
    }
    count, *found = call(box, "look_for", sorted(needles))
    assert found == []
    assert int(count) > 500
    own = box.environment()
    seen = dict(entry.partition("=")[::2] for entry in call(box, "environment"))
    assert {name: seen.get(name) for name in own} == own
    assert set(seen) - set(own) <= {
        *(
            "PATH",
            "HOME",
            "USER",
            "LOGNAME",
            "LANG",
            "TMPDIR",
            "XDG_CACHE_HOME",
            "HOSTNAME",
            "PWD",
            "TERM",
        ),
        *("NVIDIA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES"),
    }
    assert seen["HOSTNAME"] == "box"


@pytest.mark.docker
def test_a_running_box_holds_no_labels_and_no_answers(open_box: Open) -> None:
    """What is mounted, and what the kernel shows, beside the image's own files."""
    dataset = find_dataset("digits").load(data_folder(None))
    texts = [
        *(needle.decode() for needle in source_needles().values()),
        ",".join(map(str, dataset.hidden_labels[:MANY_LABELS].tolist())),
        ",".join(map(str, dataset.hidden_inputs[0].reshape(-1)[16:48].tolist())),
        "digits.csv",
    ]
    count, *found = call(open_box(), "look_for", texts)
    assert found == []
    assert int(count) > 500


@pytest.mark.docker
def test_the_search_inside_finds_what_is_there(open_box: Open) -> None:
    """The probe's own text lies in /submission and in the box's working folder: found in both, and
    nowhere else.
    """
    _, *found = call(open_box(), "look_for", ["def look_for(needles):"])
    assert sorted(found) == [
        f"{folder}/solution.py: def look_for(needles):" for folder in ("/box/work", "/submission")
    ]


@pytest.mark.docker
def test_what_is_mounted_is_known(open_box: Open) -> None:
    """Of the host's paths only the socket's folder and the engine's own show; only scratch can be
    written.
    """
    box = open_box()
    from_host, writable = {}, set()
    for line in call(box, "mounts"):
        fields, _, kind = line.partition(" - ")
        _, _, _, root, place, options, *_ = fields.split()
        file_system = kind.split()[0]
        if file_system not in (
            "proc",
            "sysfs",
            "tmpfs",
            "cgroup",
            "cgroup2",
            "devpts",
            "mqueue",
            "overlay",
        ):
            from_host[place] = root
        if (
            "rw" in options.split(",")
            and file_system not in ("proc", "sysfs")
            and not place.startswith("/proc/")
        ):
            writable.add(place)
    assert set(from_host) <= {
        *("/submission", "/run/grader", "/usr/sbin/docker-init", "/sbin/docker-init"),
        *("/etc/resolv.conf", "/etc/hostname", "/etc/hosts"),
    }
    socket_folder = from_host.pop("/run/grader")
    assert re.fullmatch(r".*/grader-box-[\w-]+/inner", socket_folder)
    for place, root in from_host.items():
        assert place.endswith("docker-init") or re.search(ENGINE_OWN, root), f"{place} shows {root}"
    assert writable <= {
        "/tmp",
        "/box",
        "/dev",
        "/dev/shm",
        "/dev/pts",
        "/dev/mqueue",
        "/sys/fs/cgroup",
    }


@pytest.mark.docker
def test_the_runner_holds_three_descriptors_and_its_socket(open_box: Open) -> None:
    seen = sorted(call(open_box(), "descriptors"))
    assert seen in (["/dev/null", "pipe", "pipe", "socket"], ["/dev/null", "pipe", "socket"])


@pytest.mark.docker
def test_what_must_fail_inside_fails(open_box: Open) -> None:
    errors = dict(entry.partition("=")[::2] for entry in call(open_box(), "walls"))
    assert len(errors) == 11
    assert all(
        error in ("EACCES", "EPERM", "EROFS", "ENOENT", "ENOSYS") for error in errors.values()
    ), errors


@pytest.mark.docker
def test_a_function_box_holds_no_framework(open_box: Open) -> None:
    """NumPy, pandas for `tables`, and what these two need."""
    box = open_box("functions")
    assert set(call(box, "packages", FRAMEWORKS)) <= {"", "sklearn"}  # the runner's stand-in
    needed = {"numpy", "pandas", "python-dateutil", "pytz", "tzdata", "six"}
    assert set(call(box, "distributions")) <= needed | {"pip", "setuptools"}


@pytest.mark.docker
def test_a_framework_box_has_nothing_of_the_grader(open_box: Open) -> None:
    """scikit-learn is there without its digits and patients: see the search of the image above."""
    assert "sklearn" in call(open_box("classification"), "packages", FRAMEWORKS)
    assert call(open_box("classification"), "packages", ["numpy", "grader", "reports"]) == [
        "",
        "numpy",
    ]


# Two boxes at once.

SHARED_FILE = "/opt/grader/runner/main.py"


@pytest.mark.docker
def test_two_boxes_share_nothing(open_box: Open) -> None:
    one, other = open_box(), open_box()
    name = secrets.token_hex(8)
    left = set(call(one, "leave", "hello"))
    assert {"/tmp", "/dev/shm", "/box"} <= left
    assert "shmget" not in left, "System V memory is refused"
    assert call(other, "find_left") == [""]
    assert call(one, "bind_name", name) == 1
    assert call(one, "reach_name", name) == "reached"
    assert call(other, "reach_name", name) == "ECONNREFUSED"
    assert call(other, "abstract_names") == [""]
    assert call(one, "lock", SHARED_FILE) == ""
    assert call(other, "lock", SHARED_FILE) == "", "a lock taken in one box shows in another"
    for box in (one, other):
        seen = call(box, "processes")
        assert sum("/opt/grader/runner" in command for command in seen) == 1, seen
        assert len(seen) <= 5, seen


@pytest.mark.docker
def test_a_box_cannot_watch_what_another_one_reads(open_box: Open) -> None:
    """Both see the image's files, and inotify would tell of every access: it is refused."""
    assert call(open_box(), "watch", SHARED_FILE) == -1


@pytest.mark.docker
def test_a_box_cannot_reach_an_abstract_socket_of_the_host(open_box: Open) -> None:
    name = f"grader-test-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0" + name)
        listener.listen(1)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect("\0" + name)
        assert call(open_box(), "reach_name", name) == "ECONNREFUSED"
