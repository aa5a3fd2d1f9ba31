"""The pictures in the lessons, and their numbers.

`recurrent-cells`: how the gradient fades on the way back through time. Networks of 32 units,
started at random as PyTorch does, read 100 steps of noise. The loss is a random weighing of the
last state. Plotted is the length of its gradient at each earlier state (of an LSTM: memory), as a
share of that at the last one; the geometric mean of 20 networks.

`fair-and-robust`: a piece of clothing of each of three classes, as it is and corrupted in each way
the exam knows (Fashion-MNIST in GRADER_DATA).
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from grader.course.curriculum import course_folder
from grader.course.dataset import data_folder
from grader.course.datasets import fashion_mnist
from grader.exams.checks.corruptions import WAYS, corrupt

PICTURE = "vanishing-gradient.svg"
INPUTS = 8
UNITS = 32
STEPS = 100
NETWORKS = 20
SHOWN_STEPS = (1, 5, 10, 20, 50)
OPEN_FORGET_BIAS = 3.0
DECADES = 30  # of the vertical axis
CORRUPTED_PICTURE = "corruptions.png"
# a T-shirt, a shirt, a sneaker: the second of each
SHOWN_CLASSES = (0, 6, 7)
SHOWN_PIECE = 1
WIDTH = 780
HEIGHT = 420
LEFT = 70
TOP = 50
RIGHT = 220
BOTTOM = 60
Step = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]


def plain() -> Step:
    """Return the step of a plain recurrent cell; its state is its memory."""
    cell = nn.RNNCell(INPUTS, UNITS, dtype=torch.float64)

    def step(x: Tensor, _: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        state = cell(x, memory)
        return state, state

    return step


def lstm(forget_bias: float | None = None) -> Step:
    """Return the step of an LSTM cell.

    PyTorch adds two biases, and both start near 0 unless one is given.
    """
    cell = nn.LSTMCell(INPUTS, UNITS, dtype=torch.float64)
    if forget_bias is not None:
        with torch.no_grad():
            cell.bias_ih[UNITS : 2 * UNITS] = forget_bias
            cell.bias_hh[UNITS : 2 * UNITS] = 0.0

    def step(x: Tensor, state: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        state, memory = cell(x, (state, memory))
        return state, memory

    return step


CELLS: dict[str, tuple[Callable[[], Step], str]] = {
    "plain RNN": (plain, "#b3261e"),
    "LSTM, forget gate half open": (lstm, "#8a5a00"),
    "LSTM, forget gate open": (lambda: lstm(OPEN_FORGET_BIAS), "#00639b"),
}


def shares(make: Callable[[], Step]) -> np.ndarray:
    """Return the gradient's length 0 to STEPS - 1 steps back, as a share of that at the last."""
    logarithms = np.zeros(STEPS)
    for seed in range(NETWORKS):
        torch.manual_seed(seed)
        step = make()
        state = memory = torch.zeros(1, UNITS, dtype=torch.float64)
        memories = []
        for _ in range(STEPS):
            state, memory = step(torch.randn(1, INPUTS, dtype=torch.float64), state, memory)
            memory.retain_grad()
            memories.append(memory)
        (state @ torch.randn(UNITS, dtype=torch.float64)).sum().backward()
        lengths = np.array(
            [float(item.grad.norm()) for item in reversed(memories) if item.grad is not None]
        )
        logarithms += np.log(lengths / lengths[0]) / NETWORKS
    return np.exp(logarithms)


def place(steps_back: float, share: float) -> tuple[float, float]:
    """Return where a point lies in the picture, in pixels."""
    across = (WIDTH - LEFT - RIGHT) / (STEPS - 1)
    down = (HEIGHT - TOP - BOTTOM) / DECADES
    return LEFT + steps_back * across, TOP - np.log10(share) * down


