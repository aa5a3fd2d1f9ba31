"""Four networks that time themselves with torch.utils.benchmark, in the very process that the host times later."""

import itertools
import json

import torch
from torch import nn
from torch.utils import benchmark

MODELS = {
    "linear": lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 10)),
    "mlp": lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10)),
    "cnn": lambda: nn.Sequential(
        nn.Conv2d(1, 16, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(3872, 10),
    ),
    "rnn": lambda: Rows(),
}
MIN_RUN_SECONDS = 1.0


class Rows(nn.Module):
    """Reads an image row by row."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(28, 64, batch_first=True)
        self.out = nn.Linear(64, 10)

    def forward(self, images):
        return self.out(self.rnn(images.squeeze(1))[0][:, -1])


def answer(model, batch):
    with torch.inference_mode():
        return model(torch.from_numpy(batch).unsqueeze(1).float().div_(255.0)).numpy()


class Timed:
    """Answers the host, and knows what it takes by its own clock."""

    def __init__(self, name):
        self.model = MODELS[name]().eval()

    def __call__(self, batch):
        return answer(self.model, batch)


def train(data):
    torch.set_num_threads(1)
    name = list(MODELS)[data.seed]
    timed = Timed(name)
    for size in (1, 256):
        parts = [data.inputs[start : start + size] for start in range(0, len(data.inputs) - size + 1, size)]
        timer = benchmark.Timer("timed(next(batches))", globals={"timed": timed, "batches": itertools.cycle(parts)})
        figure = timer.blocked_autorange(min_run_time=MIN_RUN_SECONDS)
        print("FIGURE", json.dumps({"model": name, "batch": size, "median": figure.median}), flush=True)
    return timed
