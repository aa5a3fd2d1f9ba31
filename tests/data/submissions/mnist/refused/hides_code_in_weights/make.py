"""Makes the weights file: opened by pickle, it would run a command."""

import os
import pickle
import shutil
from pathlib import Path


class Payload:
    def __reduce__(self):
        return os.system, ("touch pickle-was-opened",)


def make(folder: Path) -> Path:
    shutil.copy(Path(__file__).with_name("solution.py"), folder)
    (folder / "model.pkl").write_bytes(pickle.dumps(Payload()))
    return folder
