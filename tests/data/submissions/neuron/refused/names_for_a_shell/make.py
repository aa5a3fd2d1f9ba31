"""A file whose name turns round what stands behind it, ends a line, and is an option for whoever lists the folder."""


def make(folder):
    (folder / "solution.py").write_text("def neuron(x, w, b):\n    return 0.0\n")
    (folder / "-rf $(touch owned) \u202eyp.tset\nPASS 100 points").write_text("x = 1\n")
    return folder
