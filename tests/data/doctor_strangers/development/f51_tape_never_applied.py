# task: mnist
# mistake: never_trained
# line: tape.gradient( | apply_gradients
# says: took a step
# fix: grads = tape.gradient(loss, model.trainable_variables) => grads = tape.gradient(loss, model.trainable_variables); optimizer.apply_gradients(zip(grads, model.trainable_variables))
import tensorflow as tf

(x, y), _ = tf.keras.datasets.mnist.load_data()
dataset = tf.data.Dataset.from_tensor_slices((x[..., None].astype("float32") / 255, y)).shuffle(2000).batch(100)
model = tf.keras.Sequential([
    tf.keras.layers.Conv2D(8, 5, strides=3, activation="relu"), tf.keras.layers.Flatten(), tf.keras.layers.Dense(10)])
optimizer = tf.keras.optimizers.Adam(1e-3)
loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@tf.function
def step(images, labels):
    with tf.GradientTape() as tape:
        loss = loss_object(labels, model(images, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    return loss


for epoch in range(2):
    for images, labels in dataset:
        loss = step(images, labels)
    print(epoch, float(loss))
