import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras.layers import Activation, Conv2D, Dense, Flatten, MaxPooling2D


def make_net(classes):
    a = pixels = keras.Input(shape=(28, 28, 1))
    for filters in [8, 16]:
        a = Conv2D(filters, 3)(a)
        a = Activation("relu")(a)
        a = MaxPooling2D()(a)
    a = Flatten()(a)
    a = Dense(40, activation="relu")(a)
    return keras.Model(pixels, Dense(classes, activation="softmax")(a))


def prepare(pictures):
    return np.asarray(pictures, dtype="float32")[..., None] / 255


def learn(net, x, y, epochs=3):
    # otherwise compile complains when I run the cell a second time
    net = keras.models.clone_model(net)
    net.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    hold = len(x) // 20
    history = net.fit(x[hold:], y[hold:], epochs=epochs, batch_size=48, verbose=0)
    for number, (l, a) in enumerate(zip(history.history["loss"], history.history["accuracy"]), 1):
        print(f"epoch {number}: loss {l:.4f} accuracy {a:.4f}")
    print("held back:", net.evaluate(x[:hold], y[:hold], verbose=0, return_dict=True))
    return history


def train(data):
    keras.utils.set_random_seed(data.seed)
    net = make_net(data.num_classes)
    learn(net, prepare(data.inputs), data.labels)
    return net


def predict(model, inputs):
    return np.array(model(prepare(inputs), training=False))
