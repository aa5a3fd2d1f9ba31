# task: imdb
# mistake: number_for_category
# line: Dense(64 | pad_sequences | Input(
# fix: layers.Dense(64, activation="relu"), => layers.Embedding(5000, 16), layers.GlobalAveragePooling1D(),
import keras
from keras import layers

(x_train, y_train), (x_test, y_test) = keras.datasets.imdb.load_data(num_words=5000)
x_train = keras.utils.pad_sequences(x_train, maxlen=150)
x_test = keras.utils.pad_sequences(x_test, maxlen=150)
model = keras.Sequential([
    keras.Input((150,)),
    layers.Dense(64, activation="relu"),
    layers.Dense(32, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=4, batch_size=64, validation_data=(x_test, y_test), verbose=2)
