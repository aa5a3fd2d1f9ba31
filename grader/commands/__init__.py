"""The commands: one file a command, which owns its arguments, its words and its exit code.

In: what a person typed. Out: text or JSON on standard output, warnings and progress on standard
error, and the exit code. What is graded, stored and scored is done in the rooms below.

A file here is the command of its name if its docstring begins with "`grader NAME`: SUMMARY.". The
summary is what `grader --help` shows; it is read from the text of the file, so that asking for help
imports no command. HELP_PLACE says where it is listed. The file defines a function of the same
name, with its options, or `app` for a command with further words. `options.py` declares the options
that several commands take, and `parts/` holds what several of them are made of.
"""
