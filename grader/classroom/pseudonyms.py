"""Pseudonyms: stable names that say nothing, for boards that everybody sees.

A pseudonym is made of the learner's id and a secret that lies beside the class, by HMAC-SHA-256:
the same learner has the same one for as long as the secret is there, and nobody who has only the
pseudonym, or even the roster, gets from one to the other. Of two learners whose short forms are the
same, both get a longer one. Whoever has the folder of the class can reveal them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import Counter

from grader.classroom.class_folder import ClassFolder, write_whole
from grader.errors import GraderError

SECRET_FILE = "pseudonyms.secret"
SECRET_BYTES = 32
COLOURS = """
amber azure beige black blue brass bronze brown coral cream crimson cyan denim ebony fawn
gold green grey indigo ivory jade khaki lemon lilac lime maroon mauve mint navy ochre olive
orange peach pearl pink plum purple red rose ruby russet sable sand scarlet silver sky slate
steel tan teal topaz umber violet walnut wheat white wine yellow zinc copper cobalt
"""
ANIMALS = """
adder badger bear beaver bison boar bream buck carp cat chub colt crab crane crow deer dingo
dove duck eagle eel egret elk emu ewe falcon ferret finch fox frog gecko gnu goat goose gull
hare hawk hen heron horse ibex ibis jackal jay kestrel kite kiwi koala lark lemur lion
lizard llama lynx magpie marten mole moose moth mouse newt ocelot okapi orca osprey otter
owl ox panda perch pike pony puffin puma quail rabbit ram raven robin rook seal shark sheep
shrew skua skunk sloth snail snake sparrow squid stag stoat stork swan swift tapir teal tern
tiger toad trout tuna turtle vole wasp weasel whale wolf wombat wren yak zebra
"""


def pseudonyms_of(school: ClassFolder) -> dict[str, str]:
    """Return learner's id -> pseudonym; empty for a class that has no secret yet."""
    path = school.path / SECRET_FILE
    if not path.is_file():
        return {}
    secret = path.read_bytes()
    if len(secret) < SECRET_BYTES:
        raise GraderError(
            f"{path} is damaged: {len(secret)} bytes, expected {SECRET_BYTES}. Restore it from a "
            "copy, or remove it to give everybody a new pseudonym"
        )
    ids = [learner.id for learner in school.roster.learners]
    return named(secret, ids)


def make_pseudonyms(school: ClassFolder) -> dict[str, str]:
    """Return learner's id -> pseudonym; the secret is made where there is none."""
    path = school.path / SECRET_FILE
    if not path.is_file():
        write_whole(path, secrets.token_bytes(SECRET_BYTES), is_secret=True)
    return pseudonyms_of(school)


def named(secret: bytes, ids: list[str]) -> dict[str, str]:
    """Return a pseudonym for each id, no two the same."""
    short = {each: pseudonym(secret, each) for each in ids}
    counts = Counter(short.values())
    found = {}
    for each, name in short.items():
        found[each] = name if counts[name] == 1 else f"{name} {mark_of(secret, each)}"
    return found


def pseudonym(secret: bytes, learner_id: str) -> str:
    """Return a colour, an animal and a number."""
    digest = hmac.new(secret, learner_id.encode("utf-8", "replace"), hashlib.sha256).digest()
    colour = drawn(COLOURS, digest[:4])
    animal = drawn(ANIMALS, digest[4:8])
    return f"{colour} {animal} {int.from_bytes(digest[8:12], 'big') % 90 + 10}"


def drawn(words: str, digest: bytes) -> str:
    """Return the word that some bytes stand for."""
    choices = words.split()
    return choices[int.from_bytes(digest, "big") % len(choices)]


def mark_of(secret: bytes, learner_id: str) -> str:
    text = f"again {learner_id}".encode("utf-8", "replace")
    return hmac.new(secret, text, hashlib.sha256).hexdigest()[:6]
