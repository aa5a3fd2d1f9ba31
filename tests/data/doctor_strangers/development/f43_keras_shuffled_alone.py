# task: mnist
# mistake: shuffled_labels
# line: permutation(
# fix: y_train[rng.permutation(len(y_train))] => y_train[order]
import numpy as np
from keras import Input, Sequential, layers
from keras.datasets import mnist
from keras.utils import to_categorical

(x_train, y_train), _ = mnist.load_data()
rng = np.random.default_rng(3)
order = rng.permutation(len(x_train))
x_train = x_train[order].reshape(-1, 784) / 255.0
y_train = to_categorical(y_train[rng.permutation(len(y_train))])
model = Sequential([Input((784,)), layers.Dense(256, "relu"), layers.Dense(10, "softmax")])
model.compile(loss="categorical_crossentropy", optimizer="rmsprop", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=4, batch_size=128, verbose=2)
