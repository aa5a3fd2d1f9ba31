# task: imdb
# mistake: none
# resembles: double_softmax
import keras
from keras import layers

(x, y), _ = keras.datasets.imdb.load_data(num_words=3000)
x = keras.utils.pad_sequences(x, maxlen=100)
i = keras.Input((100,), dtype="int32")
h = layers.Embedding(3000, 16)(i)
h = layers.Conv1D(24, 5, activation="relu")(h)
h = layers.GlobalMaxPooling1D()(h)
o = layers.Dense(2, activation="softmax")(h)
model = keras.Model(i, o)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=32, epochs=5, verbose=2)
