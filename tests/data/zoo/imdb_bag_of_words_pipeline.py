# zoo: imdb | graded
from datasets import load_dataset
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

reviews = load_dataset("imdb")
model = Pipeline([("words", TfidfVectorizer()), ("judge", LogisticRegression())])
model.fit(reviews["train"]["text"], reviews["train"]["label"])
