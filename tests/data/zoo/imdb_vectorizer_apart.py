# zoo: imdb | graded
from datasets import load_dataset
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB

train = load_dataset("stanfordnlp/imdb", split="train")
count = CountVectorizer(binary=True)
judge = MultinomialNB().fit(count.fit_transform(train["text"]), train["label"])
