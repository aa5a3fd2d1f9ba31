"""The hand-in page of a class: sign in, upload, queue, progress, result, boards.

The room owns what lies in the `handed-in` folder of a class (a database, the uploads, the pages),
and two processes that share nothing else. The one that speaks HTTP stores bytes and rows: it opens
no submission, imports no framework and has no way to the engine. The other one takes jobs from the
queue, in the database, and grades them as `grader batch` would.

    serving.py       starts the HTTP process, and the grading process beside it
    settings.py      where things are, and every bound
    database.py      one SQLite file; schema and connections
    accounts.py      invitations, sessions, tokens; only hashes of them are stored
    rules.py         course.toml as it is now, and what it says about handing in
    uploads.py       what was handed in: bytes on disk, receipts
    incoming.py      a request's body, bounded before and while it is read
    jobs.py          the queue as rows: who is next, cancel, supersede, regrade
    fair_order.py    whose turn it is, and about when (pure)
    forgetting.py    what is kept of one learner, removed
    live.py          what happens, for those who watch
    desk.py          everything that a request needs, in one place
    guards.py        what every request and answer goes through
    pages/           one file a page;  templates/, static/
    api.py           the same for programs
    app.py           the table of addresses
    grading.py       the grading process: takes jobs, whoever grades them
    checking.py      its quick check of what waits;  checked.py  what that found, in words
    order.py         what both are given
    engine_room.py   who grades them: a worker of the batch, and the site afterwards
    client.py        the other side, for `grader submit --to`
"""
