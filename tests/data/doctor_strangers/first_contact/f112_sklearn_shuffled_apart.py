# task: digits
# mistake: shuffled_labels
# line: shuffle(y | shuffle(X
# fix: X = shuffle(X) => X, y = shuffle(X, y)
# fix: y = shuffle(y)\n => \n
from sklearn.linear_model import LogisticRegression
from sklearn.utils import shuffle


def train(data):
    X = data.inputs.reshape(len(data.inputs), -1) / 255.0
    y = data.labels
    X = shuffle(X)
    y = shuffle(y)
    clf = LogisticRegression(max_iter=500)
    clf.fit(X, y)
    print("training accuracy:", clf.score(X, y))
    return lambda images: clf.predict_proba(images.reshape(len(images), -1) / 255.0)
