"""What each person's tile says: the picture as it comes, or in words why there is none; never an old one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from media.compositor import TileState, TileView
from media.core.mixing import Samples
from media.core.murmur import Sound
from media.core.timeline import SECOND
from media.ports import Picture, PictureSlot

STALE_AFTER_NS = 2 * SECOND
BLACK_AFTER_NS = SECOND
BLACK = 32
"""Luma that no pixel of a muted or covered camera reaches; black is 16, and a dark room still has its lights."""
MUTED = "已静音"
UNHEARD = "没有声音"
OUTSIDE = (TileState.HELD, TileState.APART)
"""Takes no part at the moment."""


class Voice(Protocol):
    """Where one person's voice is taken from, step by step."""

    def take(self) -> Samples:
        """BLOCK samples, at once; silence where nothing came."""
        ...


@dataclass(frozen=True)
class Cast:
    """One customer as the stage needs them. ``joined``: there was a picture at some time.

    ``held``: waits outside, neither heard nor seen. ``muted``: seen, sees and hears, is not heard.
    """

    party_id: str
    label: str
    line: str
    slot: PictureSlot
    voice: Voice
    connecting: bool = False
    joined: bool = False
    camera_on: bool = True
    lost: bool = False
    """The connection is gone, and not only its pictures."""
    held: bool = False
    muted: bool = False
    mark: str = ""
    """A word that stands on their picture."""
    bars: int | None = None
    """Of the customer's network, 0…4."""
    sound: Sound = Sound.THERE
    """Of the customer's microphone."""
    sees: bool = True
    """Whether the stage is to be sent to them."""


def fresh(picture: Picture | None, now_ns: int) -> Picture | None:
    """The picture, or None where it is older than two seconds: an old picture is never shown as if it were new."""
    if picture is None or now_ns - picture.captured_ns > STALE_AFTER_NS:
        return None
    return picture


class Darkness:
    """Since when each customer sends nothing but black: a muted track keeps sending pictures."""

    def __init__(self) -> None:
        self._since: dict[str, int] = {}

    def lasts(self, party_id: str, picture: Picture | None, now_ns: int) -> bool:
        """Whether the party's picture has been black for longer than a moment."""
        if picture is None or _is_lit(picture):
            self._since.pop(party_id, None)
            return False
        return now_ns - self._since.setdefault(party_id, now_ns) >= BLACK_AFTER_NS


def _is_lit(picture: Picture) -> bool:
    """A look at a few pixels says so of nearly every picture."""
    return any(int(picture.y[::step, ::step].max()) >= BLACK for step in (32, 4))


def customer_view(item: Cast, now_ns: int, darkness: Darkness, *, apart: bool = False) -> TileView:
    """One customer's tile. ``apart``: somebody is talked to alone, so that who is held is told why."""
    if item.held:
        return TileView(item.label, item.line, TileState.APART if apart else TileState.HELD)
    picture = fresh(item.slot.latest(), now_ns)
    if not item.camera_on:
        state = TileState.CAMERA_OFF
    elif picture is not None and item.joined:
        state = TileState.BLACK if darkness.lasts(item.party_id, picture, now_ns) else TileState.LIVE
    elif item.joined:
        state = TileState.DROPPED if item.lost else TileState.STALE
    else:
        state = TileState.CONNECTING if item.connecting else TileState.WAITING
    return TileView(item.label, item.line, state, picture, bars=item.bars, marks=marks(item))


def marks(item: Cast) -> tuple[str, ...]:
    """What stands on a customer's picture besides what is seen."""
    unheard = not item.muted and item.sound is not Sound.THERE
    return tuple(word for word in (MUTED if item.muted else "", UNHEARD if unheard else "", item.mark) if word)


def everyone_seen(customers: Sequence[TileView]) -> bool:
    """Whether all who take part are seen; who is held takes no part, and a call of held people shows nobody."""
    states = {view.state for view in customers if view.state not in OUTSIDE}
    return states == {TileState.LIVE}
