"""Rules about the transforms of torchvision: the same preparation for training and for answers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.doctor.rules.rule import rule
from grader.doctor.rules.syntax import Code, is_false, is_true, last_name, option

SETS = ("MNIST", "FashionMNIST", "KMNIST", "CIFAR10", "CIFAR100")


@rule("training pictures are normalised by their transform, and those of the test set are not")
def normalised_once(code: Code) -> Iterator[ast.AST]:
    for_training = transforms_of(code, is_training=True)
    for_tests = transforms_of(code, is_training=False)
    if not for_training or not all(map(normalises, for_training)):
        return
    for transform in for_tests:
        if not normalises(transform):
            yield transform


def transforms_of(code: Code, *, is_training: bool) -> list[ast.AST]:
    """Return the transforms of the training or test sets, as far as they are written out."""
    found: list[ast.AST] = []
    for call in code.calls(*SETS):
        part = option(call, "train")
        is_this_part = is_true(part) if is_training else is_false(part)
        transform = code.value(option(call, "transform"))
        if is_this_part and is_written_out(transform):
            found.append(transform)  # type: ignore[arg-type]
    return found


def is_written_out(transform: ast.AST | None) -> bool:
    """Whether a transform is a call of torchvision's, such as `Compose` of calls."""
    if not isinstance(transform, ast.Call):
        return False
    parts = transform.args[0] if transform.args else None
    if last_name(transform.func) != "Compose":
        return last_name(transform.func) in ("ToTensor", "PILToTensor")
    return isinstance(parts, ast.List) and all(isinstance(each, ast.Call) for each in parts.elts)


def normalises(transform: ast.AST) -> bool:
    """Whether a transform scales by a mean and a spread, or by something of the program's own."""
    text = ast.unparse(transform)
    return "Normalize" in text or "Lambda" in text
