"""What a program imports at home and a class's image has not."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.commands.image import Recipe
from grader.sandbox import image_modules

MODULES = {"scikit-learn": "sklearn", "ipython": "IPython", "dm-haiku": "haiku"}  # of packages


def test_what_images_install_is_known_by_the_names_that_are_imported() -> None:
    for package in Recipe(frameworks=("torch", "keras", "jax")).packages:
        name = MODULES.get(package, package.replace("tensorflow-cpu", "tensorflow"))
        assert name in image_modules.FOR_TRAINING
    assert set(Recipe(frameworks=()).packages) <= image_modules.FOR_FUNCTIONS


def test_only_what_is_here_and_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_modules, "is_here", lambda name: name != "nowhere")
    (tmp_path / "solution.py").write_text(
        "import os, numpy\nimport nltk\nfrom spacy.tokens import Doc\nimport wandb\n"
        "from helpers import x\nimport nowhere\nimport torch\n"
    )
    (tmp_path / "helpers.py").write_text("import cv2\n")
    assert image_modules.beyond_images(tmp_path, trains=True) == ["cv2", "nltk", "spacy"]
    assert "torch" in image_modules.beyond_images(tmp_path, trains=False)
