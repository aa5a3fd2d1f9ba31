"""Notebook assignments: a source with solutions and hidden tests -> what learners get.

A source is a notebook with the regions of nbgrader or the markers of otter; grader/classroom/
assignments/formats/ has a file for each. What is taken out never leaves: after a student notebook
is made, every removed line is looked for in its bytes, and nothing is written if one is found.
"""
