"""Time, identifiers and secrets from the machine."""

import secrets
import time
from datetime import UTC, datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class SystemClock:
    def now(self) -> datetime:
        """Aware UTC, cut to milliseconds, as the chain writes it."""
        moment = datetime.now(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class SystemIds:
    def new(self, prefix: str) -> str:
        """``prefix_`` and 26 characters of Crockford's base 32: 48 bits of milliseconds, then 80 random bits."""
        number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
        return f"{prefix}_" + "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))

    def secret(self) -> str:
        """256 bits, URL-safe."""
        return secrets.token_urlsafe(32)

    def code(self) -> str:
        return f"{secrets.randbelow(1_000_000):06d}"
