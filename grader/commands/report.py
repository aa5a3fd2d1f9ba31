"""`grader report`: Write the leaderboard pages, which open without a network."""

from __future__ import annotations

from grader.commands.options import (
    DEFAULT_RESULTS,
    DEFAULT_SITE,
    LatestOption,
    ResultsOption,
    SiteOption,
    VerboseOption,
)
from grader.commands.parts.console import say
from grader.commands.parts.site_pages import write_site

HELP_PLACE = ("Look", 2)


def report(
    results: ResultsOption = DEFAULT_RESULTS,
    site: SiteOption = DEFAULT_SITE,
    latest: LatestOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Write the leaderboard pages: they open from disk, without a network."""
    say(f"wrote {write_site(results, site, latest)}", wrap=False)
