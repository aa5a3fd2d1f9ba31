"""A file of a tebibyte that takes no room where it lies, and all of it where it is copied to."""


def make(folder):
    (folder / "solution.py").write_text("def neuron(x, w, b):\n    return 0.0\n")
    with (folder / "table.csv").open("wb") as file:
        file.truncate(1 << 40)
    return folder
