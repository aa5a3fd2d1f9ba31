# task: mnist
# mistake: none
# resembles: climbing
import jax
import jax.numpy as jnp
import numpy as np


def apply(p, x):
    return jax.nn.relu(x @ p["a"] + p["b"]) @ p["c"] + p["d"]


def loss(p, x, y):
    return -jnp.take_along_axis(jax.nn.log_softmax(apply(p, x)), y[:, None], 1).mean()


@jax.jit
def step(p, m, v, t, x, y):
    g = jax.grad(loss)(p, x, y)
    m = jax.tree.map(lambda a, b: 0.9 * a + 0.1 * b, m, g)
    v = jax.tree.map(lambda a, b: 0.999 * a + 0.001 * b * b, v, g)
    p = jax.tree.map(lambda w, a, b: w - 2e-3 * (a / (1 - 0.9**t)) / (jnp.sqrt(b / (1 - 0.999**t)) + 1e-8), p, m, v)
    return p, m, v


def train(data):
    rng = np.random.default_rng(data.seed)
    p = {"a": jnp.array(rng.normal(0, 0.05, (784, 100)), jnp.float32), "b": jnp.zeros(100),
         "c": jnp.array(rng.normal(0, 0.1, (100, 10)), jnp.float32), "d": jnp.zeros(10)}
    m, v, t = jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p), 0
    x, y = data.inputs.reshape(-1, 784).astype("float32") / 255, data.labels
    for epoch in range(3):
        order = rng.permutation(len(x))
        for i in range(0, len(x) - 63, 64):
            t += 1
            p, m, v = step(p, m, v, t, x[order[i:i + 64]], y[order[i:i + 64]])
    return lambda images: np.asarray(apply(p, images.reshape(-1, 784).astype("float32") / 255))
