import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.flat = layers.Flatten()
        self.dense = layers.Dense(32, activation="relu")
        self.head = layers.Dense(10, activation="softmax")

    def call(self, x):
        return self.head(self.dense(self.flat(x)))


def load():
    (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    x_train = np.pad(x_train, ((0, 0), (2, 2), (2, 2)))
    x_test = np.pad(x_test, ((0, 0), (2, 2), (2, 2)))
    x_train = np.expand_dims(x_train.astype("float32") / 255, -1)
    x_test = np.expand_dims(x_test.astype("float32") / 255, -1)
    return x_train, keras.utils.to_categorical(y_train, 10), x_test, keras.utils.to_categorical(y_test, 10)


def main():
    x_train, y_train, x_test, y_test = load()
    x_val, y_val = x_train[:40], y_train[:40]
    x_train, y_train = x_train[40:], y_train[40:]
    net = Net()
    net.compile(optimizer=keras.optimizers.SGD(0.1, momentum=0.9), loss="categorical_crossentropy")
    net.fit(x_train, y_train, batch_size=32, epochs=4, validation_data=(x_val, y_val), verbose=0)
    score = net.evaluate(x_test, y_test, verbose=0)
    print("Test loss:", score)


if __name__ == "__main__":
    main()
