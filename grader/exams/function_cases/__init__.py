"""Function tasks: what a task author defines, and how an answer is judged and explained.

In come a task's `task.py` and the values that a learner's function returned. Out go mismatches,
messages for learners and small pictures of arrays. Nothing here talks to a box: asking is the
business of `kinds/functions.py`, which hands in callables where a question is needed.

    cases           Function, Group: the public interface of task authors; loads task.py
    counterexample  for functions whose right answer is an input that breaks something
    compare         is a received value the expected one, and if not, what is the first difference
    wording         values and differences in words
    answer_picture  small arrays side by side, for a page
    tally           what the cases of one group have shown so far
    failing         the failing case that a learner is told about, cut down if it is long
    shrink          the search for a smaller input that still fails
    waiting         wrong groups that only build on another wrong function
"""
