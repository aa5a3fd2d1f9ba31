"""`grader forget`: Remove everything about one learner, after a list of what will go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.classroom.class_folder import find_class
from grader.classroom.forgetting import forget as forgotten
from grader.classroom.forgetting import traces_of
from grader.commands.options import (
    DEFAULT_RESULTS,
    DEFAULT_SITE,
    ClassOption,
    ResultsOption,
    SiteOption,
)
from grader.commands.parts.console import say
from grader.errors import UsageError
from grader.server.forgetting import forget as forget_on_page
from grader.server.forgetting import handed_in
from grader.server.settings import Settings
from grader.spelling import no_such
from grader.text import same_name

HELP_PLACE = ("Class", 6)


def forget(
    author: Annotated[str, typer.Argument(help="The learner: id, login, e-mail or name.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Remove it; without this, only the list is shown.")
    ] = False,
    results: ResultsOption = DEFAULT_RESULTS,
    class_folder: ClassOption = None,
    site: SiteOption = DEFAULT_SITE,
    feedback: Annotated[
        Path, typer.Option("--feedback", help="Folder that `grader feedback` wrote to.")
    ] = Path("feedback"),
    exports: Annotated[
        Path, typer.Option("--exports", help="Folder that `grader export` wrote to.")
    ] = Path("export"),
) -> None:
    """List everything about one learner, and with --yes remove it."""
    school = find_class(class_folder)
    if school is None:
        raise UsageError("there is no class here; --class says where it is")
    learner = school.roster.by_author.get(same_name(author))
    if learner is None:
        names = [each.author for each in school.roster.learners]
        raise UsageError(no_such("learner on the roster", author, names))
    page = Settings(school.path, results)
    folders = (site, feedback, exports, page.site, page.public_site)
    found = traces_of(school, learner, results, folders)
    uploads = handed_in(page, learner.id)
    say(f"About {learner.author}:")
    for line in [*found.lines(), f"{len(uploads)} uploads to the hand-in page, and the account"]:
        say(f"  {line}")
    for path in [*found.results, *found.pages]:
        say(f"    {path}", wrap=False)
    if not yes:
        say("Nothing was removed; --yes removes all of this.")
        return
    forget_on_page(page, learner.id)
    forgotten(school, found)
    say("Removed. Write pages and exports again; what `grader batch` graded is where you put it.")
