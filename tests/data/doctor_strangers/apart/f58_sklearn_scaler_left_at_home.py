# task: mnist
# mistake: other_preparation
# line: def predict | predict_proba
# fix: clf.predict_proba(flat) => clf.predict_proba(scaler.transform(flat))
import numpy as np
from sklearn.linear_model import SGDClassifier
from sklearn.preprocessing import MinMaxScaler

scaler = MinMaxScaler((-1, 1))


def train(data):
    X = scaler.fit_transform(data.inputs.reshape(len(data.inputs), -1))
    clf = SGDClassifier(loss="log_loss", max_iter=8, tol=None, random_state=0)
    clf.fit(X, data.labels)
    return clf


def predict(clf, images):
    flat = np.asarray(images).reshape(len(images), -1)
    return clf.predict_proba(flat)
