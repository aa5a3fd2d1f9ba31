# task: digits
# mistake: never_trained
# line: update(params,
# fix: new = update(params, x[rows], y[rows]) => params = update(params, x[rows], y[rows])
import jax
import jax.numpy as jnp
import numpy as np


def scores(params, x):
    return jax.nn.relu(x @ params["w1"] + params["b1"]) @ params["w2"] + params["b2"]


@jax.jit
def update(params, x, y):
    def objective(p):
        return -jax.nn.log_softmax(scores(p, x))[jnp.arange(x.shape[0]), y].mean()
    gradient = jax.grad(objective)(params)
    return {name: params[name] - 0.3 * gradient[name] for name in params}


def train(data):
    x = jnp.asarray(data.inputs.reshape(-1, 64) / 255.0)
    y = jnp.asarray(data.labels)
    k1, k2 = jax.random.split(jax.random.PRNGKey(data.seed))
    params = {"w1": jax.random.normal(k1, (64, 32)) * 0.15, "b1": jnp.zeros(32),
              "w2": jax.random.normal(k2, (32, 10)) * 0.2, "b2": jnp.zeros(10)}
    rng = np.random.default_rng(1)
    for step in range(500):
        rows = rng.integers(0, len(x), 64)
        new = update(params, x[rows], y[rows])
    return lambda images: np.asarray(scores(params, images.reshape(-1, 64) / 255.0))
