"""What the hand-in page keeps of one learner: counted first, then removed.

Uploads with their receipts, the queue's rows and what happened in them, invitations, sessions and
tokens. Uploads are looked for on the disk as well: one without a row would come back at the next
start of the page. What SQLite removes is overwritten, and its log is emptied.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.errors import UsageError
from grader.host.ownership import remove_tree
from grader.server.database import Database
from grader.server.jobs import GRADING
from grader.server.settings import Settings
from grader.server.uploads import stored_uploads

# In an order in which no row is left without the one that it refers to.
TABLES = ("invites", "sessions", "tokens", "owners", "standings", "jobs", "uploads")


def handed_in(settings: Settings, learner: str) -> Sequence[str]:
    """Return the ids of a learner's uploads; none where the class has no hand-in page."""
    if not settings.database.is_file():
        return ()
    database = Database(settings.database)
    rows = database.rows("SELECT id FROM uploads WHERE learner = ?", learner)
    database.close()
    stored = (each.id for each in stored_uploads(settings.uploads) if each.learner == learner)
    return sorted({*stored, *(row["id"] for row in rows)})


def forget(settings: Settings, learner: str) -> None:
    """Remove all that the page keeps of a learner. Raises UsageError while it grades some of it."""
    uploads = handed_in(settings, learner)
    if not settings.database.is_file():
        return
    database = Database(settings.database)
    database.connection.execute("PRAGMA secure_delete=ON")
    try:
        with database.writing() as rows:
            graded = "SELECT 1 FROM jobs WHERE learner = ? AND state = ?"
            if rows.execute(graded, (learner, GRADING)).fetchone() is not None:
                raise UsageError(
                    "an upload of this learner is being graded; stop it on its page, or wait until "
                    "it has ended, and then forget the learner"
                )
            theirs = "job IN (SELECT id FROM jobs WHERE learner = ?)"
            rows.execute(f"DELETE FROM events WHERE {theirs}", [learner])
            for table in TABLES:
                rows.execute(f"DELETE FROM {table} WHERE learner = ?", [learner])
        for upload in uploads:
            remove_tree(settings.uploads / upload)
        database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        database.close()
