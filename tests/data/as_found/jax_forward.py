import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import keras
import numpy as np

(train_images, train_labels), (test_images, test_labels) = keras.datasets.mnist.load_data()
mean, std = np.mean(train_images), np.std(train_images)
train_images = (train_images.reshape(-1, 28 * 28) - mean) / std
test_images = (test_images.reshape(-1, 28 * 28) - mean) / std


def init_params(key, sizes):
    params = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:]):
        key, sub = jax.random.split(key)
        params.append({"w": jax.random.normal(sub, (n_in, n_out)) * jnp.sqrt(2 / n_in), "b": jnp.zeros(n_out)})
    return params


def forward(params, x):
    for layer in params[:-1]:
        x = jax.nn.relu(x @ layer["w"] + layer["b"])
    return x @ params[-1]["w"] + params[-1]["b"]


def loss_fn(params, x, y):
    return -jnp.mean(jax.nn.log_softmax(forward(params, x))[jnp.arange(len(y)), y])


@jax.jit
def train_step(params, x, y):
    loss, grads = jax.value_and_grad(loss_fn)(params, x, y)
    return jax.tree.map(lambda p, g: p - 0.1 * g, params, grads), loss


params = init_params(jax.random.PRNGKey(1), [784, 32, 10])
for epoch in range(6):
    order = np.random.permutation(len(train_images))
    for start in range(0, len(order) - 31, 32):
        batch = order[start : start + 32]
        params, loss = train_step(params, train_images[batch], train_labels[batch])
    print("epoch", epoch, "loss", loss)
