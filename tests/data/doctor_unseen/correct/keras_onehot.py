import keras
import numpy as np
from keras import layers

NUM_CLASSES = 10
INPUT_SHAPE = (28, 28, 1)


def prepare_images(images):
    x = images.astype("float32") / 255
    return np.expand_dims(x, -1)


def train(data):
    keras.utils.set_random_seed(data.seed % 2**31)

    x_train = prepare_images(data.inputs)
    # convert class vectors to binary class matrices
    y_train = keras.utils.to_categorical(data.labels, NUM_CLASSES)
    print("x_train shape:", x_train.shape, "y_train shape:", y_train.shape)

    model = keras.Sequential(
        [
            keras.Input(shape=INPUT_SHAPE),
            layers.Conv2D(12, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Conv2D(24, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(NUM_CLASSES, activation="softmax"),
        ]
    )
    model.compile(
        loss="categorical_crossentropy",
        optimizer=keras.optimizers.Adam(learning_rate=0.002),
        metrics=["accuracy"],
    )
    model.fit(x_train, y_train, batch_size=64, epochs=5, validation_split=0.1, verbose=2)
    return model


def predict(model, inputs):
    return np.asarray(model(prepare_images(inputs), training=False))
