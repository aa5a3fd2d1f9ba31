# task: digits
# mistake: none
import numpy as np
from sklearn.linear_model import SGDClassifier


def train(data):
    X = data.inputs.reshape(len(data.inputs), -1) / 255.0
    y = data.labels
    clf = SGDClassifier(loss="log_loss", alpha=1e-5, random_state=data.seed)
    rng = np.random.RandomState(data.seed)
    for epoch in range(25):
        idx = rng.permutation(len(X))
        for chunk in np.array_split(idx, 10):
            clf.partial_fit(X[chunk], y[chunk], classes=np.arange(10))

    def predict(images):
        return clf.predict_proba(images.reshape(len(images), -1) / 255.0)

    return predict
