"""What is handed in: a folder, script, notebook or archive becomes a `Submission`, or is refused.

The room owns everything between a path somebody names and a folder of our own with plain files in
it. A path enters; a `Submission` and its task leave, or `SubmissionRefused` with what was found,
what was expected and what to do. Nothing of a submission is run here, and nothing hostile is opened
in this process.

    submission.py       the room's door: open_submission, and what commands ask about a path
    copying.py          folders and files, copied so that nothing else can be reached through them
    folders.py          the folder inside it that holds the solution
    archives.py         archives and notebooks, handed to the limited child
    limited_child.py    a process for hostile files: no input, capped output, an end to its time
    opener/             the program that runs in it
    notebook_cells.py   where a line of a notebook's script stands in the notebook
    brought_along.py    how much a submission brings along, and what of it a box is given
    hostile_source.py   the program that weighs it in the limited child
    contents.py         what was handed in: size, weights, the file to run, its hash
    settings.py         submission.toml, and which task a submission is for
    names.py            names of authors, submissions and files
"""
