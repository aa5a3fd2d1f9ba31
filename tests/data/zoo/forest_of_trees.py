# zoo: digits | graded
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier

x, y = load_digits(return_X_y=True)
pca = PCA(16).fit(x)
forest = RandomForestClassifier(20).fit(pca.transform(x), y)
