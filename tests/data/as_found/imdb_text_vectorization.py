import tensorflow as tf
from datasets import load_dataset
from tensorflow.keras import layers, losses

dataset = load_dataset("stanfordnlp/imdb")
train = dataset["train"].train_test_split(test_size=0.2, seed=1)
texts, labels = train["train"]["text"], train["train"]["label"]

vectorize_layer = layers.TextVectorization(max_tokens=1000, output_mode="int", output_sequence_length=40)
vectorize_layer.adapt(tf.data.Dataset.from_tensor_slices(texts).batch(32))


def vectorize_text(text, label):
    text = tf.expand_dims(text, -1)
    return vectorize_layer(text), label


train_ds = tf.data.Dataset.from_tensor_slices((texts, labels)).batch(32).map(vectorize_text).cache().prefetch(2)
val_ds = tf.data.Dataset.from_tensor_slices((train["test"]["text"], train["test"]["label"])).batch(32).map(vectorize_text)

model = tf.keras.Sequential([
    layers.Embedding(1000, 16),
    layers.Dropout(0.2),
    layers.GlobalAveragePooling1D(),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(loss=losses.BinaryCrossentropy(), optimizer=tf.keras.optimizers.Adam(0.05), metrics=["accuracy"])
history = model.fit(train_ds, validation_data=val_ds, epochs=10, verbose=2)