def draw(curves: dict[str, np.ndarray]) -> str:
    """Return the picture as SVG: one line a cell, with its name at its end."""
    right = WIDTH - RIGHT
    bottom = HEIGHT - BOTTOM
    text = '<text font-family="sans-serif" font-size="14" fill="#1b1b1f"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-labelledby="t d">',
        '<title id="t">The gradient fades on its way back through time</title>',
        '<desc id="d">Length of the gradient against steps back, on a logarithmic axis: of a plain '
        "recurrent network and of an LSTM with half open forget gates it shrinks to nothing, with "
        "open forget gates it stays.</desc>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'{text} x="{LEFT}" y="28">Length of the gradient, as a share of that at the last step'
        "</text>",
    ]
    for decade in range(0, DECADES + 1, 5):
        y = place(0, 10.0**-decade)[1]
        label = "1" if decade == 0 else f"1e-{decade}"
        parts.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#d8d8de"/>')
        parts.append(f'{text} x="{LEFT - 8}" y="{y + 5:.1f}" text-anchor="end">{label}</text>')
    for steps_back in range(0, STEPS, 20):
        x = place(steps_back, 1.0)[0]
        parts.append(
            f'{text} x="{x:.1f}" y="{bottom + 22}" text-anchor="middle">{steps_back}</text>'
        )
    parts.append(
        f'{text} x="{(LEFT + right) / 2:.1f}" y="{HEIGHT - 12}" '
        'text-anchor="middle">steps back</text>'
    )
    for name, curve in curves.items():
        points = [place(steps_back, share) for steps_back, share in enumerate(curve)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        colour = CELLS[name][1]
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>'
        )
        end = points[-1]
        parts.append(f'{text} x="{end[0] + 8:.1f}" y="{end[1] + 5:.1f}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def picture_file() -> Path:
    return course_folder("tasks") / "recurrent-cells" / PICTURE


def corrupted_pictures() -> np.ndarray:
    """Return one piece of each shown class, as it is and in each way.

    uint8 (classes, ways + 1, h, w).
    """
    dataset = fashion_mnist.load(data_folder(None))
    places = [
        int(np.flatnonzero(dataset.train_labels == label)[SHOWN_PIECE]) for label in SHOWN_CLASSES
    ]
    pieces = dataset.train_inputs[places]
    draw = np.random.default_rng(0)
    return np.stack([pieces, *(corrupt(pieces, way, draw) for way in WAYS)], axis=1)


def draw_corrupted(pictures: np.ndarray) -> bytes:
    """Return the pictures side by side as PNG, with what was done to them above."""
    figure = Figure(
        figsize=(1.3 * pictures.shape[1], 1.3 * len(pictures) + 0.3), layout="constrained"
    )
    panels = figure.subplots(len(pictures), pictures.shape[1], squeeze=False)
    for row, line in zip(panels, pictures, strict=True):
        for panel, picture in zip(row, line, strict=True):
            panel.imshow(picture, cmap="gray", vmin=0, vmax=255)
            panel.set_axis_off()
    for panel, title in zip(panels[0], ("as it is", *WAYS), strict=True):
        panel.set_title(title, fontsize=11)
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=80, metadata={"Software": None})
    return content.getvalue()


def corrupted_file() -> Path:
    return course_folder("tasks") / "fair-and-robust" / CORRUPTED_PICTURE


def main() -> None:
    """Print the lessons' figures and write their pictures."""
    curves = {name: shares(make) for name, (make, _) in CELLS.items()}
    for name, curve in curves.items():
        values = "  ".join(
            f"{steps_back} back {curve[steps_back]:.1e}" for steps_back in SHOWN_STEPS
        )
        print(f"{name:28} {values}")
    picture_file().write_text(draw(curves), "utf-8")
    print(f"wrote {picture_file()}")
    corrupted_file().write_bytes(draw_corrupted(corrupted_pictures()))
    print(f"wrote {corrupted_file()}")


if __name__ == "__main__":
    main()
