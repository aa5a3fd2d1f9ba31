import tensorflow as tf
from tensorflow import keras

BATCH = 32
(train_images, train_labels), (test_images, test_labels) = keras.datasets.mnist.load_data()


def preprocess(image, label):
    image = tf.expand_dims(tf.cast(image, tf.float32), -1) / 127.5 - 1.0
    return image, tf.one_hot(label, 10)


train_ds = tf.data.Dataset.from_tensor_slices((train_images, train_labels))
train_ds = train_ds.map(preprocess, num_parallel_calls=tf.data.AUTOTUNE).cache().shuffle(1000).batch(BATCH)
train_ds = train_ds.prefetch(tf.data.AUTOTUNE)
test_ds = tf.data.Dataset.from_tensor_slices((test_images, test_labels)).map(preprocess).batch(BATCH)

inputs = keras.Input(shape=(28, 28, 1), name="digits")
x = keras.layers.Conv2D(8, 5, strides=3, activation="relu")(inputs)
x = keras.layers.BatchNormalization()(x)
x = keras.layers.Flatten()(x)
outputs = keras.layers.Dense(10, activation="softmax")(x)
net = keras.Model(inputs=inputs, outputs=outputs)

net.compile(keras.optimizers.Adam(0.01), loss="categorical_crossentropy", metrics=["accuracy"])
net.fit(train_ds, epochs=6, validation_data=test_ds, callbacks=[keras.callbacks.EarlyStopping(patience=3)])
