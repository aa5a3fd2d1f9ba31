"""A cell that is graded takes along what it needs of earlier cells, and nothing else."""

from __future__ import annotations

from grader.notebook.gathered import gather

EARLIER = [
    "%matplotlib inline\nimport numpy as np\nimport pandas as pd",
    "SLOPE = 0.1\nrounds = [SLOPE] * 5\nfor each in rounds:\n    print(each)",
    "def clip(z):\n    return np.maximum(z, low)\n\nlow = 0\nprint(clip(np.ones(3)))",
]


def test_what_a_cell_uses_goes_along_through_other_functions() -> None:
    found = gather([*EARLIER, "\ndef relu(z):\n    return clip(z)"])
    assert sorted(found.names) == ["clip", "low", "np"]
    code = "\n".join(found.cells)
    assert "import numpy as np" in code
    assert "pandas" not in code
    assert "for each" not in code
    assert "print" not in code


def test_every_line_stays_where_it_is_in_its_cell() -> None:
    found = gather([*EARLIER, "\ndef relu(z):\n    return clip(z)"])
    assert len(found.cells) == 4
    assert found.cells[0].split("\n")[1] == "import numpy as np"
    assert found.cells[2].split("\n")[3] == "low = 0"
    assert found.cells[3].split("\n")[1] == "def relu(z):"


def test_the_latest_of_several_bindings_counts() -> None:
    found = gather(["a = 1", "a = 2", "def f():\n    return a"])
    assert found.cells[:2] == ["", "a = 2"]


def test_names_of_its_own_are_not_looked_for() -> None:
    found = gather(["x = big()", "def f(x):\n    y = x\n    return [y for y in x]"])
    assert found.names == []
    assert found.cells[0] == ""


def test_a_graded_cell_lends_its_functions_to_a_later_one() -> None:
    found = gather(["%%grade neuron\ndef f(x):\n    return x", "def g(x):\n    return f(x)"])
    assert found.names == ["f"]
    assert found.cells[0] == "\ndef f(x):\n    return x"


def test_a_decorated_function_keeps_its_decorator() -> None:
    found = gather(["import functools\n@functools.cache\ndef f():\n    return 1", "v = f()"])
    assert "@functools.cache" in found.cells[0]


def test_cells_that_are_no_python_are_passed_over() -> None:
    assert gather(["%%bash\nls", "def (", "np = 1", "v = np"]).names == ["np"]


def test_everything_a_star_import_brings_goes_along_where_a_name_is_open() -> None:
    assert "from math import *" in gather(["from math import *", "v = sqrt(2)"]).cells[0]
    assert gather(["from math import *", "v = 2"]).cells[0] == ""
