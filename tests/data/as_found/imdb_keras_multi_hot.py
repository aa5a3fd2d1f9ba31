import os

os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
from keras import layers, models
from keras.datasets import imdb
from keras.losses import BinaryCrossentropy

(train_data, train_labels), (test_data, test_labels) = imdb.load_data(num_words=1000)


def vectorize_sequences(sequences, dimension=1000):
    results = np.zeros((len(sequences), dimension))
    for i, sequence in enumerate(sequences):
        results[i, sequence] = 1.0
    return results


x_train = vectorize_sequences(train_data)
x_test = vectorize_sequences(test_data)
y_train = np.asarray(train_labels).astype("float32")
y_test = np.asarray(test_labels).astype("float32")

model = models.Sequential([layers.Dense(16, activation="relu"), layers.Dense(1)])
model.compile(optimizer="rmsprop", loss=BinaryCrossentropy(from_logits=True), metrics=["accuracy"])
x_val, partial_x_train = x_train[:100], x_train[100:]
y_val, partial_y_train = y_train[:100], y_train[100:]
model.fit(partial_x_train, partial_y_train, epochs=12, batch_size=16, validation_data=(x_val, y_val), verbose=0)
print(model.evaluate(x_test, y_test, verbose=0))
