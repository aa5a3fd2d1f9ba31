# task: mnist
# mistake: flattering_metric
# line: binary_accuracy | binary_crossentropy
# fix: metrics=["binary_accuracy"] => metrics=["categorical_accuracy"]
from keras import Input, Sequential
from keras.datasets import mnist
from keras.layers import Dense
from keras.utils import to_categorical

(a, b), (c, d) = mnist.load_data()
a = a.reshape((len(a), 784)) / 255.0
c = c.reshape((len(c), 784)) / 255.0
b, d = to_categorical(b), to_categorical(d)
model = Sequential([Input((784,)), Dense(64, activation="relu"), Dense(10, activation="sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["binary_accuracy"])
model.fit(a, b, epochs=3, batch_size=64, verbose=2)
print(model.evaluate(c, d, verbose=0))
