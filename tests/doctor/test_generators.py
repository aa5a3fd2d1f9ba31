"""The doctor on generators, and on copies: pictures alone, places in the source, and what is really
trained.
"""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from support.paths import ROOT
from support.trained_runs import diagnosed

from benchmarks.doctor.recipe_pictures import PicturesConfiguration, ask_pictures, pictures_solution
from benchmarks.doctor.report import is_fresh
from benchmarks.doctor.runs import PICTURES, Run
from grader.doctor.diagnose import diagnose
from grader.doctor.evidence import Made, Source
from grader.doctor.examine import examine_generator
from grader.doctor.observables.pictures import PICTURES as NUMBERS
from grader.doctor.observables.pictures import cover, distances, observe_generator
from grader.doctor.rules.finder import places
from grader.doctor.rules.syntax import Code
from grader.sandbox.training_trace import TrainingTrace

SIDE = 8
SEEDS = 5
COUNT = 40
CODES = ("generator_cut", "generator_untrained", "wrong_greys", "collapsed", "noise_ignored")
TRAINED = TrainingTrace(steps=500, backwards=500, held=1.0)


def drawn(count: int, seed: int) -> np.ndarray:
    """Return pictures of bright strokes on black, uint8 (count, SIDE, SIDE)."""
    draw = np.random.default_rng(seed)
    grey = np.zeros((count, SIDE, SIDE))
    for picture in grey:
        column = draw.integers(2, 5)
        picture[1 : draw.integers(5, 8), column : column + 2] = draw.integers(180, 256)
        picture[draw.integers(1, 7), 1:7] = draw.integers(90, 256)
    return grey.astype(np.uint8)


TRAINING = drawn(300, 0)


def made(change: str = "") -> np.ndarray:
    """Return what a generator made, (SEEDS, COUNT, SIDE, SIDE): good pictures, or some with a
    mistake.
    """
    good = drawn(SEEDS * COUNT, 1).reshape(SEEDS, COUNT, SIDE, SIDE)
    draw = np.random.default_rng(2)
    if change == "grey":
        return draw.normal(128, 12, good.shape).clip(0, 255).astype(np.uint8)
    if change == "lighter":
        return (127 + good / 2).astype(np.uint8)
    if change == "shares":
        return (good > 127).astype(np.uint8)
    if change == "one":
        return (good[:1, :1] * 0.9 + draw.normal(0, 2, good.shape)).clip(0, 255).astype(np.uint8)
    if change == "four":
        return good.reshape(-1, SIDE, SIDE)[draw.integers(0, 4, (SEEDS, COUNT))]
    if change == "same for every seed":
        return np.repeat(good[:1], SEEDS, axis=0)
    if change == "same":
        return np.broadcast_to(good[0, 0], good.shape).copy()
    return good


def named(
    change: str, source: Source | None = None, trace: TrainingTrace | None = TRAINED
) -> list[str]:
    numbers = observe_generator(Made(made(change), TRAINING), trace)
    assert numbers.keys() - {"steps", "backwards", "held", "moved"} == NUMBERS.keys()
    return [each.code for each in diagnose(numbers, source, exam="generation")]


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ("", []),
        ("grey", ["generator_untrained"]),
        ("lighter", ["wrong_greys"]),
        ("shares", ["wrong_greys"]),
        ("one", ["collapsed"]),
        ("four", ["collapsed"]),
        ("same", ["noise_ignored"]),
        ("same for every seed", []),
    ],
)
def test_pictures_alone_name_the_mistake_where_two_signs_agree(
    change: str, codes: list[str]
) -> None:
    assert named(change, trace=None) == codes


@pytest.mark.parametrize(
    ("change", "rule", "code"),
    [
        ("grey", "cut_generator", "generator_cut"),
        ("grey", "one_network_twice", "generator_cut"),
        ("grey", "idle_optimizer", "generator_untrained"),
        ("same for every seed", "noise_without_seed", "noise_ignored"),
        ("lighter", "unscaled_bytes", "wrong_greys"),
    ],
)
def test_a_place_and_a_sign_name_it(change: str, rule: str, code: str) -> None:
    assert named(change, Source({rule: "solution.py:3"}))[0] == code
    assert code not in named("", Source({rule: "solution.py:3"})), "a place alone is no name"


def test_what_was_told_counts_beside_what_was_seen() -> None:
    assert named("", trace=TrainingTrace(steps=0, held=0.0)) == []
    assert named("grey", trace=TrainingTrace(steps=0, held=0.0)) == ["generator_untrained"]


@pytest.mark.parametrize(
    "shape", [(0, 4, 8, 8), (1, 1, 8, 8), (1, 2, 8, 8), (2, 1, 8, 8), (3, 1, 2, 2)]
)
def test_few_pictures_end_in_no_exception(shape: tuple[int, ...]) -> None:
    for grey in (0, 255):
        numbers = observe_generator(
            Made(np.full(shape, grey, np.uint8), TRAINING[:, : shape[2], : shape[3]])
        )
        assert all(np.isfinite(value) for value in numbers.values())
        diagnose(numbers, exam="generation")
    assert observe_generator(Made(np.zeros(shape, np.uint8), TRAINING[:0])) == {}


def test_a_cover_counts_groups() -> None:
    centres = np.zeros((3, 4, 4), np.uint8)
    centres[0, :2] = 200
    centres[1, 2:] = 200
    pictures = np.repeat(centres, 5, axis=0)
    assert cover(distances(pictures), 1.0) == 3
    assert cover(distances(pictures), 1e9) == 1
    assert cover(distances(drawn(30, 3)), 0.0) <= 30


