"""Short-lived log-ins for a TURN relay, by the scheme that coturn calls ``use-auth-secret``.

The relay knows only the secret that it shares with the service: the user name says until when it holds, and the
password proves that the service wrote it (draft-uberti-behave-turn-rest-00).
"""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha1

VALID = timedelta(hours=12)
"""Beyond any call: what a call began with must hold to its end."""
STEP = timedelta(hours=1)
"""Within which a person gets the same again, so that a display does not change each time that it is looked at."""


@dataclass(frozen=True)
class Login:
    """``username`` is "seconds since 1970:who"; ``password`` the HMAC-SHA1 of it in base64."""

    username: str
    password: str


def expires(now: datetime) -> datetime:
    """When a log-in ends that is given at ``now``: VALID later or up to STEP more."""
    seconds = int(STEP.total_seconds())
    whole = now.timestamp() // seconds * seconds
    return datetime.fromtimestamp(whole, now.tzinfo) + STEP + VALID


def login(secret: bytes, who: str, now: datetime) -> Login:
    """For one person or seat, whose id is no secret and stands in the relay's log."""
    username = f"{int(expires(now).timestamp())}:{who}"
    digest = hmac.new(secret, username.encode(), sha1).digest()
    return Login(username, base64.b64encode(digest).decode())
