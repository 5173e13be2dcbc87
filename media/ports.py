"""The boundary of the media engine: plain commands in, plain events out, latest-frame slots beside.

Nothing here blocks and nothing here knows a window. Commands may be posted from any thread; events are delivered
on the engine's own thread to the one listener given at start, which must hand them on and return at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from media.core.devices import DeviceChoice
from media.core.doubts import Doubt
from media.core.layout import Layout
from media.core.murmur import Sound
from media.core.quality import Judgement
from media.deviceports import ChooseDevices as ChooseDevices
from media.deviceports import DevicesChanged as DevicesChanged
from media.deviceports import WatchVoice as WatchVoice
from media.planes import Picture as Picture
from media.planes import PictureSlot as PictureSlot
from media.planes import Plane as Plane
from media.soundports import PlaySound as PlaySound
from media.soundports import SoundEnded as SoundEnded
from media.soundports import StopSound as StopSound
from media.soundports import VoiceLevel as VoiceLevel

SEAT, AGENT = "seat", "agent"
"""In the place of a party_id: the seat as the other end of a connection, the agent as one of those on the stage."""


# --- commands -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenCall:
    """Opens devices and the stage. ``clock_offset_seconds`` = service clock − this machine's UTC clock."""

    call_id: str
    case_no: str
    seat_label: str
    agent_label: str
    clock_offset_seconds: float = 0.0
    ice_servers: tuple["IceServer", ...] = ()


@dataclass(frozen=True)
class IceServer:
    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


@dataclass(frozen=True)
class RemoteOffer:
    """A customer's SDP offer with all candidates. An earlier connection of the same party stays in use until something
    comes by the new one (``media.succession``); one that does not stand any more is replaced at once.

    ``listener``: not a customer but a supervisor, who gets stage and voices and has no tile. Nobody hears them, and
    the agent alone while ``SetWhisper`` is on.
    """

    call_id: str
    party_id: str
    party_label: str
    sdp: str
    offer_id: str = ""
    listener: bool = False


@dataclass(frozen=True)
class ExpectParty:
    """A customer has a place in the call: until they offer, their tile says that they are awaited, and the recording
    marks that not everybody is seen. Nothing where they have a tile already; ``RemoveParty`` takes it away.

    ``seen``: they were in the call before, so that the tile says that they dropped.
    """

    call_id: str
    party_id: str
    party_label: str
    seen: bool = False


@dataclass(frozen=True)
class HoldParty:
    """Held: neither heard nor seen, hears and sees nothing of the call, and their voice is not recorded."""

    call_id: str
    party_id: str
    held: bool


@dataclass(frozen=True)
class MuteParty:
    """Muted: seen, sees and hears, but is heard by nobody and in no recording; the tile says so."""

    call_id: str
    party_id: str
    muted: bool


@dataclass(frozen=True)
class SetAside:
    """The agent talks to one party alone, or to nobody alone any more: what the stage and who is held are told.

    It holds nobody by itself; ``HoldParty`` does.
    """

    call_id: str
    party_id: str | None


@dataclass(frozen=True)
class RemoveParty:
    """A customer or a listener leaves the call; the others notice nothing but an emptier stage."""

    call_id: str
    party_id: str


@dataclass(frozen=True)
class SetWhisper:
    """Whether the agent, and only the agent, hears a listener."""

    call_id: str
    party_id: str
    on: bool


@dataclass(frozen=True)
class StartRecording:
    call_id: str
    path: Path
    """An ``.mp4`` that does not exist yet; ``path.with_suffix('.segments.jsonl')`` is written beside it."""
    key: bytes = field(default=b"", repr=False)
    """32 bytes: the segments lie encrypted beside ``path``, which is then never made (``media.sealedstore``). Empty: a
    plain file, for measurements and tests; a seat never records in the clear."""
    tracks: bool = False
    """Each customer's own picture and sound too, as they come, beside ``path`` (``media.trackfile``)."""


@dataclass(frozen=True)
class StopRecording:
    call_id: str


@dataclass(frozen=True)
class TakeSnapshot:
    """From the received picture, before composition, at its full resolution."""

    call_id: str
    party_id: str


