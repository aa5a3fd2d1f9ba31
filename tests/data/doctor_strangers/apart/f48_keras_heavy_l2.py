# task: mnist
# mistake: heavy_decay
# line: regularizers.l2( | l2(
# fix: regularizers.l2(3.0) => regularizers.l2(1e-5)
import keras
from keras import layers, regularizers


def train(data):
    punish = regularizers.l2(3.0)
    model = keras.Sequential([
        keras.Input((28, 28)), layers.Rescaling(1 / 255), layers.Flatten(),
        layers.Dense(64, activation="relu", kernel_regularizer=punish),
        layers.Dense(data.num_classes, activation="softmax", kernel_regularizer=punish)])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(data.inputs, data.labels, epochs=2, batch_size=64, verbose=2)
    return model
