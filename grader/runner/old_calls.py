"""Calls that many courses still have and that the libraries of today no longer know.

They are given back where they meant exactly what another call means now: `dataiter.next()` is
`next(dataiter)`. Nothing is changed that the library itself still answers.
"""

from __future__ import annotations

import shutil
from typing import Any

from . import imports
from .notes import note

NUMPY_NAMES = {"int": int, "float": float, "bool": bool, "object": object, "str": str}


def prepare() -> None:
    """Give old calls back once their libraries are imported; called before any learner's code."""
    imports.after_import("numpy", old_numpy)
    imports.after_import("torch.utils.data.dataloader", old_torch_loader)
    imports.after_import("torch", without_compiler)
    imports.after_import("keras.src.optimizers.optimizer", old_keras_optimizer)
    imports.after_import("matplotlib.gridspec", old_subplots)


def old_numpy(numpy: Any) -> None:
    """Give `np.int` and its like back, which were Python's own types."""
    for name, kind in NUMPY_NAMES.items():
        if name not in numpy.__dict__:
            setattr(numpy, name, kind)


def old_torch_loader(module: Any) -> None:
    """Give the iterators of DataLoader their `next()`, gone since PyTorch 1.13."""
    base = module._BaseDataLoaderIter
    if not hasattr(base, "next"):
        base.next = base.__next__


def without_compiler(torch: Any) -> None:
    """Let `torch.compile` leave a model as it is where there is no compiler to use."""
    if shutil.which("g++") or shutil.which("c++") or shutil.which("clang++"):
        return

    def compile(model: Any = None, *_: Any, **__: Any) -> Any:
        note("torch.compile needs a C++ compiler, which this box has not: it ran uncompiled")
        return (lambda given: given) if model is None else model

    torch.compile = compile


def old_keras_optimizer(module: Any) -> None:
    """Let optimizers of Keras take `lr` for `learning_rate`, and leave `decay` out."""

    def take_old_names(cls: Any, **_: Any) -> None:
        begin = cls.__init__

        def changed(self: Any, *arguments: Any, **options: Any) -> None:
            if "lr" in options:
                options["learning_rate"] = options.pop("lr")
                note("Keras' optimizers call `lr` `learning_rate` now")
            if options.pop("decay", None):
                note("Keras' optimizers have no `decay` any more: it was left out")
            begin(self, *arguments, **options)

        cls.__init__ = changed

    module.Optimizer.__init_subclass__ = classmethod(take_old_names)  # type: ignore[arg-type]


def old_subplots(module: Any) -> None:
    """Let `subplot(2, 20/2, 1)` take whole numbers that are floats, as Matplotlib once did."""
    place = module.SubplotSpec._from_subplot_args

    def changed(figure: Any, arguments: Any) -> Any:
        return place(figure, tuple(int(each) if is_whole(each) else each for each in arguments))

    module.SubplotSpec._from_subplot_args = staticmethod(changed)


def is_whole(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer()
