import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers, models

(train_images, train_labels), (test_images, test_labels) = keras.datasets.cifar10.load_data()
class_names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]

plt.figure(figsize=(10, 10))
for i in range(4):
    plt.subplot(2, 2, i + 1)
    plt.imshow(train_images[i])
    plt.xlabel(class_names[train_labels[i][0]])
plt.show()

mean = np.mean(train_images, axis=(0, 1, 2))
std = np.std(train_images, axis=(0, 1, 2))
train_images = (train_images - mean) / (std + 1e-7)
test_images = (test_images - mean) / (std + 1e-7)

model = models.Sequential()
model.add(layers.Input((32, 32, 3)))
model.add(layers.RandomFlip("horizontal"))
model.add(layers.Conv2D(8, (4, 4), strides=4, activation="relu"))
model.add(layers.Flatten())
model.add(layers.Dense(10))
model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
history = model.fit(
    train_images, train_labels, epochs=10, batch_size=20, validation_data=(test_images, test_labels), verbose=2
)
plt.plot(history.history["accuracy"], label="accuracy")
plt.savefig("history.png")
