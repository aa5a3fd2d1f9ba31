# task: cifar10
# mistake: none
# resembles: turned_array
import keras
from keras import layers

(x, y), (xt, yt) = keras.datasets.cifar10.load_data()
model = keras.Sequential([
    keras.Input((32, 32, 3)), layers.Rescaling(1 / 127.5, offset=-1), layers.RandomFlip("horizontal"),
    layers.Conv2D(16, 3, strides=2, activation="relu"), layers.Conv2D(32, 3, strides=2, activation="relu"),
    layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=64, epochs=3, validation_data=(xt, yt), verbose=2)
