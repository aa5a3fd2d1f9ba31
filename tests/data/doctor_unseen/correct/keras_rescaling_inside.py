import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from keras import layers, regularizers


def train(data):
    keras.utils.set_random_seed(data.seed)

    # the model takes raw pixels, the division by 255 is its first layer
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            layers.Reshape((28, 28, 1)),
            layers.Rescaling(1.0 / 255),
            layers.SeparableConv2D(16, 5, strides=2, activation="relu"),
            layers.Conv2D(24, 3, strides=2, activation="relu", kernel_regularizer=regularizers.L2(1e-4)),
            layers.Flatten(),
            layers.Dropout(0.25),
            layers.Dense(data.num_classes, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.RMSprop(learning_rate=2e-3),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    history = model.fit(
        data.inputs,
        data.labels,
        batch_size=32,
        epochs=4,
        validation_split=0.05,
        callbacks=[keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.3, patience=1)],
        verbose=2,
    )
    print("validation accuracy by epoch:", [round(v, 4) for v in history.history["val_accuracy"]])
    return model


def predict(model, inputs):
    return model.predict_on_batch(inputs)
