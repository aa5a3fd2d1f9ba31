"""Questions of a notebook: tests that somebody else's code answers and never sees.

In come the steps of an assignment (`grader assignment build` writes them) and a session. Out goes
what each test came to. Two boxes are open for that, and nothing but plain values goes between them:

    the notebook's   the learner's cells have run there; it is asked for names, calls and items
    the tests'       the teacher's own cells and tests run there; the learner's code never does

The host carries bytes from one to the other and reads none of them. What a test compares is a
number, a text, an array or a container of these, made anew in the tests' box: an object that
calls itself equal to everything stays where it is, and only a name for it travels.

    work       the steps of an assignment, as its questions.json has them
    asking     the host between the two boxes
    in_box/    the two programs in the boxes, and what travels between them
"""
