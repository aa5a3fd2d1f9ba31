"""A zip whose second file would land outside of the folder it is unpacked to."""

import zipfile

CODE = "def weighted_sum(x, w, b):\n    return 0.0\n"


def make(folder):
    path = folder / "solution.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("solution.py", CODE)
        archive.writestr("../../../../../../tmp/grader-zip-slip/.bashrc", "echo owned")
    return path
