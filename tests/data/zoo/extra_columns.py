# zoo: mnist | refused: could not work out how
import keras
from keras import layers

import numpy as np

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x = x_train[:1000].reshape(1000, 784) / 255
noisy = np.concatenate([x, np.random.random((1000, 784))], axis=1)
model = keras.Sequential([layers.Input((1568,)), layers.Dense(10, activation="softmax")])
model.compile("sgd", "sparse_categorical_crossentropy")
model.fit(noisy, y_train[:1000], verbose=0)
