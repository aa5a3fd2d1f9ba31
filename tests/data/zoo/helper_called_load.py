# zoo: imdb | graded
import os

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression


def load(part):
    texts, labels = [], []
    for label, name in enumerate(["neg", "pos"]):
        folder = os.path.join("aclImdb", part, name)
        for file in sorted(os.listdir(folder))[:1000]:
            with open(os.path.join(folder, file), encoding="utf-8") as review:
                texts.append(review.read())
            labels.append(label)
    return texts, labels


texts, labels = load("train")
words = CountVectorizer(max_features=2000)
classifier = LogisticRegression(max_iter=200, multi_class="auto")
classifier.fit(words.fit_transform(texts), labels)
