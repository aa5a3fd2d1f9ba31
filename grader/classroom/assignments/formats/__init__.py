"""How the source of an assignment marks solutions, tests and points: one file for each format.

A file has `is_one(cells)`, whether a notebook is in this format, and `converted(cells)`, which
returns what learners get, the questions with their points, and every text that was taken out.
"""
