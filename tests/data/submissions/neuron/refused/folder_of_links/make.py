"""A folder whose data file is a link out of it; copied naively, the box would get what the grader's user can read."""


def make(folder):
    (folder / "solution.py").write_text("print(open('data.txt').read())\n")
    (folder / "parts").mkdir()
    (folder / "parts" / "data.txt").symlink_to("/etc/passwd")
    return folder
