"""What is not in a box and does no harm: stand-ins for notebooks' and loggers' modules."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from support.paths import ROOT

from grader.runner import harmless

# Loads the runner as a box does, and a submission's file that imports what is not there.
START = """
import runpy, sys
child = {folder!r}
runpy.run_path({path!r}, {{"TOLD": dict(seed=1, folder=child, file="s.py", name="s", data="")}})
import os
sys.path.append(child)
import s
"""


def run(folder: Path, program: str) -> str:
    """Return what a program prints, in a process of its own with the runner's stand-ins."""
    (folder / "s.py").write_text(textwrap.dedent(program))
    path = str(ROOT / "grader" / "runner" / "spawned_child.py")
    code = START.format(folder=str(folder), path=path)
    done = subprocess.run(
        [sys.executable, "-s", "-P", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_part_of_a_stood_in_package_is_there_and_no_others(tmp_path: Path) -> None:
    printed = run(
        tmp_path,
        """
        from IPython.core.magic import register_cell_magic
        from IPython.core.interactiveshell import InteractiveShell
        import wandb.integration.keras as tracked
        from google.colab import auth, files, drive
        import google.colab.ai

        @register_cell_magic
        def twice(line, cell):
            return 2

        drive.mount("/content/drive")
        files.download("model.keras")
        print(twice("", ""), len(files.upload()))
        try:
            import google.nothing
        except ModuleNotFoundError as error:
            print(error)
        """,
    )
    assert printed.splitlines() == ["2 0", "No module named 'google.nothing'"]


def test_matplotlib_draws_beside_a_stand_in_for_ipython(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    printed = run(
        tmp_path,
        """
        import IPython
        import matplotlib
        matplotlib.use("agg")
        import matplotlib.pyplot as plt
        plt.plot([1, 2])
        plt.show()
        print("drawn")
        """,
    )
    assert printed == "drawn\n"


def test_a_file_that_a_person_would_choose_is_said_to_be_missing() -> None:
    uploaded = harmless.Files().upload()
    assert list(uploaded) == []
    with pytest.raises(FileNotFoundError, match=r"digits.csv was to be chosen by a person"):
        uploaded["digits.csv"]


def test_a_network_whose_own_train_trains_is_asked_without_training_it_again(
    tmp_path: Path,
) -> None:
    printed = run(
        tmp_path,
        """
        import sys
        import torch
        from _grader_runner import with_torch

        class Forwards(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.part = torch.nn.Dropout()

            def train(self, rows, labels):
                print("trained")

            def predict(self, rows):
                return rows.argmax(1)

        class Frozen(torch.nn.Linear):
            def train(self, mode=True):
                print("mode", mode)
                return super().train(mode)

        model = Forwards()
        with_torch.evaluate(model)
        print(model.training, model.part.training)
        print(with_torch.way_of(model)(torch.eye(3)).tolist())
        frozen = Frozen(2, 2)
        with_torch.evaluate(frozen)
        print(frozen.training, with_torch.way_of(frozen) is frozen)
        """,
    )
    assert printed.splitlines() == ["False False", "[0, 1, 2]", "mode False", "False True"]
