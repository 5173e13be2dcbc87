"""How good the line was, as the seat measured it and as the phone told; between which ends it went; what was wrong with
the recording while it ran."""

from collections.abc import Mapping

from signing.domain.call import Call
from signing.domain.connection import InUse
from signing.domain.doubt import Doubt
from signing.domain.events.base import Happening, at, label, of
from signing.domain.party import Party
from signing.domain.quality import (
    BAR_TITLES,
    CAUSE_TITLES,
    Cause,
    Stretch,
    Told,
    break_in_words,
    in_words,
    told_in_words,
)

QUALITY = "call.quality"
CONNECTION = "call.connection"
DOUBT = "recording.doubt"
SAID_BY_THE_BARS = (Cause.FINE, Cause.BROKEN)


def quality_measured(party: Party, call: Call, stretch: Stretch) -> Happening:
    """Everything is the seat's own, but ``told_by_phone``, ``told_said`` and nothing else."""
    said = "".join(f"，{words}" for words in (break_in_words(stretch), in_words(stretch.figures)) if words)
    return of(
        party,
        QUALITY,
        call_id=call.call_id,
        since=at(stretch.since),
        until=at(stretch.until),
        bars=stretch.bars,
        bars_title=BAR_TITLES[stretch.bars],
        cause=stretch.cause.value,
        cause_title="" if stretch.cause in SAID_BY_THE_BARS else f"，{CAUSE_TITLES[stretch.cause]}",
        mean=round(stretch.mean, 1),
        least=round(stretch.least, 1),
        figures=_rounded(vars(stretch.figures)),
        said=said,
        **({"broken_seconds": round(stretch.broken_seconds, 1)} if stretch.broken_seconds else {}),
        **({} if stretch.told_by_phone is None else _told(stretch, stretch.told_by_phone)),
    )


def _told(stretch: Stretch, told: Told) -> dict[str, object]:
    """The words stand in the title only where they say something else than the seat's."""
    names = ("frozen_down", "concealed_down", "pictures_down", "waits_ms")
    kept = {
        "bars": told.bars,
        "cause": told.cause.value,
        "mean": round(told.mean, 1),
        "least": round(told.least, 1),
        "figures": _rounded({name: getattr(told, name) for name in names}),
    }
    words = told_in_words(stretch)
    return {"told_by_phone": kept, "told_said": f"；{words}" if words else ""}


def _rounded(figures: Mapping[str, object]) -> dict[str, float]:
    """What nobody measured is left out."""
    return {name: round(value, 3) for name, value in figures.items() if isinstance(value, int | float)}


def connection_in_use(party: Party, call: Call, in_use: InUse) -> Happening:
    return of(
        party,
        CONNECTION,
        call_id=call.call_id,
        since=at(in_use.since),
        seat_fingerprint=in_use.ends.seat,
        phone_fingerprint=in_use.ends.phone,
        said=in_use.ends.in_words,
    )


def recording_doubted(party: Party | None, call: Call, doubt: Doubt) -> Happening:
    """``party`` None: it is about the agent or the recording as a whole."""
    whose = "坐席的" if doubt.of_agent else "" if party is None else f"{label(party)}的"
    return Happening(
        DOUBT,
        {
            "call_id": call.call_id,
            "party_id": None if party is None else party.party_id,
            "of_agent": doubt.of_agent,
            "kind": doubt.kind.value,
            "since": at(doubt.since),
            "until": None if doubt.until is None else at(doubt.until),
            "whose": whose,
            "said": doubt.in_words,
        },
    )
