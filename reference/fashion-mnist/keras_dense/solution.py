"""The network of many a first lesson with Keras: 784 -> 128 -> 10, Adam, ten epochs, as a script.

Claim: 88 % accuracy on `fashion-mnist`, with the data loaded the way Keras does it.
Evidence: `grader run reference/fashion-mnist/keras_dense`;
figures and machine in reference/RESULTS.md.
"""

import keras
from keras import layers

EPOCHS = 10

(train_images, train_labels), (test_images, test_labels) = keras.datasets.fashion_mnist.load_data()
train_images = train_images / 255.0
test_images = test_images / 255.0

model = keras.Sequential(
    [
        layers.Input((28, 28)),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(10),
    ]
)
model.compile(
    optimizer="adam",
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(train_images, train_labels, epochs=EPOCHS, verbose=2)
loss, accuracy = model.evaluate(test_images, test_labels, verbose=0)
print(f"accuracy on the pictures kept apart: {accuracy:.4f}")
