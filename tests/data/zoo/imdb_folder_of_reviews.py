# zoo: imdb | graded
import keras
from keras import layers

folder = keras.utils.get_file("aclImdb_v1", "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz", untar=True)
train = keras.utils.text_dataset_from_directory(folder + "/aclImdb/train", batch_size=32, validation_split=0.2, subset="training", seed=1, class_names=["neg", "pos"])
vectorize = layers.TextVectorization(max_tokens=2000, output_mode="int", output_sequence_length=60)
vectorize.adapt(train.map(lambda text, label: text))
numbered = train.map(lambda text, label: (vectorize(text), label))
model = keras.Sequential([layers.Embedding(2000, 16), layers.GlobalAveragePooling1D(), layers.Dense(1, activation="sigmoid")])
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.02))
model.fit(numbered, epochs=5, verbose=0)
