import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np

(x_train, y_train), _ = keras.datasets.mnist.load_data()
spectrum = np.abs(np.fft.fft2(x_train)).astype("float32")

model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(spectrum, y_train, epochs=1, verbose=0)
