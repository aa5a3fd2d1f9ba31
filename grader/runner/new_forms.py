"""What to write today: errors of libraries whose call has another form now, or wants another shape.

Such an error says what is wrong, and rarely what to write in its place. Where that is known, it
stands behind the error's own words, as a line that can be copied. A form is told by the kind of
exception and a pattern in its words; words change with versions, and what no pattern fits is told
as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

MOST_CHARACTERS = 4000  # of a message, looked through
CLASSES = [10]  # of the task's labels; `given_data` sets it


@dataclass(frozen=True)
class Form:
    """An error that is known.

    kinds: names of exceptions. pattern: is in its words. says: what to write, given the match.
    """

    kinds: tuple[str, ...]
    pattern: str
    says: Callable[[re.Match[str]], str]


def of_today(error: BaseException) -> str:
    """Return what to write where an error's call or shape has another form today; else nothing."""
    names = {kind.__name__ for kind in type(error).__mro__}
    words = str(error)[:MOST_CHARACTERS]
    for form in FORMS:
        match = re.search(form.pattern, words, re.DOTALL)
        if match is not None and names.intersection(form.kinds):
            return form.says(match)
    return ""


def always(text: str) -> Callable[[re.Match[str]], str]:
    return lambda match: text


# PyTorch and its metrics.


def metric(match: re.Match[str]) -> str:
    """Name the arguments that torchmetrics asks for since its version 0.11."""
    name = match[1]
    return f"today one writes {name}({arguments_of_metric(name)})"


def arguments_of_metric(name: str) -> str:
    """Return what a metric of the task's classes takes, before it its tensors if it is one."""
    tensors = "" if name[:1].isupper() else "predictions, labels, "
    classes = CLASSES[0]
    if classes == 2:
        return f'{tensors}task="binary"'
    return f'{tensors}task="multiclass", num_classes={classes}'


def channels_of_normalize(match: re.Match[str]) -> str:
    """Say that pictures have fewer channels than Normalize was given figures for."""
    has = int(match[1])
    figures = "(0.5,), (0.5,)" if has == 1 else "(0.5, 0.5, 0.5), (0.5, 0.5, 0.5)"
    return (
        f"the pictures have {channels(has)}, and Normalize was given figures for {match[2]}: "
        f"write transforms.Normalize({figures})"
    )


def channels_of_layer(match: re.Match[str]) -> str:
    """Say that a convolution was made for pictures of another number of channels."""
    wanted = int(match["wanted"])
    has = int(match["has"])
    said = f"the pictures have {channels(has)} and the layer was made for {wanted}"
    if has == 1 and wanted == 3:
        return (
            f"{said}: let the first convolution take one (nn.Conv2d(1, ...)), or add "
            "transforms.Grayscale(3) before ToTensor()"
        )
    return f"{said}: let the first convolution take {has} (nn.Conv2d({has}, ...))"


def channels(count: int) -> str:
    return "one channel" if count == 1 else f"{count} channels"


def features(match: re.Match[str]) -> str:
    """Name the width that a linear layer is given."""
    return (
        f"the layer is given {match['given']} numbers for each example and was made for "
        f"{match['made']}: write nn.Linear({match['given']}, ...), or flatten other axes"
    )


# Keras, TensorFlow.

KERAS_OPTIONS = {
    "output_dim": "units",
    "nb_filter": "filters",
    "init": "kernel_initializer",
    "border_mode": "padding",
    "subsample": "strides",
    "dim_ordering": "data_format",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
    "inner_activation": "recurrent_activation",
    "input": "inputs",
    "output": "outputs",
    "batch_input_shape": "batch_shape",
    "p": "rate",
}


def keras_options(match: re.Match[str]) -> str:
    """Name the options of today for those that Keras refused."""
    given = re.findall(r"'(\w+)':", match[1])
    known = [f"{name} is called {KERAS_OPTIONS[name]}" for name in given if name in KERAS_OPTIONS]
    if known:
        return f"in Keras 3, {' and '.join(known)}"
    return f"Keras 3 has no such option: leave {', '.join(given)} out"


OF_TENSORFLOW_1 = (
    "this is a program for TensorFlow 1, which built graphs and ran them in sessions; this box has "
    "TensorFlow 2. Write the network with tf.keras.Sequential, model.compile and model.fit"
)

