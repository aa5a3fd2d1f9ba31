"""One file a data set: what lies here can be named by `dataset` in a task.toml.

The file `fashion_mnist.py` is the data set `fashion-mnist`. It offers what
`grader.course.dataset.DatasetModule` (labelled examples) or `CorpusModule` (one long text) says:
`load` reads the published files and checks them, `stand_in` generates a small data set of the same
form, `perturb` returns copies that a person would label the same.
"""
