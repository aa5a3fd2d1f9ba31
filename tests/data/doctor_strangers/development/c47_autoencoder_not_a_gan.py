# task: gan
# mistake: none
# resembles: generator_untrained: there is no discriminator at all
import numpy as np


def train(data):
    x = data.inputs.reshape(len(data.inputs), -1).astype(np.float32)
    mean = x.mean(0)
    _, s, v = np.linalg.svd(x[:2000] - mean, full_matrices=False)
    scale = s[:40] / np.sqrt(2000)

    def sample(n, seed):
        z = np.random.default_rng(seed).normal(size=(n, 40)) * scale
        pictures = mean + z @ v[:40]
        return np.clip(pictures, 0, 255).astype(np.uint8).reshape(n, 28, 28)

    return sample
