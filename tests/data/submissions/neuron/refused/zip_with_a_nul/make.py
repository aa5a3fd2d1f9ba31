"""A zip member with a NUL in its name: what some programs read of it is another name than what others do."""

import zipfile


def make(folder):
    path = folder / "solution.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("solution.py", "def neuron(x, w, b):\n    return 0.0\n")
        archive.writestr("aX/../../left.py", "x = 1\n")
    path.write_bytes(path.read_bytes().replace(b"aX/../../left.py", b"a\0/../../left.py"))
    return path
