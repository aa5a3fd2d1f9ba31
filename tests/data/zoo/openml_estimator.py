# zoo: mnist | graded
from sklearn.datasets import fetch_openml
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

digits = fetch_openml("mnist_784", as_frame=False)
pixels, classes = digits.data[:2000], digits.target[:2000]
classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=30))
classifier.fit(pixels, classes)
print(classifier.score(digits.data[60000:60200], digits.target[60000:60200]))
