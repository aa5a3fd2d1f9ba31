"""Make digits.

As it stands, there is a generator but no training: its pictures are grey noise.
"""

import torch
from torch import nn

NOISE = 64


class Generator(nn.Module):
    """Turns noise (n, 64) into pictures (n, 1, 28, 28) in [-1, 1]."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(NOISE, 256),
            nn.ReLU(),
            nn.Linear(256, 784),
            nn.Tanh(),
            nn.Unflatten(1, (1, 28, 28)),
        )

    def forward(self, noise):
        return self.layers(noise)


def train(data):
    """Return a function sample(n, seed) that makes n pictures, uint8 of shape (n, 28, 28).

    data.inputs: uint8 digits, shape (60000, 28, 28)
    data.loader(batch_size): the same digits in shuffled batches: float32 pictures of shape
        (b, 1, 28, 28) with values in [0, 1], and labels
    """
    generator = Generator()
    # Missing here: a discriminator, two optimizers, and the training loop.
    generator.eval()

    @torch.inference_mode()
    def sample(n, seed):
        noise = torch.randn(n, NOISE, generator=torch.Generator().manual_seed(seed))
        pictures = generator(noise)[:, 0]
        return ((pictures + 1) * 127.5).round().to(torch.uint8)

    return sample
