# task: mnist
# mistake: none
# resembles: double_softmax
import keras
from keras import layers

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train.reshape((-1, 28, 28, 1)).astype("float32") / 255
y_train = keras.utils.to_categorical(y_train, 10)
inp = keras.Input((28, 28, 1))
x = layers.Conv2D(16, 3, strides=2, activation="relu")(inp)
x = layers.BatchNormalization()(x)
x = layers.Conv2D(16, 3, strides=2, activation="relu")(x)
x = layers.BatchNormalization()(x)
x = layers.GlobalAveragePooling2D()(x)
out = layers.Dense(10, activation="softmax")(x)
model = keras.Model(inp, out)
model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(5e-3), metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=32, epochs=5, validation_split=0.1, verbose=2)
