# zoo: mnist | graded | note: learning_rate
import keras
from keras import layers

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train / 255.0
model = keras.Sequential([layers.Flatten(input_shape=(28, 28)), layers.Dense(32, activation="relu"), layers.Dense(10, activation="softmax")])
model.compile(keras.optimizers.Adam(lr=0.005, decay=1e-6), "sparse_categorical_crossentropy")
model.fit(x_train, y_train, epochs=2, verbose=0)
