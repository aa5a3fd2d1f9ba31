# task: digits
# mistake: none
# resembles: other_preparation
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler


def flat(images):
    return images.reshape(len(images), -1) / 16.0


def train(data):
    pipe = Pipeline([("flat", FunctionTransformer(flat)), ("scale", StandardScaler()),
                     ("net", MLPClassifier((64,), max_iter=60, random_state=1))])
    pipe.fit(data.inputs, data.labels)
    return pipe.predict_proba
