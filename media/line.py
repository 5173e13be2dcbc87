"""One person of a call at the seat, over all of their connections."""

import asyncio
from dataclasses import dataclass, field

from media.core.states import PeerState
from media.hearing import Hearing
from media.peer import Peer
from media.slots import LatestPicture
from media.stage import Ear
from media.succession import Succession
from media.tiles import Cast
from media.tracktap import PartyTap
from media.watching import Watch


@dataclass
class Line:
    """A customer or a listener of this call over all of their connections."""

    party_id: str
    label: str
    slot: LatestPicture
    listener: bool = False
    text: str = ""
    state: PeerState = PeerState.WAITING
    joined: bool = False
    held: bool = False
    muted: bool = False
    mark: str = ""
    whispering: bool = False
    offer: asyncio.Task[None] | None = None
    ends: Succession = field(default_factory=Succession)
    voice: Hearing = field(default_factory=Hearing)
    """Of the connection in use."""
    watch: Watch = field(default_factory=Watch)
    tap: PartyTap = field(init=False)
    """Where their own tracks are taken off."""
    told: Peer | None = None
    """The connection of which it was last said that it is in use."""

    def __post_init__(self) -> None:
        self.tap = PartyTap(self.party_id)

    def regate(self) -> None:
        """Held or muted, or no longer."""
        self.tap.gate(held=self.held, muted=self.muted)
        self.watch.murmur.pause()

    @property
    def peer(self) -> Peer | None:
        """The connection in use."""
        return self.ends.peer

    def cast(self) -> Cast:
        """A customer as the stage needs them."""
        return Cast(
            self.party_id,
            self.label,
            self.text,
            self.slot,
            self.voice,
            connecting=self.state is PeerState.CONNECTING,
            joined=self.joined,
            camera_on=self.peer is None or self.peer.camera_on,
            lost=self.state is PeerState.LOST,
            held=self.held,
            muted=self.muted,
            mark=self.mark,
            bars=self.watch.bars,
            sound=self.watch.sound,
            sees=not self.ends.peers or any(peer.sees for peer in self.ends.peers),
        )

    def ear(self) -> Ear:
        """A listener as the sound needs them."""
        return Ear(self.party_id, self.voice, self.whispering)
