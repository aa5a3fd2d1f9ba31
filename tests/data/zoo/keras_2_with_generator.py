# zoo: mnist | graded | note: fit_generator
import numpy as np
from keras import backend as K
from keras.callbacks import ModelCheckpoint, TensorBoard
from keras.datasets import mnist
from keras.layers.core import Dense, Flatten
from keras.models import Sequential
from keras.optimizers import RMSprop
from keras.preprocessing.image import ImageDataGenerator
from keras.utils import np_utils

(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train = x_train.reshape(60000, 28, 28, 1).astype("float32") / 255
x_test = x_test.reshape(10000, 28, 28, 1).astype("float32") / 255
y_train, y_test = np_utils.to_categorical(y_train), np_utils.to_categorical(y_test)
assert K.image_data_format() == "channels_last"
model = Sequential()
model.add(Flatten(input_shape=(28, 28, 1)))
model.add(Dense(32, activation="relu"))
model.add(Dense(10, activation="softmax"))
model.compile(RMSprop(lr=0.01, decay=1e-6), "categorical_crossentropy", metrics=["accuracy"])
best = ModelCheckpoint("best.hdf5", monitor="val_accuracy", save_best_only=True)
flow = ImageDataGenerator(width_shift_range=0.05).flow(x_train, y_train, batch_size=64)
model.fit_generator(flow, steps_per_epoch=len(x_train) // 64, epochs=3, verbose=0, validation_data=(x_test, y_test), callbacks=[best, TensorBoard("logs", write_grads=True)])
model.load_weights("best.hdf5")
print(np.mean(model.predict_classes(x_test) == y_test.argmax(axis=1)))
