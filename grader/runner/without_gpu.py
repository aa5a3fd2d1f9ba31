"""Programs that take a GPU for granted, in a box that has none: their work goes to the CPU.

`.cuda()`, `torch.device("cuda:0")`, `.to("cuda")` and `torch.zeros(3, device="cuda")` mean the CPU
here, and the result says so once. PyTorch is changed only for a submission whose source speaks of
CUDA, and only where PyTorch finds no GPU: others pay nothing.
"""

from __future__ import annotations

import copyreg
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import imports
from .notes import note

FACTORIES = (
    "arange",
    "as_tensor",
    "empty",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
    "tensor",
    "zeros",
    "zeros_like",
)
# Of torch.cuda: what such programs call, and what it answers here.
ANSWERS: dict[str, Any] = {
    "set_device": None,
    "synchronize": None,
    "empty_cache": None,
    "current_device": 0,
    "get_device_name": "no GPU",
    "memory_allocated": 0,
    "memory_reserved": 0,
    "max_memory_allocated": 0,
    "reset_peak_memory_stats": None,
    "get_device_capability": (0, 0),
}
MOST_FILES = 200


def prepare(folder: Path) -> None:
    """Get PyTorch ready for the programs of a folder that speak of CUDA."""
    if any(speaks_of_cuda(path) for path in sorted(folder.rglob("*.py"))[:MOST_FILES]):
        imports.after_import("torch", use_cpu)
        imports.after_import("lightning.pytorch.trainer.trainer", use_cpu_in_trainer)
        imports.after_import("pytorch_lightning.trainer.trainer", use_cpu_in_trainer)


def speaks_of_cuda(path: Path) -> bool:
    try:
        source = path.read_text("utf-8", "replace")
    except OSError:
        return False
    return "cuda" in source or "gpu" in source


def use_cpu(torch: Any) -> None:
    """Let everything that is sent to a GPU stay on the CPU."""
    if torch.cuda.is_available() or hasattr(torch.Tensor.cuda, "stays"):
        return
    copyreg.pickle(torch.device, as_called)
    torch.device = device_class(torch.device)

    def stay(self: Any, *_: Any, **__: Any) -> Any:
        say_so()
        return self

    stay.stays = True  # type: ignore[attr-defined]
    torch.Tensor.cuda = stay
    torch.nn.Module.cuda = stay
    torch.Tensor.to = on_cpu(torch.Tensor.to)
    torch.nn.Module.to = on_cpu(torch.nn.Module.to)
    for name in FACTORIES:
        setattr(torch, name, on_cpu(getattr(torch, name)))
    torch.load = on_cpu(torch.load)
    torch.set_default_device = on_cpu(torch.set_default_device)
    torch.Generator = generator_class(torch.Generator)
    torch.autocast.__init__ = on_cpu(torch.autocast.__init__)
    for name, answer in ANSWERS.items():
        setattr(torch.cuda, name, constant(answer))


def as_called(device: Any) -> tuple[Any, ...]:
    """Return how to make a device again: by today's `torch.device`, whatever stands there."""
    return made_device, (str(device),)


def made_device(name: str) -> Any:
    import torch

    return torch.device(name)


def constant(answer: Any) -> Callable[..., Any]:
    return lambda *_, **__: answer


def say_so() -> None:
    note("there is no GPU in this box: what the program sends to one stays on the CPU")


def is_cuda(value: Any) -> bool:
    """Whether a value names a GPU: "cuda", "cuda:0", or a device that was made before."""
    if isinstance(value, str):
        return value.startswith(("cuda", "mps"))
    return getattr(value, "type", None) in ("cuda", "mps")


def on_cpu(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of PyTorch whose arguments name the CPU where they name a GPU."""

    @functools.wraps(function)
    def changed(*arguments: Any, **options: Any) -> Any:
        if any(is_cuda(each) for each in arguments if isinstance(each, str)):
            say_so()
            arguments = tuple(
                "cpu" if isinstance(each, str) and is_cuda(each) else each for each in arguments
            )
        for name in ("device", "map_location", "device_type"):
            if is_cuda(options.get(name)):
                say_so()
                options[name] = "cpu"
        return function(*arguments, **options)

    return changed


def device_class(real: Any) -> Any:
    """Return what stands in for `torch.device`: calls give the CPU for a GPU.

    PyTorch's own class can't have subclasses, so this one answers `isinstance` for it.
    """

    class Meta(type):
        def __call__(cls, *arguments: Any, **options: Any) -> Any:
            named = arguments[0] if arguments else options.get("type", options.get("device"))
            if is_cuda(named) or isinstance(named, int):
                say_so()
                return real("cpu")
            return real(*arguments, **options)

        def __instancecheck__(cls, value: Any) -> bool:
            return isinstance(value, real)

    return Meta("device", (), {})


def generator_class(real: Any) -> Any:
    """Return what stands in for `torch.Generator`, in the same way."""

    class Meta(type):
        def __call__(cls, device: Any = "cpu") -> Any:
            return real("cpu" if is_cuda(device) else device)

        def __instancecheck__(cls, value: Any) -> bool:
            return isinstance(value, real)

    return Meta("Generator", (), {})


def use_cpu_in_trainer(module: Any) -> None:
    """Let Lightning's Trainer take the CPU where it is told to take a GPU."""
    start = module.Trainer.__init__

    @functools.wraps(start)
    def changed(self: Any, *arguments: Any, **options: Any) -> None:
        if options.get("accelerator") in ("gpu", "cuda", "mps", "tpu"):
            say_so()
            options["accelerator"] = "cpu"
            options["devices"] = 1
            options.pop("strategy", None)
        start(self, *arguments, **options)

    module.Trainer.__init__ = changed
