"""Calls that many courses still have and that the libraries of today no longer know.

They are given back where they meant exactly what another call means now: `dataiter.next()` is
`next(dataiter)`. Nothing is changed that the library itself still answers.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import shutil
from types import ModuleType
from typing import Any

from . import imports
from .notes import note
from .old_options import OldOptions, take

NUMPY_NAMES = {"int": int, "float": float, "bool": bool, "object": object, "str": str}
# Gone with NumPy 2.
NUMPY_ALIASES = {
    "Inf": "inf",
    "infty": "inf",
    "PINF": "inf",
    "NaN": "nan",
    "NAN": "nan",
    "float_": "float64",
    "complex_": "complex128",
    "string_": "bytes_",
    "unicode_": "str_",
    "product": "prod",
    "cumproduct": "cumprod",
    "alltrue": "all",
    "sometrue": "any",
    "round_": "round",
    "in1d": "isin",
    "trapz": "trapezoid",
    "mat": "asmatrix",
}
# Options of a Trainer of before Lightning 2: none of them changes what is learned.
OLD_TRAINER = OldOptions(
    renamed={"checkpoint_callback": "enable_checkpointing"},
    dropped=(
        "gpus",
        "tpu_cores",
        "ipus",
        "num_processes",
        "auto_select_gpus",
        "progress_bar_refresh_rate",
        "process_position",
        "weights_summary",
        "flush_logs_every_n_steps",
        "log_gpu_memory",
        "track_grad_norm",
        "move_metrics_to_cpu",
        "multiple_trainloader_mode",
        "replace_sampler_ddp",
        "auto_scale_batch_size",
        "auto_lr_find",
        "amp_backend",
        "amp_level",
        "terminate_on_nan",
        "prepare_data_per_node",
        "distributed_backend",
    ),
)
# Class of scikit-learn -> the module that defines it, and what it once took.
OLD_ESTIMATORS = {
    "LogisticRegression": (
        "sklearn.linear_model._logistic",
        OldOptions(dropped=("multi_class",), values={"penalty": {"none": None}}),
    ),
    "SGDClassifier": (
        "sklearn.linear_model._stochastic_gradient",
        OldOptions(renamed={"n_iter": "max_iter"}, values={"loss": {"log": "log_loss"}}),
    ),
    "OneHotEncoder": (
        "sklearn.preprocessing._encoders",
        OldOptions(renamed={"sparse": "sparse_output"}, dropped=("categorical_features",)),
    ),
}
# Modules of JAX that have moved, and names of its trees: `jax.tree_map` is `jax.tree_util`'s.
JAX_MODULES = {
    "jax.experimental.stax": "jax.example_libraries.stax",
    "jax.experimental.optimizers": "jax.example_libraries.optimizers",
}
JAX_TREES = ("tree_map", "tree_leaves", "tree_flatten", "tree_unflatten", "tree_structure")


def prepare() -> None:
    """Give old calls back once their libraries are imported; called before any learner's code."""
    imports.after_import("numpy", old_numpy)
    imports.after_import("torch.utils.data.dataloader", old_torch_loader)
    imports.after_import("torch", without_compiler)
    imports.after_import("torch.optim.lr_scheduler", old_schedulers)
    imports.after_import("torchvision.transforms", old_transforms)
    for package in ("lightning.pytorch", "pytorch_lightning"):
        imports.after_import(f"{package}.trainer.trainer", old_trainer)
    imports.after_import("matplotlib.gridspec", old_subplots)
    imports.after_import("matplotlib.style.core", old_styles)
    imports.after_import("matplotlib.style", old_styles)
    imports.after_import("matplotlib.pyplot", old_colours)
    imports.after_import("PIL.Image", old_filters)
    old_sklearn()
    old_jax()


def old_numpy(numpy: Any) -> None:
    """Give names back that NumPy had for Python's own types, for numbers and for its functions."""
    values: dict[str, Any] = dict(NUMPY_NAMES)
    for old, new in NUMPY_ALIASES.items():
        values[old] = getattr(numpy, new, None)
    values["asscalar"] = lambda array: array.item()
    for name, value in values.items():
        if name not in numpy.__dict__ and value is not None:
            setattr(numpy, name, value)


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


def old_schedulers(module: Any) -> None:
    """Let schedules of learning rates take `verbose`, gone since PyTorch 2.7."""
    for kind in list(vars(module).values()):
        if inspect.isclass(kind) and hasattr(kind, "get_last_lr"):
            take(kind, OldOptions(dropped=("verbose",)))


def old_transforms(module: Any) -> None:
    """Give transforms of torchvision their first names back."""
    for old, new in (("Scale", "Resize"), ("RandomSizedCrop", "RandomResizedCrop")):
        if not hasattr(module, old):
            setattr(module, old, getattr(module, new))


def old_trainer(module: Any) -> None:
    """Let Lightning's Trainer take options of before its second version."""
    take(module.Trainer, OLD_TRAINER)


# Plots and pictures.


