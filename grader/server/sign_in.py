"""Signing in with an account that learners have already: any OpenID Connect provider, or GitHub.

The authorization code flow (https://openid.net/specs/openid-connect-core-1_0.html, 3.1) with PKCE
(RFC 7636), a state and a nonce. What a flow has to remember lies in a signed cookie of the browser
that began it, so whoever is sent an answer that another browser asked for is refused. Authlib
speaks to the provider and looks at the claims; joserfc at the signature, with the kinds of key
pairs alone: an ID token that is signed with our own secret, or not at all, is none.

Who somebody is, the roster says: a verified e-mail that one learner has, or, where course.toml says
so, the login. Neither codes nor tokens nor the secret go into a message or a log.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from itsdangerous import BadSignature, TimestampSigner
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from grader.classroom.course_file import GITHUB, SignInTable
from grader.records.gradebook import Learner
from grader.server.desk import NotTaken
from grader.server.settings import SECRET_VARIABLE

BACK = "/sign-in/back"
FLOW_SECONDS = 600
ANSWER_SECONDS = 10.0
AT_ONCE = 8  # each holds a thread of the page while the provider thinks
LEEWAY_SECONDS = 60
KEY_PAIRS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
GITHUB_PLACES = {
    "authorization_endpoint": "https://github.com/login/oauth/authorize",
    "token_endpoint": "https://github.com/login/oauth/access_token",
    "user": "https://api.github.com/user",
    "emails": "https://api.github.com/user/emails",
}
FAULTS = (requests.RequestException, AuthlibBaseError, JoseError, ValueError, KeyError, TypeError)
_free = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Identity:
    """What a provider vouches for. emails: verified ones only."""

    emails: tuple[str, ...]
    login: str


@dataclass(frozen=True)
class SignIn:
    """The provider that a course names. secret: what flows are signed with."""

    table: SignInTable
    address: str  # of our page
    secret: bytes

    @property
    def _signer(self) -> TimestampSigner:
        return TimestampSigner(self.secret, salt="sign-in")

    def begin(self) -> tuple[str, str]:
        """Return the provider's address to go to, and the cookie that the flow needs."""
        flow = {each: generate_token(48) for each in ("state", "nonce", "verifier")}
        with speaking(), self._session() as session:
            place = self._places()["authorization_endpoint"]
            address, _ = session.create_authorization_url(
                place, flow["state"], code_verifier=flow["verifier"], nonce=flow["nonce"]
            )
        return address, self._signer.sign(json.dumps(flow)).decode()

    def finish(self, cookie: str, query: Mapping[str, str]) -> Identity:
        """Return who came back. NotTaken if that is not known for certain."""
        flow = self._flow_of(cookie)
        if not flow or query.get("state") != flow["state"]:
            raise NotTaken("this sign-in was not begun in this browser, or is too old", 403)
        if not query.get("code"):
            raise NotTaken("the sign-in was given up, or the provider refused it", 403)
        with speaking(), self._session() as session:
            places = self._places()
            token = session.fetch_token(
                places["token_endpoint"],
                code=query["code"],
                code_verifier=flow["verifier"],
                timeout=ANSWER_SECONDS,
            )
            if self.table.provider == GITHUB:
                return github_identity(session, places)
            return self._identity(session, places, token, flow["nonce"])

    def _flow_of(self, cookie: str) -> dict[str, str]:
        try:
            found: dict[str, str] = json.loads(self._signer.unsign(cookie, FLOW_SECONDS))
        except BadSignature:
            return {}
        return found

    def _session(self) -> OAuth2Session:
        secret = os.environ.get(SECRET_VARIABLE, "")
        if not secret:
            raise NotTaken(
                f"the server was started without {SECRET_VARIABLE}; tell your instructor, and use "
                "a code until then",
                503,
            )
        scope = "read:user user:email" if self.table.provider == GITHUB else "openid email profile"
        return OAuth2Session(
            self.table.client_id,
            secret,
            scope=scope,
            redirect_uri=self.address.rstrip("/") + BACK,
            code_challenge_method="S256",
        )

    def _places(self) -> Mapping[str, Any]:
        """Return the provider's addresses, as it publishes them."""
        if self.table.provider == GITHUB:
            return GITHUB_PLACES
        issuer = self.table.provider.rstrip("/")
        places = asked(requests, f"{issuer}/.well-known/openid-configuration")
        # Otherwise a provider could speak for another one.
        if places["issuer"].rstrip("/") != issuer:
            raise ValueError("the issuer is another one")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not is_safe(places[name]):
                raise ValueError(f"{name} is not encrypted")
        return dict(places)

    def _identity(
        self,
        session: OAuth2Session,
        places: Mapping[str, Any],
        token: Mapping[str, Any],
        nonce: str,
    ) -> Identity:
        """Return who an ID token is about, once all of it was looked at."""
        keys = KeySet.import_key_set(asked(requests, places["jwks_uri"]))
        read = jwt.decode(token["id_token"], keys, algorithms=KEY_PAIRS)
        options = {
            "iss": {"essential": True, "value": places["issuer"]},
            "aud": {"essential": True, "value": self.table.client_id},
            "nonce": {"essential": True, "value": nonce},
        }
        about = {"nonce": nonce, "client_id": self.table.client_id}
        about["access_token"] = token["access_token"]
        claims = CodeIDToken(read.claims, read.header, options, about)
        claims.validate(leeway=LEEWAY_SECONDS)
        said = dict(claims)
        if "email" not in said and is_safe(places.get("userinfo_endpoint", "")):
            more = asked(session, places["userinfo_endpoint"])
            # An answer about somebody else is worth nothing (OpenID Connect Core, 5.3.2).
            said = more if more.get("sub") == said["sub"] else {}
        emails = (str(said["email"]),) if said.get("email_verified") is True else ()
        return Identity(emails, str(said.get("preferred_username", "")))


