"""From the reason why a submission failed to named numbers.

The reason quotes what the submission's own framework said, so it is the submission's word, cleaned
and cut. It serves beside a place in the source.
"""

from __future__ import annotations

import re

from grader.doctor.observables.numbers import Numbers

FAILED: dict[str, str] = {
    "outside_label": "a label for which the last layer has no output, as the framework said",
    "layer_outputs": "outputs of the last layer, as the framework said",
    "label_shape_differs": "1 if labels and answers had shapes that a loss could not compare",
    "few_scores": "scores of an answer, where there are fewer than classes",
    "asked_classes": "classes of the task, where an answer has fewer scores",
    "wrong_answer": "1 if an answer had another shape than was asked for",
}
OUTSIDE = (
    re.compile(r"[Tt]arget (\d+) is out of bounds"),
    re.compile(r"[Rr]eceived a label value of (\d+) which is outside"),
    re.compile(r"index (\d+) is out of bounds for axis 1"),
)
OUTPUTS = re.compile(r"outside the valid range of \[0, (\d+)\)")
# Of labels that are numbers beside answers with a score for each class, or the other way round.
SHAPES_DIFFER = (
    re.compile(r"`target` and `output` must have the same (rank|shape)"),
    re.compile(r"loss/.*Incompatible shapes: \[(\d+)\] vs\. \[\1,\d+\]", re.DOTALL),
    re.compile(r"0D or 1D target tensor expected, multi-target not supported"),
    re.compile(r"Expected floating point type for target with class probabilities"),
)
SHAPE = re.compile(r"shape \((\d+)(?:, (\d+))?,?\)")


def observe_failure(reason: str, classes: int, wrong_output: bool) -> Numbers:
    """Return what the reason of a failure tells, as far as it is understood.

    wrong_output: an answer broke the contract.
    """
    numbers = Numbers()
    for pattern in OUTSIDE:
        found = pattern.search(reason)
        if found is not None:
            numbers["outside_label"] = float(found[1])
            break
    if any(pattern.search(reason) for pattern in SHAPES_DIFFER):
        numbers["label_shape_differs"] = 1.0
    outputs = OUTPUTS.search(reason)
    if outputs is not None:
        numbers["layer_outputs"] = float(outputs[1])
    if not wrong_output:
        return numbers
    numbers["wrong_answer"] = 1.0
    numbers["asked_classes"] = float(classes)
    shape = SHAPE.search(reason)
    if shape is not None:
        columns = int(shape[2] or 1)
        if columns < classes and shape[2] is not None:
            numbers["few_scores"] = float(columns)
    return numbers
