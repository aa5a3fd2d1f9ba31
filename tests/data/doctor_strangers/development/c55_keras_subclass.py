# task: mnist
# mistake: none
# resembles: dropout_left_on
import keras
from keras import layers


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.flat = layers.Flatten()
        self.d1 = layers.Dense(96, activation="relu")
        self.drop = layers.Dropout(0.3)
        self.d2 = layers.Dense(10)

    def call(self, x, training=False):
        return self.d2(self.drop(self.d1(self.flat(x)), training=training))


(x, y), _ = keras.datasets.mnist.load_data()
model = Net()
model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
model.fit(x.astype("float32") / 255, y, batch_size=64, epochs=4, verbose=2)
