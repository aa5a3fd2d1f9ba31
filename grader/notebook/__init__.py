"""The door for notebooks: `%load_ext grader`, `%%grade TASK` and `%grader ...`.

    magics     what is typed in a cell, and what becomes of it
    gathered   a cell with what it needs of earlier cells, as a notebook of its own
    ran        which cells were run here, and which file they are saved in
    shown      how far a run is, and its result with one thing to do next

The submission is graded in a box, as `grader run` does it; the kernel only asks. IPython is not
imported here until a magic needs it: `import grader` goes without.
"""
