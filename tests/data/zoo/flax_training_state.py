# zoo: mnist | graded
import jax
import jax.numpy as jnp
import optax
from flax import linen as nn
from flax.training import train_state
from keras.datasets import mnist


class Net(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.relu(nn.Dense(32)(x.reshape(len(x), -1)))
        return nn.Dense(10)(x)


def train_and_evaluate():
    (x, y), _ = mnist.load_data()
    x, y = jnp.asarray(x[:1000, ..., None] / 255.0), jnp.asarray(y[:1000].astype("int32"))
    net = Net()
    params = net.init(jax.random.key(0), x[:1])["params"]
    state = train_state.TrainState.create(apply_fn=net.apply, params=params, tx=optax.adam(0.01))

    @jax.jit
    def step(state):
        def loss(params):
            logits = state.apply_fn({"params": params}, x)
            return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()

        return state.apply_gradients(grads=jax.grad(loss)(state.params))

    for _ in range(60):
        state = step(state)
    return state


if __name__ == "__main__":
    train_and_evaluate()
