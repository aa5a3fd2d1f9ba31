"""Arrays in, numbers out: metrics of every kind of exam, and the statistics of how sure they are.

The room owns the formulas and their sources. It is pure and imports NumPy alone (and the ground
floor's errors for one file of weights), so each function can be checked against another library or
by hand, which the tests do. It knows nothing of submissions, tasks or records.

    statistics       intervals and quartiles
    classification   scores of shape (n, classes) against labels of shape (n,)
    regression       predictions against targets, shape (n,)
    language         logits of shape (n, t, vocabulary) against tokens; texts written on
    generation       features of generated pictures against features of real ones
    features         the frozen network that makes these features
"""
