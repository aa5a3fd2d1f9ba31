# task: digits
# mistake: batch_statistics | mixed_rows
# line: fit_transform(images | StandardScaler().fit_transform
# fix: StandardScaler().fit_transform(images.reshape(len(images), -1)) => scaler.transform(images.reshape(len(images), -1))
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler


def train(data):
    global scaler
    scaler = StandardScaler().fit(data.inputs.reshape(len(data.inputs), -1))
    model = LogisticRegression(max_iter=300)
    model.fit(scaler.transform(data.inputs.reshape(len(data.inputs), -1)), data.labels)
    return model


def predict(model, images):
    x = StandardScaler().fit_transform(images.reshape(len(images), -1))
    return model.predict_proba(x)
