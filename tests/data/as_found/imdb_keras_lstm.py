import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
from keras import layers
from keras.datasets import imdb
from keras.preprocessing import sequence

max_features = 2000
maxlen = 40

print("Loading data...")
(x_train, y_train), (x_test, y_test) = imdb.load_data(num_words=max_features)
print(len(x_train), "train sequences")
word_index = imdb.get_word_index()
reverse_word_index = {value: key for key, value in word_index.items()}
print(" ".join(reverse_word_index.get(i - 3, "?") for i in x_train[0]))

x_train = sequence.pad_sequences(x_train, maxlen=maxlen)
x_test = sequence.pad_sequences(x_test, maxlen=maxlen)
print("x_train shape:", x_train.shape)

model = keras.Sequential()
model.add(layers.Embedding(max_features, 16))
model.add(layers.LSTM(16, dropout=0.2))
model.add(layers.Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.02), metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=32, epochs=8, validation_split=0.2, verbose=2)
score, acc = model.evaluate(x_test, y_test, batch_size=32, verbose=0)
print("Test accuracy:", acc)
