"""A class: who is in it, by which rules its results become grades, and what leaves it.

The room owns what lies in a class's folder (course.toml, roster.csv, journal.jsonl and the secret
of its pseudonyms) and everything that is decided from that: which learner a hand-in belongs to,
what a late one costs, which attempt counts. Grades are read, never run again: stored results and
rules go through one pure function, `rules.gradebook_of`, and boards, pages and exports show what it
returns.

Stored results and the class's folder enter; gradebooks, files for learning platforms, feedback,
lists of similar submissions and student notebooks leave. Nothing that leaves for one learner holds
another one's name or figure.
"""
