# task: mnist
# mistake: none
# resembles: raw_pixels: the network scales them itself
import keras
from keras import layers

(x, y), _ = keras.datasets.mnist.load_data()
model = keras.Sequential([
    keras.Input((28, 28)), layers.Rescaling(1.0 / 255), layers.Flatten(), layers.Dense(128, "relu"),
    layers.Dropout(0.2), layers.Dense(10)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
model.fit(x, y, epochs=3, batch_size=64, verbose=2)
