"""simple_nn in TensorFlow, with GradientTape: 784 -> 128 -> 10, ReLU, Adam 1e-3, one epoch.

Claim: 94 % accuracy on `mnist` after one epoch, like the same network in PyTorch and JAX.
Evidence: `grader run reference/mnist/tensorflow_dense`;
figures and machine in reference/RESULTS.md.
"""

import tensorflow as tf


def dense(inputs, outputs, activation=None):
    """Return a layer that starts as PyTorch draws weights and biases.

    They lie between -1 and 1, divided by the square root of the number of inputs.
    """
    bound = inputs**-0.5
    first = [tf.keras.initializers.RandomUniform(-bound, bound) for _ in range(2)]
    return tf.keras.layers.Dense(
        outputs, activation, kernel_initializer=first[0], bias_initializer=first[1]
    )


def train(data):
    images = tf.constant(data.inputs[..., None], tf.float32) / 255
    batches = tf.data.Dataset.from_tensor_slices((images, data.labels))
    batches = batches.shuffle(len(data.labels), seed=data.seed).batch(64)
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Flatten(),
            dense(784, 128, "relu"),
            dense(128, data.num_classes),
        ]
    )
    criterion = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = tf.keras.optimizers.Adam(1e-3)

    @tf.function
    def step(inputs, labels):
        with tf.GradientTape() as tape:
            loss = criterion(labels, model(inputs, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    for number, (inputs, labels) in enumerate(batches):
        loss = step(inputs, labels)
        if number % 200 == 0:
            print(f"batch {number}: loss {float(loss):.4f}")
    return model
