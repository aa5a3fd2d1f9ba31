"""Graded runs on disk and in order: the store, the index beside it, boards and ranks.

The room owns the layout of a results folder and the rules by which results are compared. Records
enter, paths and boards leave; nothing is measured, scored or drawn here.

    store     one folder for each result, written whole or not at all
    index     a cache of what boards and overview pages need of every result
    runs      a result by its summary, read in full when somebody asks
    boards    results -> boards: who may be compared, one entry for each author
    ranking   boards -> ranks: who is apart beyond measurement noise
    differences   two figures -> whether they differ beyond chance
"""
