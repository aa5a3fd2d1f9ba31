"""A language model in the box: a text in, and then `logits(tokens)` and `generate(prompt, n)`.

A submission's `train(data)` returns an object with these methods, a torch or Keras model or a
function from tokens (n, t) to logits (n, t, vocabulary); `logits(model, tokens)` and
`generate(model, prompt, n)` may be defined beside it. Where no generate(prompt, n) is found, the
likeliest token is appended n times by asking the model for its logits.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from . import published_files
from .data import Logged
from .entry import Loaded, Ways, train_or_load
from .finding import find_models
from .frames import Kind, Trouble
from .networks import is_keras, is_torch
from .problem import Problem
from .script import run_script
from .signatures import names_of
from .values import as_form, describe

TEXT_FILE = "input.txt"  # what scripts on this text open

Logits = Callable[[np.ndarray], Any]
Generate = Callable[[np.ndarray, int], Any]


@dataclass
class Text(Logged):
    """What `train(data)` gets in a task about text.

    text: what to learn from. vocabulary: every character that can occur, in order. tokens: the text
    as places in the vocabulary, int64. context: how many tokens the model is shown at most.
    """

    text: str
    vocabulary: str
    context: int
    seed: int
    device: str

    @property
    def vocabulary_size(self) -> int:
        return len(self.vocabulary)

    @cached_property
    def tokens(self) -> np.ndarray:
        return self.encode(self.text)

    def encode(self, text: str) -> np.ndarray:
        """Return the places of the characters in the vocabulary, int64 of shape (len(text),)."""
        places = {character: place for place, character in enumerate(self.vocabulary)}
        return np.array([places[character] for character in text], dtype=np.int64)

    def decode(self, tokens: Any) -> str:
        """Return the text of tokens."""
        return "".join(self.vocabulary[int(token)] for token in tokens)


def ways(loaded: Loaded, ask: dict[str, Any], values: list[Any]) -> Ways:
    """Train on values ([text], [vocabulary]); PREDICT is answered in logits, CONTINUE in tokens."""
    data = Text(values[0][0], values[1][0], ask["context"], ask["seed"], ask["device"])
    model = model_of(loaded, data)
    logits = logits_of(loaded, model, data.context)
    size = data.vocabulary_size

    def answer(tokens: np.ndarray) -> np.ndarray:
        shape = (*tokens.shape, size)
        what = (
            f"float32 logits of shape {shape}, one for each of {size} characters at every position"
        )
        return as_form(logits(tokens), shape, np.float32, what)

    generate = generator_of(loaded, model) or greedy(answer, data.context)

    def go_on(body: np.ndarray) -> np.ndarray:
        count = int(body[0])
        what = (
            f"{count} tokens: whole numbers of shape ({count},), what follows the prompt without "
            "the prompt"
        )
        return as_form(generate(body[1:], count), (count,), np.int64, what)

    return {Kind.PREDICT: answer, Kind.CONTINUE: go_on}


def model_of(loaded: Loaded, data: Text) -> Any:
    """Train or load the model; a script finds the text in the file that scripts on it open."""
    if not loaded.script:
        return train_or_load(loaded, data)
    published_files.TEXT[:] = [data.text]
    path = Path(TEXT_FILE)
    if not path.exists():
        path.write_text(data.text, "utf-8")
    ran = run_script(loaded.folder, loaded.file)
    loaded.module.__dict__.update(ran.names)
    model = find_models(ran).candidates[0].model
    ran.training.account.close(model)
    return model


def logits_of(loaded: Loaded, model: Any, context: int) -> Logits:
    """Return a function from int64 tokens (n, t) to logits, whatever kind of model this is."""
    own = loaded.function("logits")
    if own is not None:
        return lambda tokens: own(model, tokens)
    method = getattr(model, "logits", None)
    if callable(method):
        found: Logits = method
        return found
    if is_keras(model):
        from . import with_keras

        return with_keras.language_model(model, context)
    if is_torch(model):
        from . import with_torch

        return with_torch.language_model(model)
    if callable(model) and not inspect.isclass(model):
        function: Logits = model
        return function
    raise Problem(
        Trouble.WRONG_TYPE,
        f"train(data) returned {describe(model)}; expected a model with logits(tokens), "
        "a torch.nn.Module, a keras.Model "
        "or a function from tokens of shape (n, t) to logits of shape (n, t, vocabulary)",
    )


def generator_of(loaded: Loaded, model: Any) -> Generate | None:
    """Return the submission's own generate(prompt, n), if it has one."""
    own = loaded.function("generate")
    if own is not None and names_of(own)[:3] == ["model", "prompt", "n"]:
        return lambda prompt, count: own(model, prompt, count)
    method = getattr(model, "generate", None)
    if callable(method) and names_of(method)[:2] == ["prompt", "n"]:
        found: Generate = method
        return found
    return None


def greedy(logits: Logits, context: int) -> Generate:
    """Return a generate(prompt, n) that appends the likeliest token, n times."""

    def generate(prompt: np.ndarray, count: int) -> np.ndarray:
        tokens = prompt.copy()
        for _ in range(count):
            last = logits(tokens[None, -context:])[0, -1]
            tokens = np.append(tokens, np.argmax(last))
        return tokens[len(prompt) :]

    return generate
