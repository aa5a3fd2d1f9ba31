# task: imdb
# mistake: none
# resembles: one_unit_softmax, double_softmax
from keras import Sequential, layers
from keras.datasets import imdb
from keras.utils import pad_sequences

(x, y), (xt, yt) = imdb.load_data(num_words=4000)
x, xt = pad_sequences(x, maxlen=120), pad_sequences(xt, maxlen=120)
model = Sequential([
    layers.Embedding(4000, 24), layers.GlobalAveragePooling1D(), layers.Dropout(0.3),
    layers.Dense(16, activation="relu"), layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=32, epochs=6, validation_data=(xt, yt), verbose=2)
