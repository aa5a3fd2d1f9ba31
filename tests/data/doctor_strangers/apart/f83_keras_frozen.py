# task: mnist
# mistake: untrained_part
# line: trainable = False
# fix: layer.trainable = False => layer.trainable = True
import keras
from keras import layers

(x, y), _ = keras.datasets.mnist.load_data()
base = keras.Sequential([
    keras.Input((28, 28, 1)), layers.Conv2D(4, 5, strides=3, activation="relu"), layers.Flatten(),
    layers.Dense(16, activation="relu")])
for layer in base.layers:
    layer.trainable = False
model = keras.Sequential([base, layers.Dense(10, activation="softmax")])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[..., None] / 255.0, y, epochs=3, batch_size=64, verbose=2)
