# task: mnist
# mistake: none
# resembles: raw_pixels: trees need no scale
from sklearn.ensemble import RandomForestClassifier


def train(data):
    forest = RandomForestClassifier(60, n_jobs=1, random_state=data.seed)
    return forest.fit(data.inputs.reshape(len(data.inputs), -1), data.labels)


def predict(model, images):
    return model.predict_proba(images.reshape(len(images), -1))
