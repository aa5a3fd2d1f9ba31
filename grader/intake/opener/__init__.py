"""The program that opens archives and notebooks, in a process with limits on itself.

It runs in a child process (intake/limited_child.py) and imports nothing of ours: nothing of the
grader is in the memory of a process that reads hostile bytes. The grader itself imports two modules
that open nothing, so that a folder is held to the same rules as an archive: member_names.py and
refused.py.

    main.py          limits this process, opens one file, says what became of it
    member_names.py  which names a file may have, and what is no part of a solution
    unpacking.py     writes the members of any archive, within the limits
    zips.py, tars.py what stands in an archive of each kind
    notebooks.py     a notebook's code cells, as one script
    cells.py         one cell: magics, shell lines and help turned into Python
    open_lines.py    whether a line stands inside a text or brackets
    refused.py       what is wrong with a file, for whoever handed it in
"""
