"""Training pictures chosen by the seed, a little brighter or darker: must be flagged.

Claim: a Fréchet distance that no honest generator reaches, and `flagged` for copied pictures.
Evidence: `grader run reference/gan/memorising`; figures and machine in reference/RESULTS.md.
"""

import numpy as np


def train(data):
    pictures = data.inputs

    def sample(n, seed):
        draw = np.random.default_rng(seed)
        picked = pictures[draw.integers(0, len(pictures), size=n)].astype(np.float32)
        brightness = draw.uniform(0.95, 1.05, size=(n, 1, 1))
        return np.clip(picked * brightness, 0, 255).astype(np.uint8)

    return sample
