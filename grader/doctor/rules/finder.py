"""Places in a submission's source that go with a mistake. `main` runs in a limited child; see
`source`.

It prints a line for each rule with a place, `rule<TAB>number of the file<TAB>line`, and `whole` at
the end if every file was Python. The rules look at syntax alone and are often right and sometimes
not: a place is never enough for a name, see `diagnose`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from grader.doctor.rules import data, model, pictures, training
from grader.doctor.syntax import Code

RULES: dict[str, str] = {
    "softmax_last": "the model ends in a softmax, and the loss is a cross-entropy on scores",
    "sigmoid_last": "the model ends in a sigmoid, and the loss is a cross-entropy on scores",
    "relu_last": "the model ends in a ReLU",
    "nll_without_log": "a negative log-likelihood, and no logarithm anywhere",
    "softmax_over_batch": "a softmax over axis 0, or over an axis that nobody named",
    "uses_dropout": "dropout",
    "uses_batchnorm": "batch normalisation",
    "dropout_without_eval": "dropout, and eval() is never called",
    "batchnorm_without_eval": "batch normalisation, and eval() is never called",
    "no_zero_grad": "gradients are asked for in a loop and never cleared",
    "no_step": "gradients are asked for, and no optimizer ever steps",
    "no_backward": "an optimizer steps, and no gradient is ever asked for",
    "other_model": "the optimizer is given the parameters of a model made on the spot",
    "trains_a_copy": "a function that trains a copy of the model it is given, and does not return it",
    "frozen": "parameters are told to need no gradient",
    "linear_after_linear": "two linear layers in a row, nothing between them",
    "equal_init": "weights are set to one and the same number",
    "large_init": "weights are drawn far from zero",
    "sum_reduction": "a loss that is summed, not averaged",
    "climbs": "the gradient is added, not taken off",
    "raw_pixels": "inputs that are scaled nowhere",
    "scaled_once": "inputs are scaled in training or in predict(), not in both",
    "mixing_reshape": "a reshape that takes another axis for the batch",
    "rnn_axis": "a recurrent layer without batch_first=True",
    "high_rate": "a learning rate far above what the optimizer is used with",
    "low_rate": "a learning rate far below what the optimizer is used with",
    "high_decay": "a weight decay of 0.3 or more",
    "scheduler_in_batches": "a scheduler that steps with every batch",
    "unsqueezed_mse": "a squared error, and no shape is ever made the same",
    "moved_labels": "labels with a 1 added or taken off",
    "fresh_order": "labels or inputs put in an order of their own",
    "leaves_loop": "a loop over batches that is left after the first one",
    "high_dropout": "dropout of 0.8 or more",
    "plain_list": "layers in a plain list",
    "looks_ahead": "a layer that reads in both directions, or attention without a mask",
    "unshifted_target": "a language model's inputs and targets cut out of the text at the same places",
    "subset": "training examples picked or sorted by their label",
    "one_unit_softmax": "a last layer of one unit, and a softmax",
    "trains_on_test": "a training loop, or a fit, over examples that are called test or validation",
    "few_copies": "the first few of all examples, copied or taken for training",
    "cut_generator": "a generator's loss that no gradient can come back from",
    "one_network_twice": "two optimizers that hold the same network, and none that holds the generator",
    "idle_optimizer": "an optimizer of the generator that never steps",
    "tanh_times_255": "an output from -1 to 1 that is multiplied by 255 with nothing added",
    "unscaled_bytes": "whole numbers made of shares that are multiplied nowhere",
    "noise_without_seed": "pictures made without looking at the seed",
}
MEMORY_BYTES = 512 << 20
CPU_SECONDS = 5
MOST_BYTES = 1 << 20  # of one file


def places(code: Code) -> Iterator[tuple[str, ast.AST]]:
    """Yield (rule, node) for every place found."""
    yield from model.of_outputs(code)
    yield from training.of_losses(code)
    yield from training.of_loops(code)
    yield from model.of_layers(code)
    yield from training.of_optimizers(code)
    yield from data.of_data(code)
    yield from data.of_labels(code)
    yield from data.of_parts(code)
    yield from pictures.of_generators(code)


def limit_myself() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def main(paths: list[str]) -> int:
    """Read the files and print what was found; returns the exit code."""
    limit_myself()
    trees: list[ast.Module] = []
    for path in paths:
        try:
            with open(path, "rb") as file:
                trees.append(ast.parse(file.read(MOST_BYTES)))
        except (SyntaxError, ValueError, RecursionError, MemoryError, OSError):
            trees.append(ast.Module([], []))
            paths = [each for each in paths if each != path]
    code = Code(trees)
    found: dict[str, tuple[int, int]] = {}
    for rule, node in places(code):
        found.setdefault(rule, (code.file_of(node), getattr(node, "lineno", 1)))
    for rule, (index, line) in found.items():
        print(f"{rule}\t{index}\t{line}")
    if len(paths) == len(trees):
        print("whole")
    return 0