@contextmanager
def speaking() -> Iterator[None]:
    """Speak to the provider. What goes wrong there is said without a word of what was sent."""
    if not _free.acquire(blocking=False):
        raise NotTaken("too many are signing in at once; try again in a few seconds", 503, 5)
    try:
        yield
    except FAULTS:
        raise NotTaken(
            "the sign-in service did not answer, or not as it should. Try again, or sign in with "
            "a code from your instructor",
            503,
            10,
        ) from None
    finally:
        _free.release()


def asked(session: Any, address: str) -> Any:
    """Return what a provider says at an address. Redirects are not followed."""
    answer = session.get(address, timeout=ANSWER_SECONDS, allow_redirects=False)
    answer.raise_for_status()
    return answer.json()


def github_identity(session: OAuth2Session, places: Mapping[str, str]) -> Identity:
    """Return who signed in at GitHub, which has OAuth and no ID tokens."""
    login = str(asked(session, places["user"])["login"])
    found = asked(session, places["emails"])
    return Identity(tuple(each["email"] for each in found if each["verified"] is True), login)


def is_safe(address: str) -> bool:
    """Whether nobody on the way can read what goes to an address."""
    parts = urlsplit(address)
    is_here = parts.hostname in ("127.0.0.1", "::1", "localhost")
    return parts.scheme == "https" or (parts.scheme == "http" and is_here)


def learner_of(identity: Identity, learners: Sequence[Learner], match: str) -> Learner:
    """Return the one learner whom an identity belongs to; NotTaken for none or several."""
    vouched = (identity.login,) if match == "login" else identity.emails
    # An empty column is nobody's.
    names = {each.casefold() for each in vouched if each}
    found = []
    for learner in learners:
        if (learner.login if match == "login" else learner.email).casefold() in names:
            found.append(learner)
    if len(found) != 1:
        what = "login" if match == "login" else "verified e-mail address"
        raise NotTaken(
            f"no single learner on the roster has the {what} of this account. Tell your "
            "instructor, or sign in with a code",
            403,
        )
    return found[0]
