# zoo: mnist | graded
import jax
import jax.numpy as jnp
import optax
from flax import nnx
from keras.datasets import mnist


class Net(nnx.Module):
    def __init__(self, rngs):
        self.one = nnx.Linear(784, 32, rngs=rngs)
        self.two = nnx.Linear(32, 10, rngs=rngs)

    def __call__(self, x):
        return self.two(nnx.relu(self.one(x.reshape(len(x), -1))))


(x, y), _ = mnist.load_data()
x, y = jnp.asarray(x[:1000] / 255), jnp.asarray(y[:1000].astype("int32"))
model = Net(nnx.Rngs(0))
optimizer = nnx.Optimizer(model, optax.adam(0.01), wrt=nnx.Param)


@nnx.jit
def step(model, optimizer, x, y):
    def loss(model):
        return optax.softmax_cross_entropy_with_integer_labels(model(x), y).mean()

    optimizer.update(model, nnx.grad(loss)(model))


for _ in range(60):
    step(model, optimizer, x, y)
