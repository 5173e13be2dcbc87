"""The customers' own tracks beside a recording in the spool: found there, made known, brought, finished.

The stage goes first: a round brings a few pieces of each, and what fails waits by itself. One that cannot be brought at
all is given up at the service, with the reason, so that it holds up nobody.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from desktop.bridge import Trouble
from desktop.carrying import Carrier
from desktop.client import SLOW, Client
from desktop.source import Source
from desktop.spool import Item, Spool, segment
from media.core.trackpile import Gap
from media.errors import BrokenRecording
from media.trackfile import about, end_of, gaps_noted, tracks_beside
from media.trackreadback import recover_track
from signing.wire.staff import RecordingOpened, TrackFinished, TrackGap, TrackHeld, TrackLost, TrackStarted

A_ROUND = 4
"""Pieces of one track in a round: eight seconds of it."""
AT_THE_END = 40
LONGEST_PAUSE = 30.0
PATIENCE = 60.0
"""Seconds of failing after which the stage waits for the tracks no more."""
FINAL = ("not_permitted", "not_found", "input", "input.chain", "version", "damaged")
UNWANTED = ("recording.lost",)
CRASHED = "坐席电脑上的程序中断"
GONE = "有一位客户单独的音视频传不上去（{why}），已记入证据链；通话录像不受影响"


@dataclass
class _Track:
    path: Path
    source: Source
    track_id: str | None = None
    done: bool = False
    told: bool = False
    """Whether its end is."""
    failures: int = 0
    since: float = 0.0
    not_before: float = 0.0


@dataclass
class _Tracks:
    known: dict[Path, _Track] = field(default_factory=dict)


class Tracking:
    """``warn`` is told of a track that is given up."""

    def __init__(self, client: Client, spool: Spool, carrier: Carrier, warn: Callable[[str], None]) -> None:
        self._client, self._spool, self._carrier, self._warn = client, spool, carrier, warn
        self._items: dict[str, _Tracks] = {}
        self.patience = PATIENCE

    async def leave(self, item: Item) -> None:
        """The recording is delivered and its folder about to go: what is still here has been failing for long."""
        for track in self._items.get(item.item_id, _Tracks()).known.values():
            if not track.done:
                await self._give_up(track, "多次重试仍未成功")

    def forget(self, item: Item) -> None:
        self._items.pop(item.item_id, None)

    async def bring(self, item: Item, key: bytes | None, *, over: bool) -> bool:
        """One round of all tracks of ``item``. ``over``: nothing is recorded any more. → whether none is left to wait
        for. Never raises for what concerns the tracks alone."""
        if key is None:
            return True
        tracks = self._items.setdefault(item.item_id, _Tracks())
        for path in await asyncio.to_thread(tracks_beside, self._spool.video(item)):
            tracks.known.setdefault(path, _restored(path, key))
        for track in tracks.known.values():
            if not track.done and time.monotonic() >= track.not_before:
                await self._try(item, track, over)
        now = time.monotonic()
        waiting = [one for one in tracks.known.values() if not one.done]
        return not any(one.failures == 0 or now - one.since < self.patience for one in waiting)

    async def _try(self, item: Item, track: _Track, over: bool) -> None:
        try:
            await self._round(item, track, over)
            track.failures = 0
        except BrokenRecording as error:
            await self._give_up(track, str(error))
        except (OSError, ValueError) as error:
            self._failed(track) if isinstance(error, OSError) else await self._give_up(track, "本机的记录已损坏")
        except Trouble as trouble:
            if trouble.code in UNWANTED:
                track.done = True
            elif trouble.code in FINAL:
                await self._give_up(track, trouble.message)
            else:
                self._failed(track)

    def _failed(self, track: _Track) -> None:
        self._carrier.forget(track.track_id)
        track.since = track.since if track.failures else time.monotonic()
        track.failures += 1
        track.not_before = time.monotonic() + min(LONGEST_PAUSE, 2.0 ** min(track.failures, 10) / 4)

    async def _round(self, item: Item, track: _Track, over: bool) -> None:
        if len(await asyncio.to_thread(track.source.links)) < 2:  # nothing but its beginning
            track.done = over
            return
        if track.track_id is None:
            await self._open(item, track)
        assert track.track_id is not None
        finished = await asyncio.to_thread(_finished, track, over)
        if finished is not None and not track.told:
            await self._finish(track.track_id, finished)
            track.told = True
        whole = await self._carrier.carry(track.track_id, track.source, most=AT_THE_END if over else A_ROUND)
        if whole and finished is not None:
            await self._assemble(track.track_id, finished)
            self._carrier.forget(track.track_id)
            track.done = True

    async def _open(self, item: Item, track: _Track) -> None:
        told = await asyncio.to_thread(about, track.path)
        started = TrackStarted.model_validate(
            {"party_id": told.party_id, "started_at": told.started_at, "video_codec": told.video_codec}
        )
        answer = await self._client.post(f"/api/calls/{item.call_id}/tracks", started, RecordingOpened)
        track.track_id = answer.recording_id
        await asyncio.to_thread(_known_path(track.path).write_text, json.dumps(answer.recording_id))

    async def _finish(self, track_id: str, finished: TrackFinished) -> None:
        """A conflict means that an earlier attempt got this far."""
        try:
            await self._client.send(f"/api/recordings/{track_id}/track/finish", finished, SLOW)
        except Trouble as trouble:
            if trouble.code not in ("conflict", "illegal_event"):
                raise

    async def _assemble(self, track_id: str, finished: TrackFinished) -> None:
        held = await self._client.post(f"/api/recordings/{track_id}/track/assemble", None, TrackHeld, SLOW)
        if held.state == "damaged":
            raise Trouble("服务复核发现问题：" + "；".join(held.findings), "", code="damaged")

    async def _give_up(self, track: _Track, why: str) -> None:
        """It stays on this machine as long as the recording does."""
        track.done = True
        self._warn(GONE.format(why=why))
        if track.track_id is None:
            return
        try:
            lost = TrackLost(reason=why[:200])
            await self._client.post(f"/api/recordings/{track.track_id}/track/lost", lost, TrackHeld)
        except Trouble:  # the sealing of the case tells it as not come
            return


def _restored(path: Path, key: bytes) -> _Track:
    """As an earlier run left it."""
    track = _Track(path, Source(path, key, recover_track))
    try:
        track.track_id = json.loads(_known_path(path).read_text())
    except (OSError, ValueError):
        track.track_id = None
    return track


def _known_path(path: Path) -> Path:
    return path.with_suffix(".known")


def _finished(track: _Track, over: bool) -> TrackFinished | None:
    """None while it runs. What a crash left is closed here."""
    end, told = end_of(track.path), about(track.path)
    if end is None and not over:
        return None
    if end is None:
        found = track.source.recovered()
        seconds, size, digest, gaps = found.duration_seconds, found.size, found.sha256, gaps_noted(track.path)
        given_up = CRASHED
    else:
        seconds, size, digest, gaps, given_up = end.seconds, end.size, end.sha256 or None, end.gaps, end.given_up
    return TrackFinished(
        ended_at=told.started_at + timedelta(seconds=seconds),
        duration_seconds=seconds,
        size=size,
        sha256=digest,
        segments=[segment(link) for link in track.source.links()],
        gaps=[_gap(gap) for gap in gaps],
        given_up=given_up,
    )


def _gap(gap: Gap) -> TrackGap:
    return TrackGap(start=gap.start, end=max(gap.start, gap.end), lack=gap.lack.value)