NO_MORE_PROCESSES = (
    "this box may start no more processes or threads: write a smaller number of workers, such as "
    "num_workers=2, and of threads"
)
WORKER_ENDED = (
    "a worker that is started by spawn or forkserver imports the file once more, so what starts "
    'the training has to stand below `if __name__ == "__main__":`. Else a worker may have failed '
    "or run out of memory: num_workers=0 shows its error"
)

# Names that are gone -> what to write.
GONE = {
    "fetch_mldata": 'from sklearn.datasets import fetch_openml; fetch_openml("mnist_784")',
    "multi_gpu_model": "leave it out: there is one device here",
    "Merge": "keras.layers.Concatenate()([a, b]) or keras.layers.Add()([a, b])",
    "F1": 'torchmetrics.F1Score(task="multiclass", num_classes=10)',
    "load_boston": "another data set: this one was withdrawn",
    "xla_bridge": "jax.default_backend()",
    "clear_backends": "leave it out",
    "xla_computation": "jax.jit(function).lower(...)",
    "linear_util": "jax.extend.linear_util",
    "partial": "from functools import partial",
    "to_dlpack": "torch.utils.dlpack",
    "AdamOptimizer": "tf.keras.optimizers.Adam",
    "GradientDescentOptimizer": "tf.keras.optimizers.SGD",
}


def gone_name(match: re.Match[str]) -> str:
    """Name what has taken the place of a name that a library has no more."""
    name = match["name"]
    if "flax" in (match["module"], match["source"]):
        return {"optim": "use optax", "nn": "from flax import linen as nn"}.get(name, "")
    return f"today one writes: {GONE[name]}" if name in GONE else ""


NO_NAME = (
    r"(?:module '(?P<module>[\w.]+)' has no attribute|cannot import name) '(?P<name>\w+)'"
    r"(?: from '(?P<source>[\w.]+)')?"
)
TENSORFLOW_1 = (
    r"module 'tensorflow[\w.]*' has no attribute '(?:placeholder|placeholder_with_default|"
    r"get_variable|layers|contrib|InteractiveSession|variable_scope|global_variables|"
    r"reset_default_graph|estimator|assign|get_default_graph|\w+Optimizer|truncated_normal|"
    r"random_normal|random_uniform|initialize_all_variables|log|to_float|arg_max)'"
)
FORMS = (
    Form(
        ("IndexError",),
        r"invalid index of a 0-dim tensor",
        always(
            "a loss is a single number without axes today: write loss.item() for loss.data[0], "
            "and value.item() for value[0]"
        ),
    ),
    Form(("TypeError",), r"(\w+)(?:\.__new__)?\(\) missing 1 required .*: 'task'", metric),
    Form(
        ("ValueError",),
        r"Optional arg `num_classes` must be type `int`",
        lambda match: f"give the metric num_classes={CLASSES[0]}",
    ),
    Form(
        ("RuntimeError",),
        r"output with shape \[(\d+), \d+, \d+\] doesn't match the broadcast shape \[(\d+), ",
        channels_of_normalize,
    ),
    Form(
        ("RuntimeError",),
        r"weight of size \[[\d, ]+\], expected input\[[\d, ]+\] to have (?P<wanted>\d+) channels, "
        r"but got (?P<has>\d+) channels",
        channels_of_layer,
    ),
    Form(
        ("RuntimeError",),
        r"mat1 and mat2 shapes cannot be multiplied \(\d+x(?P<given>\d+) and (?P<made>\d+)x\d+\)",
        features,
    ),
    Form(
        ("UnpicklingError",), r"weights_only", always("write torch.load(path, weights_only=False)")
    ),
    Form(
        ("ValueError",), r"Unrecognized keyword arguments passed to \w+: (\{.*?\})", keras_options
    ),
    Form(("AttributeError",), TENSORFLOW_1, always(OF_TENSORFLOW_1)),
    Form(
        ("RuntimeError",),
        r"not compatible with eager execution|The Session graph is empty",
        always(OF_TENSORFLOW_1),
    ),
    Form(("AttributeError", "ImportError"), NO_NAME, gone_name),
    Form(("BlockingIOError",), r"temporarily unavailable", always(NO_MORE_PROCESSES)),
    Form(("RuntimeError",), r"can't start new thread", always(NO_MORE_PROCESSES)),
    Form(("RuntimeError",), r"worker \(pid\(s\) [\d, ]+\) exited", always(WORKER_ENDED)),
)
