# task: mnist
# mistake: too_few_outputs
# line: Dense(1, activation="sigmoid")
# fix: Dense(1, activation="sigmoid") => Dense(10, activation="softmax")
# fix: binary_crossentropy => sparse_categorical_crossentropy
import keras
from keras.layers import Dense, Flatten

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
model = keras.Sequential([keras.Input((28, 28)), Flatten(), Dense(64, activation="relu"), Dense(1, activation="sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x_train / 255.0, y_train, epochs=2, batch_size=64, verbose=2)
