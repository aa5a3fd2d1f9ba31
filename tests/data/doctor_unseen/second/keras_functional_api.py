import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
from keras import layers


def prepare(images):
    # Dense layers want vectors of floats
    x = images.reshape((len(images), 28 * 28))
    return x.astype("float32")


def build(num_classes):
    inp = keras.Input((784,), name="pixels")
    h = layers.Dense(128, activation="tanh", name="hidden_1")(inp)
    h = layers.Dense(64, activation="tanh", name="hidden_2")(h)
    out = layers.Dense(num_classes, activation="softmax", name="digit")(h)
    net = keras.Model(inputs=inp, outputs=out, name="my_mnist")
    net.compile(
        optimizer=keras.optimizers.SGD(learning_rate=0.1),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=["accuracy"],
    )
    return net


def train(data):
    keras.utils.set_random_seed(data.seed)
    net = build(data.num_classes)
    net.summary()
    # stop when it does not get better, so I don't need to guess the number of epochs
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True)
    hist = net.fit(
        prepare(data.inputs),
        data.labels,
        batch_size=32,
        epochs=4,
        validation_split=0.1,
        callbacks=[stop],
        verbose=2,
    )
    print("best val accuracy:", max(hist.history["val_accuracy"]))
    return net


def predict(model, inputs):
    answer = model(prepare(inputs), training=False)
    return keras.ops.convert_to_numpy(answer)
