# task: mnist
# mistake: dropout_left_on
# line: training=True
# fix: training=True => training=training
import keras
from keras import layers


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.flat = layers.Flatten()
        self.hidden = layers.Dense(96, activation="relu")
        self.drop = layers.Dropout(0.5)
        self.scores = layers.Dense(10, activation="softmax")

    def call(self, inputs, training=None):
        x = self.hidden(self.flat(inputs))
        x = self.drop(x, training=True)
        return self.scores(x)


(x, y), _ = keras.datasets.mnist.load_data()
model = Net()
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x / 255.0, y, batch_size=64, epochs=2, verbose=2)
