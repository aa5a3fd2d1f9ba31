"""Are the metrics right? Against scikit-learn and torchmetrics, on random scores."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, recall_score

from grader.metrics import classification as metrics
from grader.runner import imports, loaders

TRIALS = 200
ALLOWED = 1e-6


def main() -> None:
    # torchmetrics imports torchvision, which may not fit the installed PyTorch.
    imports.install()
    imports.after_import("torchvision.extension", loaders.declare_torchvision_operators)
    draw = np.random.default_rng(0)
    worst = dict.fromkeys(("accuracy", "macro F1", "recall by class", "confusion"), 0.0)
    for _ in range(TRIALS):
        labels, scores = drawn(draw)
        compare(worst, labels, scores)
    for name, difference in worst.items():
        verdict = "within" if difference <= ALLOWED else "OUTSIDE"
        print(
            f"{name:<16} largest difference {difference:.2e} in {TRIALS} trials  "
            f"{verdict} {ALLOWED:.0e}"
        )


def drawn(draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return labels (n,) of 2 to 19 classes, each once at least, and scores (n, classes)."""
    classes = int(draw.integers(2, 20))
    count = int(draw.integers(50, 3000))
    labels = np.concatenate([np.arange(classes), draw.integers(0, classes, count)])
    noise = draw.normal(size=(len(labels), classes)).astype(np.float32)
    return labels, noise + 1.5 * np.eye(classes)[labels]


def compare(worst: dict[str, float], labels: np.ndarray, scores: np.ndarray) -> None:
    """Note how far each metric is from the same one of the two libraries."""
    from torchmetrics.functional.classification import multiclass_accuracy, multiclass_f1_score

    classes = scores.shape[1]
    answers = scores.argmax(axis=1)
    tensors = torch.from_numpy(scores), torch.from_numpy(labels)
    own = metrics.accuracy(scores, labels)
    theirs = float(multiclass_accuracy(*tensors, num_classes=classes, average="micro"))
    note(worst, "accuracy", own - accuracy_score(labels, answers), own - theirs)
    own = metrics.macro_f1(scores, labels)
    theirs = float(multiclass_f1_score(*tensors, num_classes=classes, average="macro"))
    scikit = f1_score(labels, answers, average="macro", zero_division=0)
    note(worst, "macro F1", own - scikit, own - theirs)
    recall = metrics.class_recall(scores, labels) - recall_score(labels, answers, average=None)
    note(worst, "recall by class", float(np.abs(recall).max()))
    theirs_table = confusion_matrix(labels, answers, labels=range(classes))
    table = metrics.confusion(scores, labels) - theirs_table
    note(worst, "confusion", float(np.abs(table).max()))


def note(worst: dict[str, float], name: str, *differences: float) -> None:
    worst[name] = max(worst[name], *(abs(difference) for difference in differences))


if __name__ == "__main__":
    main()
