"""Slips of beginners that Python's own words do not name: what is behind an error, in a sentence.

foward instead of forward, forward defined inside __init__, a ModuleList that is called
a file of the learner's that has the name of a module of a library
a module that a library once had
train() with other parameters than the task gives
"""

from __future__ import annotations

import difflib
import inspect
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from . import frameworks, imports, new_forms

# What libraries once had -> what to write today.
MOVED = {
    "keras.layers.core": "from keras.layers import Dense, Dropout",
    "keras.layers.convolutional": "from keras.layers import Conv2D, MaxPooling2D",
    "keras.layers.pooling": "from keras.layers import MaxPooling2D",
    "keras.layers.normalization": "from keras.layers import BatchNormalization",
    "keras.layers.recurrent": "from keras.layers import LSTM, GRU",
    "keras.layers.embeddings": "from keras.layers import Embedding",
    "keras.layers.advanced_activations": "from keras.layers import LeakyReLU",
    "keras.layers.experimental": "from keras import layers",
    "keras.layers.merge": "from keras.layers import Concatenate, Add",
    "keras.layers.wrappers": "from keras.layers import TimeDistributed, Bidirectional",
    "keras.engine": "from keras import Layer, Model",
    "keras.backend": "from keras import ops",
    "keras.optimizers.legacy": "from keras import optimizers",
    "keras.utils.np_utils": "from keras.utils import to_categorical",
    "keras.utils.generic_utils": "from keras import utils",
    "keras.preprocessing.text": "from keras.layers import TextVectorization",
    "keras.preprocessing.sequence": "from keras.utils import pad_sequences",
    "keras.preprocessing.image": "from keras import layers (RandomFlip, RandomRotation, Rescaling)",
    "keras.wrappers": "from keras.wrappers import SKLearnClassifier",
    "tensorflow.examples": "keras.datasets.mnist.load_data()",
    "tensorflow.contrib": "the same name in tensorflow itself",
    "sklearn.cross_validation": "from sklearn.model_selection import train_test_split",
    "sklearn.externals": "import joblib",
    "torch._six": "plain str and int",
    "torchtext.legacy": "load_dataset, or read the texts by yourself",
    "jax.experimental.optimizers": "import optax",
    "jax.experimental.stax": "flax.linen, or functions of your own",
    "scipy.misc": "from PIL import Image",
}
OF_KERAS = ("tensorflow.keras.", "tf.keras.", "tensorflow.python.keras.")
NEAR_ENOUGH = 0.75  # of two names, for one to be a slip of the other


def gone(name: str) -> str:
    """Return what to say about a module that an installed library has no more; empty if none.

    Of a library that only has a stand-in here, just what it dropped is said: it is not installed.
    """
    top = name.partition(".")[0]
    is_installed = frameworks.is_installed(top)
    if top == name or not (is_installed or top in imports.STAND_INS):
        return ""
    plain = name
    for beginning in OF_KERAS:
        if name.startswith(beginning):
            plain = f"keras.{name.removeprefix(beginning)}"
    version = getattr(sys.modules.get(top), "__version__", "") if is_installed else ""
    said = f"{top} is here{f' in version {version}' if version else ''}, and has no {name}"
    if not is_installed:
        said = f"this box has some of {top}, and no {name}"
    for old, new in MOVED.items():
        if plain == old or plain.startswith(f"{old}."):
            return f"{said}: it was dropped. Today one writes: {new}"
    return f"{said}; look up in its documentation where that has gone" if is_installed else ""


def hint(error: BaseException) -> str:
    """Return a sentence on what an error comes from, to stand behind its own words; or nothing."""
    if isinstance(error, NotImplementedError):
        return about_forward(error)
    if isinstance(error, ImportError | AttributeError):
        return about_names(error) or new_forms.of_today(error)
    return new_forms.of_today(error)


def is_own_word(error: BaseException) -> bool:
    """Whether the learner's own code raised an exception, and no library did."""
    frames = traceback.extract_tb(error.__traceback__)
    return not frames or is_own_file(frames[-1].filename)


def is_own_file(file: str) -> bool:
    folder = imports.FOLDER[0]
    return bool(folder) and file.startswith(folder)


# forward.


def about_forward(error: NotImplementedError) -> str:
    """Say why a network cannot be called: its forward is called otherwise, or stands elsewhere."""
    network = network_in(error)
    if network is None:
        return ""
    kind = type(network)
    if kind.__name__ in ("ModuleList", "ModuleDict", "ParameterList"):
        return (
            f"a {kind.__name__} only keeps layers. Call them one after the other in forward(), or "
            "use nn.Sequential"
        )
    wanted = "call" if hasattr(network, "compile_from_config") else "forward"
    near = difflib.get_close_matches(wanted, own_names(kind), 1, NEAR_ENOUGH)
    if near:
        return f"{kind.__name__} has a method {near[0]}(), and none called {wanted}(): rename it"
    if is_nested(kind, wanted):
        return (
            f"in {kind.__name__}, {wanted}() is defined inside another method. Move it to the "
            "left, so that it stands in line with __init__"
        )
    return f"define {wanted}(self, x) in the class {kind.__name__}"


def network_in(error: BaseException) -> Any:
    """Return the network whose method raised an exception; None if it was none's."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        owner = trace.tb_frame.f_locals.get("self")
        if owner is not None and callable(owner):
            found = owner
        trace = trace.tb_next
    return found


def own_names(kind: type) -> list[str]:
    return [name for name, value in vars(kind).items() if callable(value)]


def is_nested(kind: type, name: str) -> bool:
    """Whether a function of this name is defined inside a method of a class."""
    for value in vars(kind).values():
        code = getattr(value, "__code__", None)
        inner = code.co_consts if code is not None else ()
        if any(getattr(each, "co_name", "") == name for each in inner):
            return True
    return False


# Names.


def about_names(error: ImportError | AttributeError) -> str:
    """Say that a file of the learner's has the name of a module that is found before it."""
    module: Any = error.name if isinstance(error, ImportError) else getattr(error, "obj", None)
    name = module.__name__ if isinstance(module, ModuleType) else module
    if not isinstance(name, str) or not name.isidentifier() or not imports.FOLDER[0]:
        return ""
    own = Path(imports.FOLDER[0]) / f"{name}.py"
    there = getattr(sys.modules.get(name), "__file__", "") or ""
    if not own.is_file() or there == str(own):
        return ""
    return (
        f"{name} is a module of Python or of a library, which is found before your {own.name}; "
        "give your file another name"
    )


def about_syntax(error: SyntaxError) -> str:
    """Name what to write for a word that was a name once and belongs to the language now."""
    if re.search(r"\basync\s*=", error.text or ""):
        return ": async is a word of Python's own today; write non_blocking=True for async=True"
    return ""


# train.


def about_train(names: dict[str, Any]) -> str:
    """Return what to say where a script defines a train() that nothing called, with parameters
    other than the one that this task gives; empty where there is none.
    """
    train: Callable[..., Any] | None = names.get("train")
    if not inspect.isfunction(train):
        return ""
    try:
        parameters = ", ".join(inspect.signature(train).parameters)
    except (TypeError, ValueError):
        return ""
    return (
        f". It defines train({parameters}) and does not call it: call it in the script, or let it "
        "take one argument, train(data), and return the model"
    )
