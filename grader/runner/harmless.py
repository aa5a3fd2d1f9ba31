"""What programs do besides training and nobody looks at in a box: it succeeds and does nothing.

Experiment loggers, Colab's helpers, widgets and summaries are stood in for where they are not
installed. Windows for plots, terminals and shells that are not there answer as empty ones would.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from . import imports
from .notes import note

TERMINAL = (80, 24)  # columns, lines
LOGGERS = (
    "wandb",
    "mlflow",
    "mlflow.pytorch",
    "mlflow.keras",
    "mlflow.sklearn",
    "tensorboard",
    "tensorboardX",
    "visdom",
    "comet_ml",
    "neptune",
    "clearml",
    "google",
    "google.colab",
    "google.colab.drive",
    "google.colab.files",
    "google.colab.patches",
    "google.colab.output",
    "IPython",
    "IPython.display",
    "IPython.core",
    "IPython.core.display",
    "ipywidgets",
    "matplotlib_inline",
    "matplotlib_inline.backend_inline",
    "torchsummary",
    "torchinfo",
    "torchviz",
    "livelossplot",
    "watermark",
)
TENSORBOARD = "torch.utils.tensorboard"


class Silence:
    """Takes every attribute, call and loop, and does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Silence()

    def __call__(self, *_: Any, **__: Any) -> Any:
        return Silence()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: Any) -> None:
        return None

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __getitem__(self, key: Any) -> Any:
        return Silence()

    def __setitem__(self, key: Any, value: Any) -> None:
        return None

    def __str__(self) -> str:
        return ""


class Settings(dict[str, Any]):
    """A dict whose entries are attributes too, as loggers keep a program's settings."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def update(self, *values: Any, **options: Any) -> None:
        options.pop("allow_val_change", None)
        dict.update(self, *values, **options)


class Uploads(dict[str, bytes]):
    """What Colab's `files.upload()` gives where nobody chooses a file: none."""

    def __missing__(self, name: str) -> bytes:
        raise FileNotFoundError(
            f"{name} was to be chosen by a person in files.upload(), and nobody does so in a box"
        )


class Files(Silence):
    """Colab's `files`: what is downloaded goes nowhere, and nothing is uploaded."""

    def upload(self, *_: Any, **__: Any) -> Uploads:
        return Uploads()


def install() -> None:
    """Get ready for what programs import; called before any learner's code."""
    for name in LOGGERS:
        is_whole = name != "google"  # others live there as well
        imports.stand_in(name, fill_with_silence, for_learners=True, is_whole=is_whole)
    imports.after_import("torch", without_tensorboard)
    imports.stand_in("pkg_resources", fill_versions, for_learners=True)
    imports.after_import("tqdm.notebook", plain_progress)
    imports.after_import("IPython", with_shell)
    imports.after_import("matplotlib", without_windows)
    imports.after_import("keras.src.utils.model_visualization", without_drawings)
    pretend_terminal()


def fill_with_silence(module: ModuleType) -> None:
    """Give a stand-in every name that anybody imports from it."""
    settings = Settings()

    def init(*_: Any, **options: Any) -> Any:
        settings.update(dict(options.get("config") or {}))
        run = Silence()
        run.__dict__["config"] = settings
        return run

    def missing(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Silence()

    top = module.__name__.partition(".")[0]
    module.__dict__.update(__getattr__=missing)
    if top == "wandb":
        module.__dict__.update(init=init, config=settings)
    elif top == "IPython":
        module.__dict__.update(display=show, get_ipython=Silence, **REGISTERING)
        module.__dict__["version_info"] = (9, 0, 0, "")  # Matplotlib asks
    elif module.__name__ == "google.colab":  # `from google.colab import files` looks here
        module.__dict__["files"] = Files()
    elif module.__name__ == "google.colab.files":
        module.__dict__["upload"] = Files().upload
    if top not in ("torch", "IPython", "google", "matplotlib_inline"):
        note(f"{top} is not in this box; what the program tells it is dropped")


def as_it_is(value: Any) -> Any:
    """Return a value itself: what a decorator gives that registers nothing."""
    return value


# IPython's decorators for magics of a notebook's own.
REGISTERING = dict.fromkeys(
    ("register_cell_magic", "register_line_magic", "register_line_cell_magic", "magics_class"),
    as_it_is,
)


def fill_versions(module: ModuleType) -> None:
    """Give a stand-in for pkg_resources, gone from setuptools, what programs ask it: versions."""
    from importlib import metadata

    def distribution(name: str) -> Any:
        found = Silence()
        found.__dict__["version"] = metadata.version(name)
        return found

    def parse(version: str) -> tuple[int, ...]:
        """Return the numbers of a version; they compare as it does."""
        return tuple(int(part) for part in re.findall(r"[0-9]+", version.partition("+")[0]))

    module.__dict__.update(parse_version=parse, get_distribution=distribution)


def show(*values: Any, **_: Any) -> None:
    """Print what IPython would display, if it is a text or a table."""
    for value in values:
        if not isinstance(value, Silence):
            print(value)


def without_tensorboard(torch: Any) -> None:
    """Let PyTorch's writer for TensorBoard write nowhere where TensorBoard is not installed."""
    from .frameworks import is_installed

    if not is_installed("tensorboard"):
        module = ModuleType(TENSORBOARD)
        fill_with_silence(module)
        sys.modules[TENSORBOARD] = module


def plain_progress(module: Any) -> None:
    """Let progress bars of notebooks be the plain ones: there are no widgets."""
    plain = sys.modules["tqdm.std"]
    module.tqdm = module.tqdm_notebook = plain.tqdm
    module.trange = module.tnrange = plain.trange


def with_shell(module: Any) -> None:
    """Let `get_ipython()` answer: what notebooks ask of it does nothing here."""
    module.get_ipython = Silence


def without_windows(module: Any) -> None:
    """Let programs choose a backend for their plots that needs a window: plots go nowhere."""
    real = module.use

    def use(backend: str, *arguments: Any, **options: Any) -> None:
        if backend.lower() in ("agg", "pdf", "svg", "ps"):
            real(backend, *arguments, **options)

    module.use = use
    imports.after_import("matplotlib.pyplot", without_switching)


def without_switching(module: Any) -> None:
    real = module.switch_backend
    module.switch_backend = lambda *_, **__: real("agg")


def without_drawings(module: Any) -> None:
    """Let pictures of networks be left out where the program that draws them is missing."""
    module.check_graphviz = module.check_pydot = lambda: False
    module.plot_model = lambda *_, **__: None


def pretend_terminal() -> None:
    """Answer programs that ask how wide the terminal is."""
    size = os.terminal_size(TERMINAL)
    os.get_terminal_size = lambda *_: size
    real_popen = os.popen

    def popen(command: Any, *arguments: Any, **options: Any) -> Any:
        if isinstance(command, str) and command.startswith("stty size"):
            return io.StringIO(f"{TERMINAL[1]} {TERMINAL[0]}\n")
        return real_popen(command, *arguments, **options)

    os.popen = popen  # type: ignore[assignment]
