"""A recording of some two hundred megabytes, of which the service never holds more than a fraction in memory."""

import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from media.recovery import segments_of
from signing.adapters.recordings import join_recordings
from signing.bootstrap import App
from signing.cli import main
from signing.domain.case import RecordingState, Segment
from signing.domain.readable import chunks_of
from signing.evidence.verify import verify_package
from signing.service import commands as c
from signing.service import recording_commands as rc
from signing.service.content import Content
from signing.wire.audit import Verdict
from tests.integration.service.office import (
    Film,
    log_in,
    stored,
)
from tests.integration.service.test_steps import hung_up

MEGABYTE = 1_000_000
SIZE = 200 * MEGABYTE
MOST = 80 * MEGABYTE
"""What any of the ways of a recording through the service may need beside what the process holds already: the decoder's
pictures, and the tools that seal papers, which take most of this for a recording of any length."""


def noise() -> Film:
    """Snow, which no encoder makes small: each picture a fragment of its own."""
    target, chance = io.BytesIO(), np.random.default_rng(1)
    options = {"movflags": "empty_moov+default_base_moof+frag_keyframe"}
    pictures = 0
    with av.open(target, "w", format="mp4", options=options) as container:
        video = container.add_stream("libx264", rate=15, options={"preset": "ultrafast", "g": "1", "qp": "2"})
        video.width, video.height, video.pix_fmt = 1280, 720, "yuv420p"
        sound = container.add_stream("aac", rate=48_000, layout="mono")
        snow = chance.integers(0, 256, (8, 1080, 1280), np.uint8)
        while target.tell() < SIZE:
            frame = av.VideoFrame.from_ndarray(snow[pictures % 8], format="yuv420p")
            frame.pts, frame.time_base = pictures, Fraction(1, 15)
            container.mux(video.encode(frame))
            samples = av.AudioFrame.from_ndarray(
                np.full((1, 3200), pictures % 7 * 900, np.int16), format="s16", layout="mono"
            )
            samples.sample_rate, samples.pts, samples.time_base = 48_000, pictures * 3200, Fraction(1, 48_000)
            container.mux(sound.encode(samples))
            pictures += 1
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    data = target.getvalue()
    place = data.rfind(b"mfra")
    data = data if place < 0 else data[: place - 4]
    links = [Segment(x.index, x.offset, x.size, x.start_seconds, x.sha256, x.chain) for x in segments_of(data)]
    return Film(data, pictures / 15, tuple(links))


@dataclass
class Memory:
    """The most that the process held at once, over what it held before (Linux: VmHWM, which can be set back)."""

    grown: dict[str, int]

    async def during(self, what: str, act: Callable[[], Awaitable[object]]) -> None:
        before = held_now()
        await act()
        self.grown[what] = status("VmHWM") - before


def held_now() -> int:
    """In bytes; the most is counted from here on."""
    Path("/proc/self/clear_refs").write_text("5")
    return status("VmRSS")


def status(name: str) -> int:
    """In bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


@pytest.mark.timeout(480)
async def test_no_way_of_a_long_recording_through_the_service_holds_it_whole(app: App, tmp_path: Path) -> None:
    do, shot = app.bus.execute, noise()
    room, recording_id = await hung_up(app, shot)
    agent = room.agent
    lin, size = await log_in(app, "lin", "demo-audit-2026"), len(shot.data)
    assert size >= SIZE
    memory = Memory({})

    async def delivered() -> None:
        for link in shot.segments:
            data = shot.data[link.offset : link.offset + link.size]
            kept = rc.KeepSegment(agent, recording_id, link.index, link.start_seconds, link.sha256, link.chain, data)
            await do(kept)
        whole = await do(rc.AssembleRecording(agent, recording_id))
        assert (whole.state, whole.findings) == (RecordingState.VERIFIED, ())

    async def closed() -> None:
        assert (await do(c.SealCase(agent, room.case_id))).package is not None

    async def looked_at() -> None:
        content = app.queries.recording(lin, recording_id)
        assert sum(map(len, content.part(0, content.size))) == size

    async def handed_over() -> None:
        package = app.queries.package(lin, room.case_id)
        assert sum(map(len, chunks_of(package))) == len(package) > size

    async def judged() -> None:
        package, signer = app.queries.package(lin, room.case_id), app.services.signer
        assert verify_package(package, signer.trust_pem(), signer.inspect).verdict is Verdict.VALID

    async def joined() -> None:
        (recording,) = stored(app, room.case_id).recordings
        join_recordings([Content(room.case_id, recording, app.services.blobs)], tmp_path / "film.mp4")

    async def on_disk() -> None:
        package = app.queries.package(lin, room.case_id)
        with (tmp_path / "case.asice").open("wb") as file:
            for piece in chunks_of(package):
                file.write(piece)
        assert main(["verify", str(tmp_path / "case.asice"), "--json"]) == 0

    for act in (delivered, closed, looked_at, handed_over, judged, joined, on_disk):
        await memory.during(act.__name__, act)
    print({what: f"{grown / MEGABYTE:.0f} MB" for what, grown in memory.grown.items()}, f"{size / MEGABYTE:.0f} MB")
    assert {what: grown for what, grown in memory.grown.items() if grown > MOST} == {}