@dataclass(frozen=True)
class SetMuted:
    call_id: str
    muted: bool


@dataclass(frozen=True)
class SetPartyLine:
    """Text under the party's tile, such as ``风险告知``, and a word on their picture, such as ``协助人在场``."""

    call_id: str
    party_id: str
    text: str
    mark: str = ""


@dataclass(frozen=True)
class SetLayout:
    """How the stage is arranged."""

    call_id: str
    layout: Layout


@dataclass(frozen=True)
class ShowDocument:
    """The page that is being read, or None: faces again. Seen by all in the call, and recorded."""

    call_id: str
    page: Picture | None
    title: str = ""
    which: str = ""
    """Such as ``《个人借款合同》`` and ``第 2 页，共 6 页``."""


@dataclass(frozen=True)
class Listen:
    """Opens this engine as a supervisor's ear in a call at another seat; ``LocalOffer`` follows."""

    call_id: str
    offer_id: str = ""
    ice_servers: tuple["IceServer", ...] = ()


@dataclass(frozen=True)
class RemoteAnswer:
    """The seat's answer to the ``LocalOffer`` of the same ``offer_id``."""

    call_id: str
    sdp: str
    offer_id: str = ""


@dataclass(frozen=True)
class SetTalking:
    """Whether a listening engine sends its microphone; silence otherwise."""

    call_id: str
    on: bool


@dataclass(frozen=True)
class CloseCall:
    """Ends connections and, where one runs, the recording."""

    call_id: str


Command = (
    OpenCall | RemoteOffer | ExpectParty | HoldParty | MuteParty | SetAside | RemoveParty | SetWhisper | StartRecording
    | StopRecording | TakeSnapshot | SetMuted | PlaySound | StopSound | SetPartyLine | SetLayout | ShowDocument
    | Listen | RemoteAnswer | SetTalking | ChooseDevices | WatchVoice | CloseCall
)  # fmt: skip


# --- events -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CallOpened:
    call_id: str
    camera: str
    """Device name in words, or that a picture from a file stands in."""
    microphone: str
    loudspeaker: str


@dataclass(frozen=True)
class LocalAnswer:
    call_id: str
    party_id: str
    sdp: str
    local_fingerprint: str
    remote_fingerprint: str
    offer_id: str = ""
    """Of the offer that is answered."""


@dataclass(frozen=True)
class LocalOffer:
    """A listening engine's offer to the seat, with all candidates."""

    call_id: str
    sdp: str
    offer_id: str = ""


@dataclass(frozen=True)
class PeerChanged:
    """``state`` is an RTCPeerConnectionState of the WebRTC specification.

    ``party_id`` is SEAT where a listening engine tells of its connection to the seat.
    """

    call_id: str
    party_id: str
    state: str


@dataclass(frozen=True)
class ConnectionInUse:
    """One of a customer's connections carries the call from now on; told once of each, and of no listener's.

    The fingerprints are those of its own two ends, as in ``LocalAnswer``.
    """

    call_id: str
    party_id: str
    local_fingerprint: str
    remote_fingerprint: str


@dataclass(frozen=True)
class FirstPicture:
    call_id: str
    party_id: str
    seconds_since_offer: float


@dataclass(frozen=True)
class Quality:
    """Every two seconds per party, and at once where a microphone falls silent or is heard again."""

    call_id: str
    party_id: str
    pictures_per_second: float
    round_trip_ms: float | None
    loss_percent: float
    audio_level: float
    """0…1, of what the party said in the last two seconds."""
    judgement: Judgement | None = None
    """Of the last six seconds."""
    sound: Sound = Sound.THERE
    """Of their microphone."""
    again: bool = False
    """Nothing but ``sound`` is new: the look was told before."""


@dataclass(frozen=True)
class RecordingBegan:
    call_id: str
    path: Path
    started_at: datetime
    """UTC on the service's clock: file time zero."""
    width: int
    height: int
    frame_rate: int
    video_codec: str
    audio_codec: str


