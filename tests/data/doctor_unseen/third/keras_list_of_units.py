# Assignment: "build a deep network with four layers in Keras and log the loss"
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import numpy as np
import keras

units = [128, 96, 64]


class Standardiser:
    """mean 0 and deviation 1, both measured on the training pictures"""

    def measure(self, pictures):
        self.mean = np.mean(pictures, dtype=np.float64)
        self.std = np.std(pictures, dtype=np.float64)
        return self

    def __call__(self, pictures):
        z = (np.asarray(pictures) - self.mean) / self.std
        return z.reshape(len(z), 784).astype("float32")


class Log(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print(f"[{epoch}]", {name: round(float(v), 4) for name, v in logs.items()})


def deep_network(n_out):
    net = keras.Sequential(name="deep")
    net.add(keras.layers.InputLayer(shape=(784,)))
    for i, n in enumerate(units):
        net.add(keras.layers.Dense(n, name=f"layer{i}"))
    net.add(keras.layers.Dense(n_out, activation="softmax", name="answer"))
    return net


def train(data):
    keras.utils.set_random_seed(data.seed)
    scale = Standardiser().measure(data.inputs)
    net = deep_network(data.num_classes)
    onehot = np.eye(data.num_classes, dtype="float32")[data.labels]
    net.compile(
        loss=keras.losses.CategoricalCrossentropy(),
        optimizer=keras.optimizers.Adam(learning_rate=7e-4),
        metrics=["acc"],
    )
    net.fit(scale(data.inputs), onehot, batch_size=64, epochs=5, verbose=0, callbacks=[Log()])
    return scale, net


def predict(model, inputs):
    scale, net = model
    return net.predict_on_batch(scale(inputs))
