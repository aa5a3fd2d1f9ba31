# task: mnist
# mistake: raw_pixels
# line: load_data() | x_train.astype
# fix: x_train.astype("float32") => x_train.astype("float32") / 255
import keras
from keras import layers

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train.astype("float32")[..., None]

inputs = keras.Input(shape=(28, 28, 1))
x = layers.Conv2D(8, 5, strides=2, activation="relu")(inputs)
x = layers.Flatten()(x)
x = layers.Dense(32, activation="relu")(x)
outputs = layers.Dense(10, activation="softmax")(x)
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.SGD(0.05), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=64, epochs=2, verbose=2)
