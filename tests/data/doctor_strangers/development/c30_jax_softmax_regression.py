# task: digits
# mistake: none
# resembles: linear_only: one layer on purpose
import jax
import jax.numpy as jnp
import numpy as np


def train(data):
    x, y = jnp.asarray(data.inputs.reshape(-1, 64) / 255.0), jnp.asarray(data.labels)

    def cost(w):
        scores = x @ w[:-1] + w[-1]
        return jnp.mean(jax.nn.logsumexp(scores, 1) - scores[jnp.arange(len(y)), y]) + 1e-4 * (w**2).sum()

    slope = jax.jit(jax.grad(cost))
    w = jnp.zeros((65, 10))
    for _ in range(400):
        w = w - 2.0 * slope(w)
    return lambda images: np.asarray(jnp.asarray(images.reshape(-1, 64) / 255.0) @ w[:-1] + w[-1])
