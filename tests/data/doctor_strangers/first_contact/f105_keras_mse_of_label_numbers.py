# task: digits
# mistake: label_form | broadcast_error
# line: loss="mse" | model.compile
# fix: loss="mse" => loss="sparse_categorical_crossentropy"
from keras import Sequential, layers


def train(data):
    x = data.inputs.reshape(-1, 64) / 255.0
    y = data.labels
    model = Sequential(
        [
            layers.Input((64,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="mse", metrics=["accuracy"])
    model.fit(x, y, epochs=15, batch_size=32, verbose=0)

    def predict(images):
        return model.predict(images.reshape(-1, 64) / 255.0, verbose=0)

    return predict
