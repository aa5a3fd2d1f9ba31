# zoo: mnist | graded
import keras
from keras import layers

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train[..., None].astype("float32") / 255
x_kept, y_kept = x_train[:10000], y_train[:10000]
x_rest, y_rest = x_train[10000:], y_train[10000:]
assert len(x_rest) == 50000
model = keras.Sequential([layers.Input((28, 28, 1)), layers.Flatten(), layers.Dense(32, activation="relu"), layers.Dense(10)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(x_rest, y_rest, epochs=2, batch_size=64, validation_data=(x_kept, y_kept), verbose=0)
