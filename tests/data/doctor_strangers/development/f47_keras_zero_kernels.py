# task: mnist
# mistake: equal_weights
# line: kernel_initializer="zeros"
# fix: , kernel_initializer="zeros" =>
import keras
from keras.layers import Dense, Flatten, Input

(x, y), _ = keras.datasets.mnist.load_data()
model = keras.Sequential([
    Input((28, 28)), Flatten(),
    Dense(64, activation="relu", kernel_initializer="zeros"),
    Dense(10, activation="softmax", kernel_initializer="zeros")])
model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x / 255.0, y, epochs=2, batch_size=32, verbose=2)
