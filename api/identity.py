"""Who asks: a signed token (EdDSA JWT), checked offline against a cached list of revoked ones."""

import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt

from api.errors import Problem
from api.keyring import Keyring
from api.revoked import Revoked

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
        self.public = self.key.public_key()
        self.verified = lru_cache(maxsize=512)(self._verified)  # a token is asked about with every request; its time and its being revoked are judged each time
        self.revoked = Revoked(revoked)

    def issue(self, person: str, office: str, seconds: int = LIFE) -> str:
        """A token for one person of one office, good for `seconds`."""
        now = time.time()
        claims = {"iss": ISSUER, "sub": person, "office": office, "iat": round(now, 3), "exp": int(now) + seconds, "jti": uuid4().hex}
        return jwt.encode(claims, self.key, algorithm="EdDSA")

    def check(self, header: str) -> Caller:
        """The caller of an Authorization header; raises Problem unauthenticated."""
        claims = self._claims(header)
        return Caller(str(claims["sub"]), str(claims["office"]))

    def _claims(self, header: str) -> dict[str, Any]:
        scheme, _, token = header.partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise jwt.InvalidTokenError
            claims = self.verified(token)
            if float(claims["exp"]) <= time.time():
                raise jwt.ExpiredSignatureError
        except jwt.InvalidTokenError:
            raise Problem("unauthenticated", headers={"WWW-Authenticate": "Bearer"}) from None
        if claims["jti"] in self.revoked or self.revoked.closes(str(claims["office"]), str(claims["sub"]), float(claims.get("iat", 0))):
            raise Problem("unauthenticated", headers={"WWW-Authenticate": "Bearer"})
        return claims

    def _verified(self, token: str) -> dict[str, Any]:
        return dict(jwt.decode(token, self.public, algorithms=["EdDSA"], issuer=ISSUER, options={"require": ["exp", "sub", "jti", "office"]}))

    def revoke(self, token: str) -> bool:
        """Close one token at once; False for what is none of ours."""
        try:
            claims = jwt.decode(token, self.public, algorithms=["EdDSA"], issuer=ISSUER, options={"verify_exp": False, "require": ["exp", "jti"]})
        except jwt.InvalidTokenError:
            return False
        self.revoked.add(str(claims["jti"]), int(claims["exp"]))
        return True

    def sign_out(self, header: str) -> None:
        """Close the token of a request; raises Problem unauthenticated."""
        claims = self._claims(header)
        self.revoked.add(str(claims["jti"]), int(claims["exp"]))
