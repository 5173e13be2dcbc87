"""What a window has to be told that comes to a call which goes on already. Pure.

A call's standing: the commands that shaped it, of each kind and party the last, and the newest event of each kind and
party. Besides, what nobody has heard yet and must not be lost: the end of a recording or of a sound, a snapshot, a
failure.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path

from media import ports

MOST_SEGMENTS = 1000
"""Of the present recording, beside its header; older ones stand in the list beside the file."""
MOST_UNHEARD = 64
GONE = ("disconnected", "failed", "closed")
"""States of a connection (RTCPeerConnectionState) in which nobody is at its other end."""

_DONE_AT_ONCE = (
    ports.OpenCall, ports.CloseCall, ports.StartRecording, ports.StopRecording, ports.TakeSnapshot, ports.RemoveParty,
    ports.Listen, ports.RemoteAnswer, ports.SetTalking, ports.WatchVoice, ports.PlaySound, ports.StopSound,
)  # fmt: skip
"""Every other command shapes the call."""
_OF_THE_MOMENT = (
    ports.PeerChanged, ports.ConnectionInUse, ports.FirstPicture, ports.Quality, ports.RecordingChecked,
)  # fmt: skip
_PASSING = (
    *_OF_THE_MOMENT, ports.CallOpened, ports.CallClosed, ports.LocalAnswer, ports.LocalOffer, ports.RecordingBegan,
    ports.SegmentClosed, ports.DevicesChanged, ports.VoiceLevel,
)  # fmt: skip
"""Every other event has to be heard by somebody."""


@dataclass
class Journal:
    """``command`` and ``event`` are told of everything in its order, an event with its number."""

    call_id: str = ""
    opened: ports.CallOpened | None = None
    devices: ports.DevicesChanged | None = None
    """The newest: from then on the names in ``opened`` are of the past."""
    began: ports.RecordingBegan | None = None
    recording: ports.StartRecording | None = None
    """What is being recorded, with its key, also while it has not begun or is not closed yet."""
    playing: ports.PlaySound | None = None
    """Without its sound, which nobody needs twice."""
    _commands: dict[tuple[type, str], ports.Command] = field(default_factory=dict)
    _events: dict[tuple[type, str], ports.Event] = field(default_factory=dict)
    _segments: list[ports.SegmentClosed] = field(default_factory=list)
    _unheard: deque[tuple[int, ports.Event]] = field(default_factory=lambda: deque(maxlen=MOST_UNHEARD))

    # --- what happens ---

    def command(self, command: ports.Command) -> None:
        """A command that the engine is to carry out now."""
        if isinstance(command, ports.OpenCall):
            self._forget(command.call_id)
        if command.call_id != self.call_id:
            return
        if isinstance(command, ports.StartRecording):
            self.recording = command
        elif isinstance(command, ports.PlaySound):
            self.playing = replace(command, sound=b"")
        elif isinstance(command, ports.RemoveParty):
            self._drop(command.party_id)
        elif not isinstance(command, _DONE_AT_ONCE):
            kept = replace(command, sdp="") if isinstance(command, ports.RemoteOffer) else command
            self._commands.pop((type(command), _party(command)), None)  # what was said last stands last
            self._commands[type(command), _party(command)] = kept

    def event(self, number: int, event: ports.Event) -> None:
        """An event as the engine told it."""
        if not isinstance(event, _PASSING):
            self._unheard.append((number, event))
        if event.call_id != self.call_id:
            return
        if isinstance(event, _OF_THE_MOMENT):
            self._events[type(event), _party(event)] = event
        elif isinstance(event, ports.SegmentClosed):
            self._grow(event)
        else:
            self._turn(event)

    @property
    def writing(self) -> Path | None:
        """The file that is being recorded."""
        return None if self.recording is None else self.recording.path

    @property
    def somebody(self) -> bool:
        """Whether anybody is in the call or on the way into it."""
        lines = [event for event in self._events.values() if isinstance(event, ports.PeerChanged)]
        return any(line.state not in GONE for line in lines)

    def _turn(self, event: ports.Event) -> None:
        match event:
            case ports.CallOpened():
                self.opened = event
            case ports.DevicesChanged():
                self.devices = replace(event, message="")  # what it was about was said when it happened
            case ports.RecordingBegan():
                self.began, self._segments = event, []
            case ports.RecordingEnded(path=path):
                self._ended(path)
            case ports.Failed(what="StartRecording") if self.began is None:
                self.recording = None
            case ports.SoundEnded(sound_id=sound_id) if self.playing and self.playing.sound_id == sound_id:
                self.playing = None
            case ports.Failed(what="PlaySound"):
                self.playing = None
            case ports.CallClosed() | ports.Failed(what="OpenCall"):
                self._forget("")

    def _ended(self, path: Path) -> None:
        """Of a part that took its time to end the next may have been asked for already."""
        if self.began is not None and self.began.path == path:
            self.began, self._segments = None, []
        if self.recording is not None and self.recording.path == path:
            self.recording = None

    def _grow(self, event: ports.SegmentClosed) -> None:
        self._segments.append(event)
        if len(self._segments) > MOST_SEGMENTS + 1:
            del self._segments[1]

    def _forget(self, call_id: str) -> None:
        self.call_id, self.opened, self.devices = call_id, None, None
        self.began, self.recording, self.playing = None, None, None
        self._commands, self._events, self._segments = {}, {}, []

    def _drop(self, party_id: str) -> None:
        self._commands = {key: one for key, one in self._commands.items() if key[1] != party_id}
        self._events = {key: one for key, one in self._events.items() if key[1] != party_id}

    def heard(self, number: int) -> None:
        """A window has dealt with all events up to this one."""
        while self._unheard and self._unheard[0][0] <= number:
            self._unheard.popleft()

    # --- what a window is told ---

    def standing(self) -> tuple[ports.Event, ...]:
        """For a window that opens the call which is open: how it stands, in an order in which it could have come."""
        if not self.call_id:
            return ()
        plays = () if self.playing is None else (self.playing,)
        resumed = ports.Resumed(self.call_id, (*self._commands.values(), *plays))
        ends = [event for event in self._events.values() if isinstance(event, ports.ConnectionInUse)]
        tape: tuple[ports.Event, ...] = (self.began, *self._segments) if self.began is not None else ()
        rest = [event for event in self._events.values() if event not in ends]
        told = (resumed, self.opened, self.devices, *ends, *tape, *rest)
        return tuple(event for event in told if event is not None)

    def unheard(self) -> tuple[tuple[int, ports.Event], ...]:
        """With their numbers, oldest first."""
        return tuple(self._unheard)


def _party(thing: ports.Command | ports.Event) -> str:
    return str(getattr(thing, "party_id", ""))
