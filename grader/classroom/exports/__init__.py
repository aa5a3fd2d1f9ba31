"""Grades and tasks as other systems take them: one file for each system and kind of file.

A file is an export if its docstring begins with `` `grader export NAME`: ``; nothing else names it.
It has `NEEDS`, which says what it is made from ("grades", "results" of a class,
"stored" for every result, or "task"), and

    files_of(order) -> dict[str, bytes]    name -> content of each file that it writes

`Order` (grader/classroom/export_order.py) holds everything an export may need. A table of grades is
in the consumer's own columns, ids and encoding, written by the csv module; names that a spreadsheet
would run as a formula are made harmless where the consumer takes the name as a label, and left as
they are where it looks people up by it (that column then holds ids).
"""
