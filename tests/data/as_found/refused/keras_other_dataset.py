import os

os.environ["KERAS_BACKEND"] = "jax"

from keras.datasets import cifar100

(x_train, y_train), (x_test, y_test) = cifar100.load_data()
