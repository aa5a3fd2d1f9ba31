"""How learning platforms name what learners handed in: one file for each platform.

A file has `part_of(path)`, which returns what the name of one file or folder says, or None where
the platform would not have written it. Nothing else names the files here: a new platform is one
file. They open no submission; at most they read a list that the platform put beside them.
"""
