# task: digits
# mistake: none
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


def flat(images):
    return images.reshape(images.shape[0], -1).astype(float)


def train(data):
    clf = make_pipeline(StandardScaler(), SVC(C=5, gamma="scale"))
    clf.fit(flat(data.inputs), data.labels)
    return clf


def predict(model, inputs):
    return model.decision_function(flat(inputs))
