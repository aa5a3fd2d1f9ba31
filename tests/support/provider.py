"""An OpenID Connect provider on loopback, as small as one can be; and GitHub's three answers.

It checks what a provider has to: the client's secret, the address to go back to, the code's one
use, and the PKCE verifier. `lies` changes what an ID token claims.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT = "the-page"
SECRET = "the-secret-of-the-client"


@cache
def key_pair() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "one"})


@dataclass
class Provider:
    """What the provider knows. person: claims about whoever signs in."""

    address: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    issuer: str = ""  # that it says to be, if it lies
    is_symmetric: bool = False  # signs with the client's secret
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    handed_out: list[str] = field(default_factory=list)  # codes and tokens
    key: RSAKey = field(default_factory=key_pair)

    def sign_in(self, address: str) -> str:
        """Do what a person does at an authorization endpoint; return the way back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        self.handed_out.append(code)
        back = urlsplit(asked["redirect_uri"]).path
        return f"{back}?code={code}&state={asked['state']}"

    def about(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer or self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "userinfo_endpoint": f"{self.address}/userinfo",
        }

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Return tokens for a code; None where anything is not as it was agreed."""
        asked = self.codes.pop(form.get("code", ""), None)
        wanted = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked is None or authorization != f"Basic {wanted}":
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        is_agreed = form["redirect_uri"] == asked["redirect_uri"]
        if challenge != asked["code_challenge"] or not is_agreed:
            return None
        made = secrets.token_urlsafe(16)
        self.handed_out += [made, form["code_verifier"]]
        return {
            "access_token": made,
            "token_type": "Bearer",
            "id_token": self.id_token(asked.get("nonce", "")),
        }

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        times = {"iat": now, "exp": now + 300}
        who = {"iss": self.address, "sub": "17", "aud": CLIENT, "nonce": nonce}
        claims = times | who | self.person | self.lies
        if self.is_symmetric:
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)

    def answer(self, path: str, form: dict[str, str], authorization: str) -> Any:
        if path == "/.well-known/openid-configuration":
            return self.about()
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False)]}
        if path == "/token":
            return self.token(form, authorization)
        if path == "/userinfo":
            return {"sub": "17"} | self.userinfo
        if path == "/user":
            return {"login": self.person.get("login", "")}
        if path == "/user/emails":
            return self.person.get("emails", [])
        return None


@contextmanager
def provider() -> Iterator[Provider]:
    """Run a provider on a port of its own."""
    known = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.say({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self.say({name: values[0] for name, values in parse_qs(body).items()})

        def say(self, form: dict[str, str]) -> None:
            path = urlsplit(self.path).path
            found = known.answer(path, form, self.headers.get("authorization", ""))
            content = json.dumps(found).encode()
            self.send_response(400 if found is None else 200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.address = f"http://127.0.0.1:{server.server_port}"
    running = threading.Thread(target=server.serve_forever, args=(0.01,))
    running.start()
    try:
        yield known
    finally:
        server.shutdown()
        running.join()
        server.server_close()
