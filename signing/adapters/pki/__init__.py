"""The demonstration certification and timestamping authority. A licensed one takes its place in production."""

from signing.adapters.pki.authority import Authority
from signing.adapters.pki.tsa import TimestampAuthority

__all__ = ["Authority", "TimestampAuthority"]
