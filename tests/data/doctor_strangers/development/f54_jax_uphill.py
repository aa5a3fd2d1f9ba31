# task: mnist
# mistake: climbing
# line: p + rate * g
# fix: p + rate * g => p - rate * g
import jax
import jax.numpy as jnp
import numpy as np


def forward(params, x):
    (w1, b1), (w2, b2) = params
    return jnp.tanh(x @ w1 + b1) @ w2 + b2


def loss(params, x, y):
    logp = jax.nn.log_softmax(forward(params, x))
    return -jnp.mean(logp[jnp.arange(len(y)), y])


@jax.jit
def update(params, x, y):
    rate = 0.2
    grads = jax.grad(loss)(params, x, y)
    return jax.tree_util.tree_map(lambda p, g: p + rate * g, params, grads)


def train(data):
    rng = np.random.default_rng(0)
    params = [(jnp.array(rng.normal(0, 0.05, (784, 64))), jnp.zeros(64)),
              (jnp.array(rng.normal(0, 0.1, (64, 10))), jnp.zeros(10))]
    x = data.inputs.reshape(-1, 784) / 255.0
    for epoch in range(2):
        order = rng.permutation(len(x))
        for start in range(0, len(x) - 99, 100):
            rows = order[start:start + 100]
            params = update(params, x[rows], data.labels[rows])
    return lambda images: np.asarray(forward(params, images.reshape(-1, 784) / 255.0))
