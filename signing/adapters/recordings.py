"""Decodes recordings whole and joins them, with ``media``'s means; derives the keys of the seats' spools."""

from collections.abc import Callable, Sequence
from pathlib import Path

from media.errors import BrokenRecording
from media.parts import Parts
from media.readback import read_back
from media.trackreadback import read_track
from signing.adapters.keyfile import hkdf
from signing.domain.case import Segment
from signing.domain.errors import InputError
from signing.service.content import Content
from signing.service.ports import Reading


class DecodingRecordingReader:
    """``RecordingReader``: every frame and sample of the stage, every block of a track, in this thread."""

    def read_back(self, read: Callable[[Segment], bytes], segments: Sequence[Segment]) -> Reading:
        found = read_back(Parts(segments, read), segments)
        codecs = found.video_codec, found.audio_codec
        return Reading(found.duration_seconds, found.frames, *codecs, found.findings, found.advice)

    def read_track(self, read: Callable[[Segment], bytes], segments: Sequence[Segment]) -> Reading:
        found = read_track(Parts(segments, read), segments)
        return Reading(found.seconds, found.pictures, "", "", found.findings)


def join_recordings(contents: Sequence[Content], target: Path) -> list[tuple[float, float, str]]:
    """Writes them into one MP4. → where each part and each gap lies in it, in seconds, and what it is.

    Raises ``InputError`` where they cannot be joined, and OSError.
    """
    from media.joining import Part, join  # encoders and OpenCV, which the service itself does without

    parts = []
    for content in contents:
        recording = content.recording
        assert recording.ended_at is not None, "a recording that was read back has ended"
        parts.append(Part(Parts(recording.segments, content.segment), recording.started_at, recording.ended_at))
    try:
        joined = join(parts, target)
    except BrokenRecording as error:
        target.unlink(missing_ok=True)
        raise InputError(str(error), "请从审计界面逐段导出") from error
    return [(piece.start, piece.end, piece.title) for piece in joined.pieces]


def join_tracks(contents: Sequence[Content], target: Path) -> float:
    """Writes one party's own tracks into one Matroska file at the clock's distances. → its seconds.

    Raises ``InputError`` where they cannot be read, and OSError.
    """
    from media.trackjoining import join_tracks as join

    parts = [(Parts(one.recording.segments, one.segment), one.recording.started_at) for one in contents]
    try:
        return join(parts, target)
    except BrokenRecording as error:
        target.unlink(missing_ok=True)
        raise InputError(str(error), "请从证据包里取用") from error


class DerivedSpoolKeys:
    """``SpoolKeys``: HKDF over the case's data key, which ``key_of`` gives and which never leaves the service."""

    def __init__(self, key_of: Callable[[str], bytes]) -> None:
        self._key_of = key_of

    def of(self, case_id: str, call_id: str) -> bytes:
        return hkdf(self._key_of(case_id), f"spool:{call_id}")
