# task: mnist
# mistake: linear_only
# line: Dense(128) | Dense(64)
# fix: layers.Dense(128)(x) => layers.Dense(128, activation="relu")(x)
# fix: layers.Dense(64)(x) => layers.Dense(64, activation="relu")(x)
from tensorflow import keras
from tensorflow.keras import layers

(x_train, y_train), _ = keras.datasets.mnist.load_data()
inp = keras.Input((28, 28))
x = layers.Rescaling(1 / 255)(inp)
x = layers.Flatten()(x)
x = layers.Dense(128)(x)
x = layers.Dense(64)(x)
out = layers.Dense(10, activation="softmax")(x)
model = keras.Model(inp, out)
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["acc"])
model.fit(x_train, y_train, batch_size=128, epochs=3, verbose=2)
