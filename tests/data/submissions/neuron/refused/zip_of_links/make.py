"""A zip that holds a link to the system's user list, and asks for a file below it."""

import stat
import zipfile


def make(folder):
    path = folder / "solution.zip"
    link = zipfile.ZipInfo("data.txt")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("solution.py", "print(open('data.txt').read())\n")
        archive.writestr(link, "/etc/passwd")
    return path
