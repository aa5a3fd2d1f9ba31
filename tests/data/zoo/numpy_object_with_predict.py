# zoo: mnist | graded
import numpy as np
from keras.datasets import mnist


class Softmax:
    def __init__(self):
        self.weights = np.zeros((784, 10))

    def fit(self, x, y):
        for _ in range(60):
            powers = np.exp(x @ self.weights)
            shares = powers / powers.sum(axis=1, keepdims=True)
            self.weights -= 0.5 * x.T @ (shares - np.eye(10)[y]) / len(x)

    def predict(self, x):
        return np.argmax(x @ self.weights, axis=1)


(x, y), _ = mnist.load_data()
learner = Softmax()
learner.fit(x[:1000].reshape(1000, 784) / 255, y[:1000])
