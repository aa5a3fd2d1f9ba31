# task: mnist
# mistake: scores_as_shares | nll_on_scores
# line: Dense(10) | loss="sparse_categorical_crossentropy"
# fix: layers.Dense(10) => layers.Dense(10, activation="softmax")
import tensorflow as tf
from tensorflow.keras import layers, models

(x_train, y_train), (x_test, y_test) = tf.keras.datasets.mnist.load_data()
x_train, x_test = x_train / 255.0, x_test / 255.0

model = models.Sequential(
    [
        layers.Flatten(input_shape=(28, 28)),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(10),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=4)
model.evaluate(x_test, y_test, verbose=2)
