"""Starts the runner from its own file.

So no search path of ours exists in the box, and no module has a name that a learner might use for
a file of their own: the package is called `_grader_runner` here.
"""

import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAME = "_grader_runner"

if __name__ == "__main__":
    spec = importlib.util.spec_from_file_location(
        NAME, HERE / "__init__.py", submodule_search_locations=[str(HERE)]
    )
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = package
    spec.loader.exec_module(package)
    from _grader_runner.main import serve

    serve()
