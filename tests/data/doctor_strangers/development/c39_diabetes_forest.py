# task: diabetes
# mistake: none
# resembles: raw_pixels
from sklearn.ensemble import GradientBoostingRegressor


def train(data):
    model = GradientBoostingRegressor(loss="absolute_error", n_estimators=60, max_depth=2, random_state=0)
    model.fit(data.inputs, data.labels)
    return model.predict
