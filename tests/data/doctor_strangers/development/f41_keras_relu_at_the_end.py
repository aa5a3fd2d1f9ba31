# task: cifar10
# mistake: relu_on_scores
# line: self.out = | activation="relu")
# fix: self.out = keras.layers.Dense(10, activation="relu") => self.out = keras.layers.Dense(10)
import keras


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.scale = keras.layers.Rescaling(1 / 255)
        self.conv1 = keras.layers.Conv2D(16, 3, strides=2, activation="relu")
        self.conv2 = keras.layers.Conv2D(32, 3, strides=2, activation="relu")
        self.flat = keras.layers.Flatten()
        self.out = keras.layers.Dense(10, activation="relu")

    def call(self, x):
        x = self.scale(x)
        return self.out(self.flat(self.conv2(self.conv1(x))))


def train(data):
    model = Net()
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(data.inputs, data.labels, epochs=3, batch_size=64, verbose=2)
    return model