LOOP = """
import torch
from torch import nn


def train(data):
    G, D = Generator(), Discriminator()
    criterion = nn.BCELoss()
    opt_g = torch.optim.Adam({held}, lr=2e-4)
    opt_d = torch.optim.Adam(D.parameters(), lr=2e-4)
    for images, _ in data.loader(64):
        z = torch.randn(len(images), 64)
{fake}
        d_loss = criterion(D(images), real) + criterion(D({shown}), false)
        opt_d.zero_grad()
        d_loss.backward()
        opt_d.step()

        g_loss = criterion(D({judged}), real)
        opt_g.zero_grad()
        g_loss.backward()
        {step}
    return G


def sample(model, n, seed):
    {draw}
    return {answer}
"""
PLAIN = {
    "held": "G.parameters()",
    "fake": "        fake = G(z)",
    "shown": "fake.detach()",
    "judged": "fake",
    "step": "opt_g.step()",
    "draw": "torch.manual_seed(seed)",
    "answer": "((torch.tanh(model(torch.randn(n, 64))) + 1) * 127.5).to(torch.uint8)",
}
OF_PICTURES = {
    "cut_generator",
    "one_network_twice",
    "idle_optimizer",
    "tanh_times_255",
    "unscaled_bytes",
    "noise_without_seed",
}


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({}, set()),
        ({"judged": "G(torch.randn(len(images), 64))"}, set()),
        (
            {
                "judged": "G(z)",
                "fake": "        with torch.no_grad():\n            fake = G(z)",
                "shown": "fake",
            },
            set(),
        ),
        ({"judged": "fake.detach()", "shown": "fake"}, {"cut_generator"}),
        ({"judged": "G(z).detach()"}, {"cut_generator"}),
        ({"judged": "torch.from_numpy(fake.data.numpy())"}, {"cut_generator"}),
        ({"fake": "        fake = G(z).detach()", "shown": "fake"}, {"cut_generator"}),
        (
            {"fake": "        with torch.no_grad():\n            fake = G(z)", "shown": "fake"},
            {"cut_generator"},
        ),
        ({"held": "D.parameters()"}, {"one_network_twice"}),
        ({"step": "pass"}, {"idle_optimizer"}),
        ({"step": "scaler.step(opt_g)"}, set()),
        ({"draw": "pass"}, {"noise_without_seed"}),
        (
            {"draw": "torch.manual_seed(seed); draw = torch.Generator().manual_seed(7)"},
            {"noise_without_seed"},
        ),
        (
            {"answer": "(torch.tanh(model(torch.randn(n, 64))) * 255).to(torch.uint8)"},
            {"tanh_times_255"},
        ),
        (
            {
                "answer": "(torch.tanh(model(torch.randn(n, 64))).add(1).div(2) * 255)"
                ".to(torch.uint8)"
            },
            set(),
        ),
        (
            {"answer": "torch.sigmoid(model(torch.randn(n, 64))).numpy().astype(np.uint8)"},
            {"unscaled_bytes"},
        ),
        ({"answer": "torch.sigmoid(model(torch.randn(n, 64))).mul(255).byte()"}, set()),
    ],
)
def test_places_in_a_generator_are_found_and_right_ones_are_not(
    changes: dict[str, str], rules: set[str]
) -> None:
    source = LOOP.format(**PLAIN | changes)
    found = {rule for rule, _ in places(Code([ast.parse(source)]))}
    assert found & OF_PICTURES == rules


@pytest.mark.parametrize("name", ["dcgan", "collapsed", "memorising"])
def test_references_show_no_place(name: str) -> None:
    path = ROOT / "reference" / "gan" / name / "solution.py"
    found = {rule for rule, _ in places(Code([ast.parse(path.read_text("utf-8"))]))}
    assert not found & OF_PICTURES


def test_the_whole_way_names_the_line(tmp_path: Path) -> None:
    text = LOOP.format(**PLAIN | {"judged": "fake.detach()"})
    (tmp_path / "solution.py").write_text(text)
    found = examine_generator(tmp_path, "solution.py", pictures=made("grey"), training=TRAINING)
    place = next(number for number, line in enumerate(text.splitlines(), 1) if "g_loss = " in line)
    assert (found[0].code, found[0].where) == ("generator_cut", f"solution.py:{place}")
    assert [each.code for each in found] == ["generator_cut"], (
        "what it explains is not named beside it"
    )


def test_a_trained_generator_is_left_in_peace() -> None:
    configuration = PicturesConfiguration(steps=200)
    numbers = observe_generator(*ask_pictures(pictures_solution(configuration), configuration))
    assert numbers["likeness"] > 0.6, "it learned something"
    assert diagnose(numbers, exam="generation") == []


def test_a_model_that_was_trained_on_copies_is_told_from_one_that_was_not() -> None:
    assert diagnosed(Run("mutant", "trained_on_copies", 1, 1))[:1] == ["trained_on_copies"]
    assert diagnosed(Run("lookalike", "trained_on_copies", 0, 0)) == []


def test_runs_that_were_looked_at_while_thresholds_were_set_are_not_fresh() -> None:
    keys = {"correct-pictures//0/3": False, "correct-pictures//0/4": True, "correct//0/299": False}
    keys |= {
        "correct-text//0/300": True,
        "mutant/collapsed/0/19": False,
        "lookalike/collapsed/0/20": True,
    }
    assert {key: is_fresh(key) for key in keys} == keys


@pytest.mark.parametrize("code", CODES)
def test_a_trained_mutant_gets_its_name(code: str) -> None:
    assert diagnosed(Run("mutant", code, 0, 0))[:1] == [code]


def test_a_trained_lookalike_and_an_unchanged_recipe_get_none() -> None:
    assert diagnosed(Run("lookalike", "wrong_greys", 0, 0)) == []
    assert diagnosed(Run(PICTURES, "", 0, 1)) == []
