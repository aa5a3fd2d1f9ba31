"""Grading: one submission the whole way, and many of them one after another.

In: submissions, tasks and a sandbox. Out: results, stored. `pipeline` is the whole way of one
submission on one screen; `batch` keeps the queue of many and may be stopped at any moment, `worker`
is the process that grades them, with one submission at a time on its `bench`. Nothing here prints.
"""
