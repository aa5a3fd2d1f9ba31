"""A notebook of as many cells as fit, each with a line that is reported."""

import json

CELL = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": "%x"}
BYTES = 10 << 20


def make(folder):
    cell = json.dumps(CELL, separators=(",", ":"))
    cells = ",".join([cell] * (BYTES // (len(cell) + 1)))
    path = folder / "solution.ipynb"
    path.write_text(f'{{"nbformat":4,"nbformat_minor":4,"metadata":{{}},"cells":[{cells}]}}')
    return path