@dataclass(frozen=True)
class SegmentClosed:
    """A fragment is on disk, fsynced. ``chain`` as in ``signing.wire.staff.Segment``.

    Segment 0 is the file's header (``ftyp`` + ``moov``), each later one a fragment of at most a second.
    """

    call_id: str
    index: int
    offset: int
    size: int
    start_seconds: float
    sha256: str
    chain: str


@dataclass(frozen=True)
class RecordingChecked:
    """What lies on disk was read back, decoded and held against what was known; told after each fragment.

    ``index``: of the newest fragment that was read. ``until_seconds``: everything before that was decoded, but for
    ``missed``: fragments that were delivered and gone before they could be read, and never will be. ``left_out``:
    fragments that are still to be read, because the check fell behind. ``doubts``: what is wrong now. ``unread``:
    number of the first fragment that is still to be read; none before it will be.
    """

    call_id: str
    path: Path
    index: int
    until_seconds: float
    left_out: int
    doubts: tuple[Doubt, ...]
    missed: int = 0
    unread: int = 0


@dataclass(frozen=True)
class RecordingEnded:
    call_id: str
    path: Path
    ended_at: datetime
    duration_seconds: float
    size: int
    sha256: str | None
    """None where the recording broke: not all of it can be read again."""
    segments: tuple[SegmentClosed, ...]
    gaps: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class SnapshotTaken:
    call_id: str
    party_id: str
    at: datetime
    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True)
class CallClosed:
    call_id: str


@dataclass(frozen=True)
class Failed:
    """A command could not be carried out, or something broke later. ``message`` is Chinese, for the agent."""

    call_id: str
    what: str
    message: str
    fatal: bool = False


@dataclass(frozen=True)
class CallLeft:
    """An earlier window left this call open, and it goes on. ``OpenCall`` takes it up, ``CloseCall`` ends it."""

    call_id: str
    recording: StartRecording | None = None
    """By which the recording that runs was begun, with its key: the earlier window may not have kept it."""


@dataclass(frozen=True)
class Resumed:
    """A call that was left is taken up: the commands that shaped it, of each kind and party the last (offers without
    their SDP). The newest event of each kind and party follows, and what nobody has heard yet."""

    call_id: str
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True)
class EngineRestarted:
    """The engine broke down in this call and begins anew, without it. ``message`` is Chinese, for the agent."""

    call_id: str
    message: str


@dataclass(frozen=True)
class EngineTaken:
    """Another window of this user has the engine; this one can do nothing with it. ``message`` is for the agent."""

    message: str
    call_id: str = ""


Event = (
    CallOpened | LocalAnswer | LocalOffer | PeerChanged | ConnectionInUse | FirstPicture | Quality | RecordingBegan
    | SegmentClosed | RecordingChecked | RecordingEnded | SnapshotTaken | SoundEnded | CallClosed | DevicesChanged
    | VoiceLevel | Failed | CallLeft | Resumed | EngineRestarted | EngineTaken
)  # fmt: skip


# --- the engine ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EngineOptions:
    """``camera_file`` and ``voice_file`` stand in where there is no device; None: the built-in picture and tone.

    ``heard_file`` stands in for the loudspeaker: a WAV of what the headset would play, mono, 48 kHz.
    """

    stage_width: int = 1280
    stage_height: int = 720
    frame_rate: int = 15
    use_devices: bool = True
    camera_file: Path | None = None
    voice_file: Path | None = None
    heard_file: Path | None = None
    devices: DeviceChoice = field(default_factory=DeviceChoice)


class Engine(Protocol):
    """One per seat. Owns its thread and event loop, or its process."""

    def start(self, listener: Callable[[Event], None]) -> None: ...

    def post(self, command: Command) -> None: ...

    def stage(self) -> PictureSlot:
        """The composed stage, as it is recorded and sent."""
        ...

    def party(self, party_id: str) -> PictureSlot:
        """One customer's picture as received."""
        ...

    def agent(self) -> PictureSlot:
        """The seat's own camera."""
        ...

    def being_recorded(self) -> frozenset[Path]:
        """The files that a call which an earlier window left is recorded to; may wait until that is known."""
        ...

    def stop(self, timeout: float = 10.0) -> None:
        """Closes everything and joins the thread."""
        ...
