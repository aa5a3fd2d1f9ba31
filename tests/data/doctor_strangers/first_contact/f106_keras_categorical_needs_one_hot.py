# task: digits
# mistake: label_form
# line: categorical_crossentropy | model.fit
# says: one-hot | sparse | to_categorical
# fix: "categorical_crossentropy" => "sparse_categorical_crossentropy"
import keras
import numpy as np


def train(data):
    X = np.expand_dims(data.inputs, -1).astype("float32") / 255
    model = keras.models.Sequential()
    model.add(keras.layers.Conv2D(8, (3, 3), activation="relu", input_shape=(8, 8, 1)))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="rmsprop", metrics=["acc"])
    model.fit(X, data.labels, epochs=10)
    return lambda images: model.predict(np.expand_dims(images, -1).astype("float32") / 255)
