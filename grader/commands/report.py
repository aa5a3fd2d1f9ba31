"""`grader report`: Write the leaderboard pages, which open without a network."""

from __future__ import annotations

from typing import Annotated

import typer

from grader.classroom.class_folder import find_class, need_class
from grader.commands.board import no_results
from grader.commands.options import (
    DEFAULT_RESULTS,
    DEFAULT_SITE,
    ClassOption,
    LatestOption,
    ResultsOption,
    SiteOption,
    VerboseOption,
)
from grader.commands.parts.console import say, warn
from grader.commands.parts.site_pages import write_site
from grader.results import store

HELP_PLACE = ("Look", 2)


def report(
    results: ResultsOption = DEFAULT_RESULTS,
    site: SiteOption = DEFAULT_SITE,
    latest: LatestOption = False,
    class_folder: ClassOption = None,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="Pseudonyms, no logs, nothing a learner chose.")
    ] = False,
    is_opened: Annotated[
        bool, typer.Option("--open", help="Open the first page in the browser.")
    ] = False,
    verbose: VerboseOption = False,
) -> None:
    """Write the leaderboard pages: they open from disk, without a network."""
    school = find_class(class_folder)
    if anonymous:
        school = need_class(class_folder, "--anonymous needs")
    if school is None and not store.summaries(results)[0]:
        warn([no_results(None, results)])
    page = write_site(results, site, latest, school, is_anonymous=anonymous)
    say(f"wrote {page}", wrap=False)
    if is_opened and typer.launch(page.resolve().as_uri()):
        warn([f"no browser could be started; open {page} in one"])
