# zoo: gan | graded
import jax
import jax.numpy as jnp
import optax
from flax import linen as nn
from flax.training import train_state
from keras.datasets import mnist


class Encoder(nn.Module):
    width: int

    @nn.compact
    def __call__(self, x):
        x = nn.relu(nn.Dense(64)(x))
        return nn.Dense(self.width)(x), nn.Dense(self.width)(x)


class VAE(nn.Module):
    width: int = 12

    def setup(self):
        self.encoder = Encoder(self.width)
        self.decoder = nn.Sequential([nn.Dense(64), nn.relu, nn.Dense(784)])

    def __call__(self, x, key):
        mean, spread = self.encoder(x)
        z = mean + jnp.exp(spread / 2) * jax.random.normal(key, mean.shape)
        return self.decoder(z), mean, spread

    def generate(self, z):
        return nn.sigmoid(self.decoder(z))


def main():
    (x, _), _ = mnist.load_data()
    x = jnp.asarray(x[:1000].reshape(1000, 784) / 255.0)
    vae = VAE()
    key = jax.random.key(0)
    params = vae.init(key, x[:2], key)["params"]
    state = train_state.TrainState.create(apply_fn=vae.apply, params=params, tx=optax.adam(0.01))

    @jax.jit
    def step(state, key):
        def loss(params):
            made, mean, spread = vae.apply({"params": params}, x, key)
            rebuilt = optax.sigmoid_binary_cross_entropy(made, x).sum(-1).mean()
            return rebuilt - 0.5 * (1 + spread - mean**2 - jnp.exp(spread)).sum(-1).mean()

        return state.apply_gradients(grads=jax.grad(loss)(state.params))

    for number in range(40):
        state = step(state, jax.random.fold_in(key, number))


if __name__ == "__main__":
    main()