def old_subplots(module: Any) -> None:
    """Let `subplot(2, 20/2, 1)` take whole numbers that are floats, as Matplotlib once did."""
    place = module.SubplotSpec._from_subplot_args

    def changed(figure: Any, arguments: Any) -> Any:
        return place(figure, tuple(int(each) if is_whole(each) else each for each in arguments))

    module.SubplotSpec._from_subplot_args = staticmethod(changed)


def is_whole(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer()


def old_styles(module: Any) -> None:
    """Let styles of seaborn be found, which Matplotlib has renamed: `seaborn-v0_8-...`."""
    use = getattr(module, "use", None)
    if use is None or hasattr(use, "takes_old_names"):
        return

    @functools.wraps(use)
    def changed(style: Any, *arguments: Any, **options: Any) -> Any:
        several = isinstance(style, list | tuple)
        styles = [style_of_today(each) for each in (style if several else [style])]
        return use(styles if several else styles[0], *arguments, **options)

    changed.takes_old_names = True  # type: ignore[attr-defined]
    module.use = changed


def style_of_today(style: Any) -> Any:
    is_old = isinstance(style, str) and style.startswith("seaborn") and "v0_8" not in style
    return style.replace("seaborn", "seaborn-v0_8", 1) if is_old else style


def old_colours(module: Any) -> None:
    """Give `matplotlib.cm.get_cmap` back, and windows their title, which nobody sees here."""
    colours = importlib.import_module("matplotlib.cm")
    if not hasattr(colours, "get_cmap"):
        setattr(colours, "get_cmap", module.get_cmap)  # noqa: B010
    canvas = importlib.import_module("matplotlib.backend_bases").FigureCanvasBase
    if not hasattr(canvas, "set_window_title"):
        canvas.set_window_title = lambda *_: None


def old_filters(module: Any) -> None:
    """Give Pillow's `ANTIALIAS` back, which is called LANCZOS now."""
    if not hasattr(module, "ANTIALIAS"):
        module.ANTIALIAS = module.Resampling.LANCZOS


# scikit-learn.


def old_sklearn() -> None:
    """Let scikit-learn's classes take old options, and its plots be imported by their old names."""
    for name, (module, old) in OLD_ESTIMATORS.items():
        imports.after_import(module, functools.partial(take_in, name, old))
    imports.after_import("sklearn.metrics", old_plots)
    imports.after_import("sklearn.feature_extraction.text", old_vocabularies)


def take_in(name: str, old: OldOptions, module: ModuleType) -> None:
    take(getattr(module, name), old)


def old_plots(module: Any) -> None:
    """Stand in for plots that have become classes: nobody sees plots here."""

    def plot(*_: Any, **__: Any) -> None:
        note("scikit-learn draws with ConfusionMatrixDisplay.from_estimator and its like now")

    for name in ("plot_confusion_matrix", "plot_roc_curve", "plot_precision_recall_curve"):
        if not hasattr(module, name):
            setattr(module, name, plot)


def old_vocabularies(module: Any) -> None:
    """Give vectorizers `get_feature_names` back."""
    for kind in (module.CountVectorizer, module.TfidfVectorizer):
        if not hasattr(kind, "get_feature_names"):
            kind.get_feature_names = lambda self: self.get_feature_names_out().tolist()


# JAX.


def old_jax() -> None:
    """Give JAX's modules and functions their old places back."""
    for old, new in JAX_MODULES.items():
        imports.stand_in(old, functools.partial(fill_from, new))
    imports.stand_in("jax.config", fill_settings)
    imports.after_import("jax", old_trees)


def fill_from(new: str, module: ModuleType) -> None:
    """Give a stand-in everything of the module that has taken its place."""
    note(f"{module.__name__} is {new} now")
    names = vars(importlib.import_module(new))
    module.__dict__.update({name: names[name] for name in names if not name.startswith("__")})


def fill_settings(module: ModuleType) -> None:
    """Let `from jax.config import config` give `jax.config`, whose place the module now takes."""
    settings = importlib.import_module("jax").config
    module.__dict__.update(config=settings, __getattr__=functools.partial(getattr, settings))


def old_trees(jax: Any) -> None:
    """Give functions of trees, of whole arrays and of shuffling their old names back."""
    for name in JAX_TREES:
        give_back(jax, name, getattr(jax.tree_util, name))
    give_back(jax, "tree_multimap", jax.tree_util.tree_map)
    give_back(jax.tree_util, "tree_multimap", jax.tree_util.tree_map)
    give_back(jax.random, "shuffle", jax.random.permutation)
    give_back(jax.ops, "index_update", lambda array, place, new: array.at[place].set(new))
    give_back(jax.ops, "index_add", lambda array, place, new: array.at[place].add(new))
    give_back(jax.numpy, "DeviceArray", jax.Array)


def give_back(module: Any, name: str, value: Any) -> None:
    """Set a name where a module has none of it; what JAX itself still answers stays."""
    if name not in vars(module):
        setattr(module, name, value)
