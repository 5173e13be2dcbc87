"""Decodes recordings whole; the only importer of ``media.readback``."""

from collections.abc import Sequence

from media.readback import read_back
from signing.domain.case import Segment
from signing.service.ports import Reading


class DecodingRecordingReader:
    """``RecordingReader``: every frame and sample, in this thread."""

    def read_back(self, data: bytes, segments: Sequence[Segment]) -> Reading:
        found = read_back(data, segments)
        return Reading(found.duration_seconds, found.frames, found.video_codec, found.audio_codec, found.findings)
