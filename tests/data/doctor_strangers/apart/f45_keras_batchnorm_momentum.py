# task: mnist
# mistake: lagging_statistics
# line: BatchNormalization(momentum=0.9999)
# fix: momentum=0.9999 => momentum=0.9
import keras
from keras import layers

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train, x_test = x_train[..., None] / 255.0, x_test[..., None] / 255.0
model = keras.Sequential([
    keras.Input((28, 28, 1)),
    layers.Conv2D(8, 5, strides=2, use_bias=False), layers.BatchNormalization(momentum=0.9999), layers.ReLU(),
    layers.Conv2D(16, 5, strides=2, use_bias=False), layers.BatchNormalization(momentum=0.9999), layers.ReLU(),
    layers.Flatten(), layers.Dense(10)])
model.compile(keras.optimizers.Adam(2e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=64, epochs=2, validation_data=(x_test, y_test), verbose=2)
