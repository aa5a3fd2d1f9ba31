# zoo: mnist | graded
import jax
import jax.numpy as jnp
import numpy as np
from keras.datasets import mnist


def predict(params, x):
    w1, b1, w2, b2 = params
    return jax.nn.relu(x @ w1 + b1) @ w2 + b2


def loss(params, x, y):
    return -jnp.mean(jax.nn.log_softmax(predict(params, x))[jnp.arange(len(y)), y])


def main():
    (x, y), _ = mnist.load_data()
    x, y = jnp.asarray(x[:1000].reshape(1000, 784) / 255), jnp.asarray(y[:1000].astype(np.int32))
    one, two = jax.random.split(jax.random.key(0))
    params = [jax.random.normal(one, (784, 32)) * 0.05, jnp.zeros(32), jax.random.normal(two, (32, 10)) * 0.1, jnp.zeros(10)]
    step = jax.jit(jax.grad(loss))
    for _ in range(60):
        params = [weight - 0.5 * change for weight, change in zip(params, step(params, x, y))]


if __name__ == "__main__":
    main()
