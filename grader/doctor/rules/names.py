"""How learners call what they train on: words by which rules know inputs, labels and test sets."""

from __future__ import annotations

import ast

from grader.doctor.rules.syntax import last_name

INPUTS = {"inputs", "images", "x", "X", "img", "image", "pixels", "batch"}
LABELS = {"labels", "y", "targets", "target", "label", "y_train", "train_labels", "yb"}
TRAINING_SETS = {"x_train", "X_train", "train_images", "train_data"}
KEPT_APART = {
    "test",
    "testing",
    "val",
    "valid",
    "validation",
    "testset",
    "testloader",
    "valset",
    "valloader",
}


def is_labels(node: ast.AST | None) -> bool:
    """Whether a node is called as labels are."""
    return last_name(node) in LABELS


def mentions(names: set[str], *nodes: ast.AST) -> bool:
    """Whether one of these names stands anywhere in these nodes."""
    return any(last_name(each) in names for node in nodes for each in ast.walk(node))
