"""The zoo: programs in every form that people bring, each with what must become of it.

What a program is for and what is expected stands in its first line, see benchmarks/zoo.py. A few of
each kind run with every change, all of them at night, in containers as well: whatever passes in one
kind of box passes in the other.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support.paths import DATA

from benchmarks.zoo import Expected, expected_of, fate_of, programs

ZOO = sorted(programs(DATA / "zoo"))
# Quick ones, of every kind: sizes, doors, boxes, models, generators, texts, refusals.
EVERY_TIME = (
    "torch_random_split_55000.py",
    "hf_with_transform.py",
    "raw_folder_of_torchvision.py",
    "text_by_another_name.py",
    "cuda_taken_for_granted.py",
    "loggers_and_widgets.py",
    "two_networks_in_turn.py",
    "best_weights_loaded_again.py",
    "weights_and_function.py",
    "plot_fails_afterwards.py",
    "error_within_training.py",
    "folder_run",
    "gan_with_labels.py",
    "vae_decodes.py",
    "imdb_vectorizer_apart.py",
    "table_of_a_competition.py",
    "no_weights_to_download.py",
    "asks_a_person.py",
)
# Of ten patterns. Two of two classes, and a few steps of a recurrent network, are more or less.
LEAST = 0.3


def asked() -> list[object]:
    """Return all programs; those beyond EVERY_TIME wait for the night."""
    return [
        pytest.param(
            path,
            id=path.name,
            marks=[] if path.name in EVERY_TIME else [pytest.mark.nightly],
        )
        for path in ZOO
    ]


def test_the_zoo_is_large_and_every_time_is_among_it() -> None:
    assert len(ZOO) >= 60
    assert set(EVERY_TIME) <= {path.name for path in ZOO}


@pytest.mark.parametrize("path", asked())
def test_it_is_what_it_says_of_itself(path: Path) -> None:
    expected = expected_of(path, "")
    fate = fate_of(path, expected.task)
    assert fate.is_as(expected), f"{fate}\nexpected {expected}"
    if fate.accuracy is not None:
        assert fate.accuracy >= LEAST


@pytest.mark.docker
@pytest.mark.nightly
@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in ZOO])
def test_a_container_says_the_same(path: Path) -> None:
    expected = expected_of(path, "")
    fate = fate_of(path, expected.task, "container")
    if "No module named" not in fate.reason:  # an image of PyTorch alone has no other framework
        assert fate.is_as(expected), f"{fate}\nexpected {expected}"


def test_what_a_program_says_of_itself_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("# zoo: gan | graded | note: no GPU\nprint()\n")
    assert expected_of(path, "mnist") == Expected("gan", None, "no GPU")
    path.write_text("# zoo: mnist | refused: no network\n")
    assert expected_of(path, "") == Expected("mnist", "no network")
    path.write_text("print()\n")
    assert expected_of(path, "mnist") == Expected("mnist")
