"""The course: its tasks, how they are scored, and the data sets they use.

In: task folders (`task.toml`, `task.py`) and the files of published data sets. Out: `Task` values
with everything a run needs to know, arrays of examples, and points computed from measurements.
Nothing here runs a submission, and scoring reads nothing but its arguments.
"""
