"""Keras functional API with two branches, and the training loop written out."""
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from keras.layers import Concatenate, Conv2D, Dense, Flatten, MaxPooling2D

EPOCHS = 4
BATCH = 64


def build_model(num_classes):
    picture = keras.Input((28, 28, 1))
    small = Flatten()(MaxPooling2D(2)(Conv2D(6, 3, strides=2, activation="relu")(picture)))
    large = Flatten()(Conv2D(10, 9, strides=4, activation="relu")(picture))
    both = Concatenate()([small, large])
    hidden = Dense(64, activation="swish")(both)
    logits = Dense(num_classes)(hidden)
    return keras.Model(picture, logits)


def to_floats(images):
    return (images.astype(np.float32) / 255.0).reshape(-1, 28, 28, 1)


def train(data):
    keras.utils.set_random_seed(data.seed)
    model = build_model(data.num_classes)
    steps = EPOCHS * (len(data.labels) // BATCH)
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(3e-3, decay_steps=steps, alpha=0.05))
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer.build(model.trainable_variables)

    dataset = tf.data.Dataset.from_tensor_slices((to_floats(data.inputs), data.labels))
    dataset = dataset.shuffle(5000, seed=data.seed).batch(BATCH, drop_remainder=True)

    @tf.function
    def train_step(x, y):
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss

    for epoch in range(EPOCHS):
        losses = [float(train_step(x, y)) for x, y in dataset]
        print(f"epoch {epoch + 1}/{EPOCHS}: loss {np.mean(losses):.4f}")
    return model


def predict(model, inputs):
    return keras.ops.convert_to_numpy(keras.ops.softmax(model(to_floats(inputs), training=False), axis=-1))
