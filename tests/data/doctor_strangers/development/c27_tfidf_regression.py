# task: imdb
# mistake: none
# resembles: other_preparation
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def train(data):
    pipeline = make_pipeline(TfidfVectorizer(min_df=3, ngram_range=(1, 2)), LogisticRegression(C=5))
    pipeline.fit(data.inputs, data.labels)
    return pipeline.predict_proba
