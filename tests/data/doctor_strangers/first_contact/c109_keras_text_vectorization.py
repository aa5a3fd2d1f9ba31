# task: imdb
# mistake: none
import keras
import numpy as np
import tensorflow as tf
from keras import layers


def train(data):
    texts = tf.constant(data.inputs)
    labels = np.array(data.labels)
    vectorize = layers.TextVectorization(max_tokens=6000, output_sequence_length=150)
    vectorize.adapt(tf.data.Dataset.from_tensor_slices(texts).batch(128))
    model = keras.Sequential(
        [
            layers.Embedding(6000, 16),
            layers.Dropout(0.2),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(
        loss=keras.losses.BinaryCrossentropy(),
        optimizer=keras.optimizers.Adam(0.01),
        metrics=[keras.metrics.BinaryAccuracy(threshold=0.5)],
    )
    model.fit(np.array(vectorize(texts)), labels, epochs=5, verbose=0, validation_split=0.1)

    def answer(batch):
        return model.predict(np.array(vectorize(tf.constant(batch))), verbose=0)

    return answer
