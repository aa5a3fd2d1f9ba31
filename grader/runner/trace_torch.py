"""Notes the gradients that PyTorch is asked for, and the steps of its optimizers."""

from __future__ import annotations

import contextlib
from types import ModuleType
from typing import Any

from . import imports
from .time_up import CLOCK, TimeIsUp
from .training_trace import current


def watch_torch(torch: ModuleType) -> None:
    """Note gradients and steps from now on. May be called again: it is done once."""
    from torch.optim.optimizer import (
        register_optimizer_step_post_hook,
        register_optimizer_step_pre_hook,
    )

    backward = torch.autograd.backward
    grad = torch.autograd.grad
    if hasattr(backward, "watched"):
        return

    def noted_backward(*arguments: Any, **options: Any) -> Any:
        loss = arguments[0] if arguments else options.get("tensors")
        note_gradient(loss, is_loss=True)
        return backward(*arguments, **options)

    def noted_grad(*arguments: Any, **options: Any) -> Any:
        outputs = arguments[0] if arguments else options.get("outputs")
        note_gradient(outputs, is_loss=False)
        return grad(*arguments, **options)

    noted_backward.watched = True  # type: ignore[attr-defined]
    torch.autograd.backward = noted_backward
    torch.autograd.grad = noted_grad
    register_optimizer_step_pre_hook(note_before_step)
    register_optimizer_step_post_hook(note_step)
    scaler = getattr(torch.amp, "GradScaler", None)
    if scaler is not None:
        watch_scaler(scaler)
    watch_loading(torch.nn.Module)
    watch_sharing(torch.nn.Module)
    imports.after_import("torch._dynamo.trace_rules", stay_out_of_graphs)


def watch_loading(kind: Any) -> None:
    """Note which networks are given trained weights: the best ones of a training, loaded again."""
    load = kind.load_state_dict

    def noted(self: Any, *arguments: Any, **options: Any) -> Any:
        result = load(self, *arguments, **options)
        training = current()
        if training.of_script and training.backward:
            training.touch(self)
        return result

    kind.load_state_dict = noted


def watch_sharing(kind: Any) -> None:
    """Note which networks are put where other processes can train them (Hogwild)."""
    share = kind.share_memory

    def noted(self: Any) -> Any:
        result = share(self)
        before = [each.detach().clone() for each in self.parameters()]
        current().shared.append((self, before))
        return result

    kind.share_memory = noted


def note_gradient(outputs: Any, *, is_loss: bool) -> None:
    training = current()
    training.backward = True
    training.account.gradient(outputs, is_loss)


def note_before_step(optimizer: Any, *_: Any) -> None:
    current().account.before_step(optimizer)


def note_step(optimizer: Any, *_: Any) -> None:
    training = current()
    training.account.step(optimizer)
    training.took_steps = True
    if training.of_script:
        training.step(optimizer)
    if CLOCK.is_over:
        raise TimeIsUp


def watch_scaler(kind: Any) -> None:
    """Note which loss a gradient scaler made larger: the product it returns is not the loss."""
    scale = kind.scale

    def noted(self: Any, outputs: Any) -> Any:
        result = scale(self, outputs)
        current().account.scale(outputs, result)
        return result

    kind.scale = noted


def stay_out_of_graphs(rules: Any) -> None:
    """Keep torch.compile from translating the hooks.

    It would do so again with every step, since what they read changes, and finally give up.
    """
    # PyTorch's own list of what to leave alone: it may be gone tomorrow.
    with contextlib.suppress(Exception):
        rules.add(__package__)
