# zoo: mnist | graded
import keras
import tensorflow as tf
import tensorflow_datasets as tfds

(train, test), info = tfds.load("mnist", split=["train", "test"], as_supervised=True, with_info=True)
assert info.splits["train"].num_examples == 60000


def scaled(image, label):
    return tf.cast(image, tf.float32) / 255.0, label


train = train.map(scaled).cache().shuffle(1000).batch(64).prefetch(1)
test = test.map(scaled).batch(64)
model = keras.Sequential([keras.layers.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(32, "relu"), keras.layers.Dense(info.features["label"].num_classes)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(train, epochs=2, validation_data=test, verbose=0)
