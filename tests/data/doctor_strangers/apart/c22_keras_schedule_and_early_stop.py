# task: mnist
# mistake: none
# resembles: scheduler_in_batches
import keras

(x, y), (xt, yt) = keras.datasets.mnist.load_data()
x, xt = x / 255.0, xt / 255.0
model = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(100, activation="elu"), keras.layers.Dense(10, activation="softmax")])
rate = keras.optimizers.schedules.ExponentialDecay(3e-3, decay_steps=100, decay_rate=0.95)
model.compile(keras.optimizers.RMSprop(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=6, batch_size=64, validation_data=(xt, yt), verbose=2,
          callbacks=[keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True)])
