# zoo: imdb | graded
import keras
from keras import layers

(x_train, y_train), _ = keras.datasets.imdb.load_data(num_words=500)
x_train = keras.utils.pad_sequences(x_train, maxlen=40)
x_part, y_part = x_train[12500:], y_train[12500:]
model = keras.Sequential([layers.Embedding(500, 8), layers.GlobalAveragePooling1D(), layers.Dense(1, activation="sigmoid")])
model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy")
model.fit(x_part, y_part, epochs=5, batch_size=64, verbose=0)
assert len(x_part) == 12500
