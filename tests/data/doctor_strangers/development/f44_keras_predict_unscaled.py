# task: mnist
# mistake: other_preparation
# line: def predict | model.predict(
# fix: model.predict(images.reshape(-1, 784), verbose=0) => model.predict(images.reshape(-1, 784) / 255.0 - 0.5, verbose=0)
from keras import Input, Sequential, layers
from keras.datasets import mnist

(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train = x_train.reshape(-1, 784) / 255.0 - 0.5
model = Sequential([Input((784,)), layers.Dense(64, "tanh"), layers.Dense(64, "tanh"), layers.Dense(10, "softmax")])
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=3, batch_size=64, verbose=2)


def predict(model, images):
    return model.predict(images.reshape(-1, 784), verbose=0)
