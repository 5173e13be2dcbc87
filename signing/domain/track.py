"""A customer's own track: their picture and sound as they came, beside the recording of the stage."""

from collections.abc import Sequence
from datetime import timedelta

from signing.domain.case import RecordingState, Segment, Track
from signing.domain.party import Party

HEADS_EVERY = timedelta(seconds=60)
"""Between two of its heads on the case's chain: five people have one each ten seconds or so, the stage beside them."""
MOST = 400
"""Tracks of a case."""
LACKS = {
    "muted": "静音",
    "held": "在外等候",
    "picture": "没有画面",
    "sound": "没有声音",
    "damaged": "画面残缺",
    "behind": "电脑太忙",
}
LATE = "用印时还没有收齐"
ROOM = 4_000_000_000
"""Bytes of recordings and tracks up to which tracks go into a package, so that it can still be handed over. The
recording of the stage always does, however long it is."""
TOO_MUCH = "证据包放不下"


PENDING = (RecordingState.RECORDING, RecordingState.FINISHED, RecordingState.DAMAGED)
"""Not here whole, and nobody is looking at it now."""


def file_of(party: Party, parties: Sequence[Party], earlier: Sequence[Track]) -> str:
    """The next name for a track of this party, such as ``guarantor2-1``: role, which of them, which of theirs."""
    alike = [one.party_id for one in parties if one.role is party.role]
    which = str(alike.index(party.party_id) + 1) if len(alike) > 1 and party.party_id in alike else ""
    stem = f"{party.role.value}{which}".replace("_", "")
    taken = {one.file for one in earlier}
    return next(name for number in range(1, MOST + 2) if (name := f"{stem}-{number}") not in taken)


def fits(held: Sequence[Segment], track: Track) -> bool:
    """Whether what is held is all that was promised."""
    return len(held) == track.segments and bool(held) and held[-1].chain == track.chain
