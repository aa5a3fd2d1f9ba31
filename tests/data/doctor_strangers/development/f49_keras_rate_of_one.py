# task: mnist
# mistake: exploding_rate
# line: SGD(
# fix: SGD(learning_rate=2.0, momentum=0.9) => SGD(learning_rate=0.02, momentum=0.9)
import keras
from keras import layers
from keras.optimizers import SGD

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train.reshape(-1, 28, 28, 1).astype("float32") / 255
y_train = keras.utils.to_categorical(y_train, 10)
model = keras.Sequential()
model.add(keras.Input((28, 28, 1)))
model.add(layers.Conv2D(8, (5, 5), activation="relu"))
model.add(layers.MaxPooling2D((4, 4)))
model.add(layers.Flatten())
model.add(layers.Dense(32, activation="relu"))
model.add(layers.Dense(10, activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer=SGD(learning_rate=2.0, momentum=0.9), metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=64, epochs=2, verbose=2)
