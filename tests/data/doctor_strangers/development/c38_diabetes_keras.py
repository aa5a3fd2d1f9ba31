# task: diabetes
# mistake: none
# resembles: one_unit_softmax
import keras


def train(data):
    norm = keras.layers.Normalization()
    norm.adapt(data.inputs)
    model = keras.Sequential([norm, keras.layers.Dense(24, activation="relu"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.02), "mae")
    model.fit(data.inputs, data.labels, epochs=60, batch_size=32, verbose=0)
    return lambda x: model.predict(x, verbose=0).reshape(-1)
