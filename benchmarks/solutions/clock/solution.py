"""A walk through memory, and four networks that time themselves with torch.utils.benchmark where
the host times them.

A batch of two images asks for the in-process figure at one image a call, a batch of three for that
at 256: the answer's first number is the median in seconds. A batch of four asks for the median of
the calls answered since, by the box's own clock. Any other batch is just answered.
"""

import itertools
import statistics
import time

import numpy as np
import torch
from torch import nn
from torch.utils import benchmark

WALK_FLOATS = 2 << 20
MIN_RUN_SECONDS = 0.3
ASKS = {2: 1, 3: 256}
ASKS_OWN_CLOCK = 4


class Rows(nn.Module):
    """Reads an image row by row."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(28, 64, batch_first=True)
        self.out = nn.Linear(64, 10)

    def forward(self, images):
        return self.out(self.rnn(images.squeeze(1))[0][:, -1])


class Walk(nn.Module):
    """Computes nothing but leaves nothing in the caches either: what a round trip costs after a
    model has run.
    """

    def __init__(self):
        super().__init__()
        self.register_buffer("memory", torch.ones(WALK_FLOATS))

    def forward(self, images):
        self.memory.add_(1.0)
        return torch.zeros(len(images), 10)


def convolutions():
    first = [nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(
        *first, nn.Conv2d(16, 32, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32 * 11 * 11, 10)
    )


MODELS = {
    "walk": Walk,
    "linear": lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 10)),
    "mlp": lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10)),
    "cnn": convolutions,
    "rnn": Rows,
}


class Timed:
    """Answers the host, and knows what it takes by its own clock."""

    def __init__(self, model, images):
        self.model = model.eval()
        self.images = images
        self.taken = []

    def answer(self, batch):
        with torch.inference_mode():
            return self.model(torch.from_numpy(batch).unsqueeze(1).float().div_(255.0)).numpy()

    def seconds(self, size):
        """Return the median seconds a call on fresh batches of `size` images, by
        torch.utils.benchmark.
        """
        starts = range(0, len(self.images) - size + 1, size)
        batches = itertools.cycle([self.images[start : start + size].copy() for start in starts])
        timer = benchmark.Timer(
            "answer(next(batches))", globals={"answer": self.answer, "batches": batches}
        )
        return timer.blocked_autorange(min_run_time=MIN_RUN_SECONDS).median

    def __call__(self, batch):
        scores = np.zeros((len(batch), 10), dtype=np.float32)
        if len(batch) == ASKS_OWN_CLOCK:
            scores[0, 0] = statistics.median(self.taken or [0.0])
            self.taken = []
        elif len(batch) in ASKS:
            scores[0, 0] = self.seconds(ASKS[len(batch)])
        else:
            began = time.perf_counter()
            scores = self.answer(batch)
            self.taken.append(time.perf_counter() - began)
        return scores


def train(data):
    torch.set_num_threads(1)
    return Timed(list(MODELS.values())[data.seed](), data.inputs[:2560])
