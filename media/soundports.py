"""Of ``media.ports``: a prepared sound that is played into a call, and how loud the agent is."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PlaySound:
    """A prepared sound (MP3, AAC in MP4 or WAV) that all in the call hear, the recording too, in place of one that
    plays already. The agent hears it and is heard beside it, lowered. ``SoundEnded`` follows."""

    call_id: str
    sound_id: str
    sound: bytes = field(repr=False)


@dataclass(frozen=True)
class StopSound:
    """Whatever plays ends at once."""

    call_id: str


@dataclass(frozen=True)
class SoundEnded:
    """What ``PlaySound`` began. ``whole``: to its end; ``seconds``: of it that were heard."""

    call_id: str
    sound_id: str
    whole: bool
    seconds: float


@dataclass(frozen=True)
class VoiceLevel:
    """The microphone's loudest moment of the last tenth of a second: root mean square, 0…1 of full scale."""

    call_id: str
    level: float
