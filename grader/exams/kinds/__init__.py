"""The kinds of exam, one file each, found by the file's name: `exam = "regression"` in a task.toml.

A file declares METRICS, the measurements a task of this kind may be scored by, and a class `Kind`,
an `Exam` of `grader.exams.exam`. Kinds know nothing of each other. docs/build/adding-a-kind.md
shows how one is added.
"""
