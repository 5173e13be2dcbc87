"""One person's own tracks in one file with a duration and an index, nothing of it encoded again."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer, OutputContainer
from av.stream import Stream

from media.errors import BrokenRecording
from media.parts import Parts


def join_tracks(parts: Sequence[tuple[Path | Parts[Any], datetime]], target: Path) -> float:
    """``parts``: each with the moment of its zero. Writes ``target``, Matroska; → its seconds. What lasted between two
    of them lasts in the file too; pictures of another codec are a further stream. Raises ``BrokenRecording``, OSError.
    """
    ordered = sorted(parts, key=lambda part: part[1])
    if not ordered:
        raise BrokenRecording("没有可以拼接的音视频")
    end = 0.0
    try:
        with av.open(target, "w", format="matroska") as out:
            opened = [av.open(source, "r") for source, _ in ordered]
            try:
                streams = _streams(out, opened)
                for container, (_, zero) in zip(opened, ordered, strict=True):
                    end = max(end, _copy(container, out, streams, (zero - ordered[0][1]).total_seconds()))
            finally:
                for container in opened:
                    container.close()
    except av.FFmpegError as error:
        raise BrokenRecording("这些单独的音视频无法读取") from error
    return round(end, 3)


def _streams(out: OutputContainer, opened: Sequence[InputContainer]) -> dict[str, Stream]:
    """By codec; all of them before the first packet."""
    streams: dict[str, Stream] = {}
    for container in opened:
        for stream in (*container.streams.video, *container.streams.audio):
            name = stream.codec_context.name
            if name not in streams:
                streams[name] = out.add_stream_from_template(stream)
    return streams


def _copy(container: InputContainer, out: OutputContainer, streams: dict[str, Stream], after: float) -> float:
    end = after
    for packet in container.demux():
        if packet.pts is None or packet.dts is None or packet.time_base is None:
            continue
        end = max(end, after + float((packet.pts + (packet.duration or 0)) * packet.time_base))
        shift = round(after / packet.time_base)
        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
        packet.stream = streams[packet.stream.codec_context.name]
        out.mux(packet)
    return end
