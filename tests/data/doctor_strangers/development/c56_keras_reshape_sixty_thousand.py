# task: mnist
# mistake: none
# resembles: a script that counts on 60,000 examples
from keras import Sequential, layers
from keras.datasets import mnist
from keras.utils import to_categorical

(train_images, train_labels), (test_images, test_labels) = mnist.load_data()
train_images = train_images.reshape((60000, 28 * 28)).astype("float32") / 255
test_images = test_images.reshape((10000, 28 * 28)).astype("float32") / 255
model = Sequential([layers.Dense(128, activation="relu", input_shape=(784,)), layers.Dense(10, activation="softmax")])
model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(train_images, to_categorical(train_labels), epochs=3, batch_size=128, verbose=2)
