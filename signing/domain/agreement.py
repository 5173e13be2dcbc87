"""Overflow between institutions: two one-sided declarations make an agreement, and either side ends it alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Side(StrEnum):
    """``SENDS``: own customers may be served there. ``ACCEPTS``: own seats may serve theirs."""

    SENDS = "sends"
    ACCEPTS = "accepts"


SIDE_TITLES = {Side.SENDS: "本机构客户可由对方接待", Side.ACCEPTS: "接待对方机构的客户"}


@dataclass(frozen=True)
class Declaration:
    """By ``institution_id`` about ``other_id``. ``after_seconds``: how long its own customer waits first; of SENDS."""

    declaration_id: str
    institution_id: str
    other_id: str
    side: Side
    after_seconds: int
    declared_at: datetime
    declared_by: str
    ended_at: datetime | None = None
    ended_by: str = ""

    @property
    def home_and_serving(self) -> tuple[str, str]:
        own, other = self.institution_id, self.other_id
        return (own, other) if self.side is Side.SENDS else (other, own)


def agreements(declarations: Iterable[Declaration]) -> dict[tuple[str, str], timedelta]:
    """(home, serving) → the wait after which it holds, for the pairs that both sides have declared."""
    standing = [one for one in declarations if one.ended_at is None]
    accepted = {one.home_and_serving for one in standing if one.side is Side.ACCEPTS}
    return {
        one.home_and_serving: timedelta(seconds=one.after_seconds)
        for one in standing
        if one.side is Side.SENDS and one.home_and_serving in accepted
    }
