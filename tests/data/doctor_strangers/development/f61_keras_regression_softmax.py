# task: diabetes
# mistake: one_unit_softmax
# line: activation="softmax"
# fix: keras.layers.Dense(1, activation="softmax") => keras.layers.Dense(1)
import keras


def train(data):
    scale = keras.layers.Normalization()
    scale.adapt(data.inputs)
    model = keras.Sequential([
        keras.Input((10,)), scale, keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(1, activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
    model.fit(data.inputs, data.labels, epochs=80, batch_size=32, verbose=0)
    return lambda inputs: model.predict(inputs, verbose=0)[:, 0]
