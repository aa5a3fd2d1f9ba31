"""Where the hand-in page of a class keeps things, and the bounds it holds to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

MIB = 1 << 20
# The variable with the secret of the client in [sign_in]: for the process that speaks HTTP alone.
SECRET_VARIABLE = "GRADER_SIGN_IN_SECRET"
FOLDER = "handed-in"  # in the folder of the class


@dataclass(frozen=True)
class Limits:
    """What a request may be. Bytes and counts are looked at before anything is kept."""

    upload_bytes: int = 64 * MIB
    files: int = 500
    other_body_bytes: int = 64 << 10
    uploads_per_hour: int = 60  # of one learner
    uploads_at_once: int = 2  # of one learner
    all_uploads_at_once: int = 320
    streams_per_person: int = 12
    all_streams: int = 2000
    silent_seconds: float = 20.0  # without a byte of an upload
    slowest_bytes_per_second: int = 16 << 10
    free_bytes: int = 256 * MIB  # of the disk, that stay free
    wrong_codes_per_minute: int = 20  # from one address, that are told from too many
    settle_seconds: float = 1.0  # that an edited file of the class has to be still
    invite_days: float = 120.0
    session_days: float = 30.0
    instructor_link_minutes: float = 60.0


@dataclass(frozen=True)
class Settings:
    """One hand-in page.

    course: the folder of the class. address: as browsers see it, http://127.0.0.1:8000.
    """

    course: Path
    results: Path
    address: str = "http://127.0.0.1:8000"
    more_hosts: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)

    @property
    def folder(self) -> Path:
        return self.course / FOLDER

    @property
    def database(self) -> Path:
        return self.folder / "hand-in.sqlite3"

    @property
    def uploads(self) -> Path:
        return self.folder / "uploads"

    @property
    def incoming(self) -> Path:
        return self.folder / "incoming"

    @property
    def site(self) -> Path:
        """Return the folder of the pages with every name and log: for instructors."""
        return self.folder / "site"

    @property
    def public_site(self) -> Path:
        """Return the folder of the pages that every learner may see."""
        return self.folder / "site-without-names"

    @property
    def secret(self) -> Path:
        return self.folder / "cookies.secret"

    @property
    def is_https(self) -> bool:
        return self.address.startswith("https://")

    @property
    def hosts(self) -> frozenset[str]:
        """Return the values of the Host header that are answered."""
        host = self.address.partition("://")[2].rstrip("/")
        return frozenset({host.lower(), *(each.lower() for each in self.more_hosts)})
