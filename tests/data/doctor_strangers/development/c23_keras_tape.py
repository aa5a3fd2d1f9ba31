# task: mnist
# mistake: none
# resembles: never_trained
import tensorflow as tf

(x, y), _ = tf.keras.datasets.mnist.load_data()
batches = tf.data.Dataset.from_tensor_slices((x[..., None].astype("float32") / 255, y)).shuffle(4000).batch(64)
model = tf.keras.Sequential([tf.keras.layers.Conv2D(8, 5, strides=2, activation="relu"), tf.keras.layers.Flatten(), tf.keras.layers.Dense(10)])
optimizer = tf.keras.optimizers.Adam(2e-3)
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@tf.function
def train_step(images, labels):
    with tf.GradientTape() as tape:
        loss = loss_fn(labels, model(images, training=True))
    variables = model.trainable_variables
    optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
    return loss


for epoch in range(3):
    for images, labels in batches:
        loss = train_step(images, labels)
    print(epoch, float(loss))
