"""Which learner of the roster a hand-in belongs to.

What a platform says is held against the roster in the order of how surely it names one person: its
id, the login, the e-mail, the full name, and last the name as Canvas squeezes it into one word. The
first of these that fits exactly one learner decides. What fits nobody, or several, is said and left
to a person: a wrong match would be somebody else's grade.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from grader.classroom.roster import Roster, letters_of, listed, without_accents
from grader.intake.hand_ins import HandIn
from grader.intake.parts import Person
from grader.records.gradebook import Learner
from grader.text import same_name

TEAM_WORD = "team"


@dataclass
class Matched:
    """Hand-ins of learners on the roster, and everything that does not add up."""

    hand_ins: list[HandIn] = field(default_factory=list)
    unknown: list[HandIn] = field(default_factory=list)
    ambiguous: list[tuple[HandIn, list[str]]] = field(default_factory=list)
    together: list[tuple[str, list[str]]] = field(default_factory=list)  # file, authors
    missing: list[Learner] = field(default_factory=list)
    doubled: list[tuple[str, list[str]]] = field(default_factory=list)  # author, files

    def remarks(self) -> list[str]:
        """Return a line for each kind of trouble."""
        lines = []
        if self.unknown:
            files = listed([each.file for each in self.unknown])
            lines.append(
                f"{len(self.unknown)} by nobody on the roster, not graded: {files}. Add the name "
                "to the column `also` of the learner's row in roster.csv and repeat the command"
            )
        for hand_in, authors in self.ambiguous:
            lines.append(
                f"{hand_in.file} could be by {' or '.join(authors)}, not graded. Say whose it is: "
                "put its name into the column `also` of one row in roster.csv"
            )
        for file, authors in self.together:
            lines.append(
                f"{file} is by {' and '.join(authors)}: the result stands under {authors[0]}, and "
                "counts for the others if course.toml has them as a team"
            )
        for author, several in self.doubled:
            lines.append(f"several submissions by {author}: {listed(several)}")
        if self.missing:
            names = listed([each.author for each in self.missing])
            lines.append(f"nothing from {len(self.missing)} on the roster: {names}")
        return lines


def match(hand_ins: Iterable[HandIn], roster: Roster, names: Callable[[HandIn], str]) -> Matched:
    """Give every hand-in its author from the roster.

    names: what the files of a hand-in say its author is called, where no platform says more.
    """
    keys = keys_of(roster)
    found = Matched()
    seen: dict[str, list[HandIn]] = defaultdict(list)
    for hand_in in hand_ins:
        people = hand_in.people or (Person(name=names(hand_in), login=names(hand_in)),)
        authors = []
        several: list[str] = []
        for person in people:
            learners = learners_of(person, keys)
            authors += [each.author for each in learners[:1] if len(learners) == 1]
            several += [each.author for each in learners if len(learners) > 1]
        if several:
            found.ambiguous.append((hand_in, several))
        elif not authors:
            found.unknown.append(hand_in)
        else:
            # A team's work is graded once; course.toml says who else gets the grade.
            found.hand_ins.append(hand_in.model_copy(update={"author": authors[0]}))
            if len(authors) > 1:
                found.together.append((hand_in.file, authors))
            for author in authors:
                seen[author].append(hand_in)
    found.missing = [each for each in roster.learners if each.author not in seen]
    for author, theirs in seen.items():
        if len({(each.submitted_at, each.attempt) for each in theirs}) < len(theirs):
            found.doubled.append((author, [each.file for each in theirs]))
    return found


Keys = dict[str, dict[str, list[Learner]]]


def keys_of(roster: Roster) -> Keys:
    """Return, for each kind of name, what it may be -> the learners it stands for."""
    keys: Keys = {kind: defaultdict(list) for kind in ("id", "login", "email", "name", "squashed")}
    for learner in roster.learners:
        add(keys["id"], learner, [learner.id, learner.platform_id, *learner.also])
        add(keys["login"], learner, [learner.login, learner.id, *learner.also])
        add(keys["email"], learner, [learner.email])
        add(keys["name"], learner, [learner.name, learner.author, *learner.also])
        names = [learner.name, *learner.also]
        spelled = {form for name in names for form in spellings(name)}
        add(keys["name"], learner, spelled)
        squeezed = {form for name in names for form in squashed(name)}
        add(keys["squashed"], learner, squeezed)
    return keys


def add(where: dict[str, list[Learner]], learner: Learner, texts: Iterable[str]) -> None:
    """Note a learner under each of these texts, once."""
    for key in {same_name(text) for text in texts if text}:
        if learner not in where[key]:
            where[key].append(learner)


def learners_of(person: Person, keys: Keys) -> list[Learner]:
    """Return whom a person may be: one where it is sure, several where it is not, or nobody."""
    claims: Sequence[tuple[str, Sequence[str]]] = (
        ("id", [person.id]),
        ("login", [person.login]),
        ("email", [person.email]),
        ("name", [person.name, *spellings(person.name)]),
        ("squashed", [person.squashed]),
    )
    several: list[Learner] = []
    for kind, texts in claims:
        for text in texts:
            learners = keys[kind].get(same_name(text), []) if text else []
            if len(learners) == 1:
                return learners
            several = several or learners
    return several


def spellings(name: str) -> list[str]:
    """Return other ways to write a name: words in any order, without accents, joined by "_"."""
    if not name:
        return []
    plain = name.replace("_", " ").replace(",", " ").replace("-", " ").replace(".", " ")
    words = sorted(same_name(plain).split())
    return [" ".join(words), without_accents(" ".join(words)), same_name(plain)]


def squashed(name: str) -> list[str]:
    """Return a name as Canvas writes it into a file's: last name first, letters and digits only.

    Which words are the last name is not known, so each cut is one of the possibilities.
    """
    words = name.split()
    forms = [name]
    for cut in range(1, len(words)):
        forms.append(" ".join([*words[cut:], *words[:cut]]))
    return [letters_of(form) for form in forms] + [letters_of(without_accents(f)) for f in forms]
