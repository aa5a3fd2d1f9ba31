# zoo: digits | graded
from sklearn import datasets, svm
from sklearn.model_selection import train_test_split

digits = datasets.load_digits()
data = digits.images.reshape((len(digits.images), -1))
classifier = svm.SVC(gamma=0.001)
x_train, x_test, y_train, y_test = train_test_split(data, digits.target, test_size=0.3, shuffle=False)
classifier.fit(x_train, y_train)
print(classifier.score(x_test, y_test))
