"""Who asks: a signed token (EdDSA JWT), checked offline; revoked ones stand in a file that is read anew when it changes."""

import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import jwt

from api.errors import Problem
from api.keyring import Keyring

ISSUER = "huiyin"
LIFE = 12 * 3600  # seconds: one working day


@dataclass(frozen=True)
class Caller:
    """A person of an office file, signed in."""

    person: str
    office: str


class Tokens:
    """Issues and checks tokens of one installation."""

    def __init__(self, keys: Keyring, revoked: Path) -> None:
        self.key = keys.signer("token")
        self.revoked, self.read_at, self.known = revoked, -1, frozenset[str]()

    def issue(self, person: str, office: str, seconds: int = LIFE) -> str:
        """A token for one person of one office, good for `seconds`."""
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": person, "office": office, "iat": now, "exp": now + seconds, "jti": uuid4().hex}
        return jwt.encode(claims, self.key, algorithm="EdDSA")

    def check(self, header: str) -> Caller:
        """The caller of an Authorization header; raises Problem unauthenticated."""
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise Problem("unauthenticated", headers={"WWW-Authenticate": "Bearer"})
        try:
            claims = jwt.decode(token, self.key.public_key(), algorithms=["EdDSA"], issuer=ISSUER, options={"require": ["exp", "sub", "jti"]})
        except jwt.InvalidTokenError:
            raise Problem("unauthenticated", headers={"WWW-Authenticate": "Bearer"}) from None
        if claims["jti"] in self._revoked():
            raise Problem("unauthenticated", headers={"WWW-Authenticate": "Bearer"})
        return Caller(str(claims["sub"]), str(claims["office"]))

    def revoke(self, token: str) -> None:
        """Close one token at once."""
        claims = jwt.decode(token, self.key.public_key(), algorithms=["EdDSA"], options={"verify_exp": False})
        with self.revoked.open("a", encoding="utf-8") as file:
            file.write(f"{claims['jti']}\n")

    def _revoked(self) -> frozenset[str]:
        try:
            changed = self.revoked.stat().st_mtime_ns
        except FileNotFoundError:
            return frozenset()
        if changed != self.read_at:
            self.known, self.read_at = frozenset(self.revoked.read_text(encoding="utf-8").split()), changed
        return self.known
