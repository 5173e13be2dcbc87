"""Each customer's own track of a real call: as they sent it, over a line that loses, with mute and hold, and played."""

import base64
import random
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from aiortc.rtp import RtpPacket

from media import ports
from media.core.matroska import PICTURE, SOUND, blocks_of
from media.core.trackpile import Lack
from media.rtc.receiver import Receiver
from media.trackfile import about, end_of, gaps_noted, tracks_beside
from media.voice import read_voice
from tests.integration.media.phone import Phone
from tests.integration.media.seat import Seat
from tests.integration.media.sound import strength
from tests.integration.media.test_joint_call import soon
from tests.integration.media.thin import BLUE, GUARANTOR, RED, WIFE, ThinPhone

PLAY = """async source => {
  const video = document.createElement('video');
  video.muted = true;
  video.src = source;
  const ended = new Promise((done, fail) => {
    video.addEventListener('ended', done, {once: true});
    video.addEventListener('error', () => fail(new Error(video.error.message)), {once: true});
  });
  await video.play();
  await ended;
  return [video.currentTime, video.videoWidth, video.webkitAudioDecodedByteCount, video.webkitDecodedFrameCount];
}"""


def sieve(monkeypatch: pytest.MonkeyPatch, lost: float) -> None:
    """So many of all packets never come."""
    chance, take = random.Random(3), Receiver.take

    def sieved(self: Receiver, packet: RtpPacket) -> None:
        if chance.random() >= lost:
            take(self, packet)

    monkeypatch.setattr(Receiver, "take", sieved)


def track_of(recording: Path, party_id: str) -> Path:
    return next(path for path in tracks_beside(recording) if about(path).party_id == party_id)


def grown(recording: Path, party_id: str, size: int) -> bool:
    found = [path for path in tracks_beside(recording) if about(path).party_id == party_id]
    return bool(found) and found[0].exists() and found[0].stat().st_size > size


def start(seat: Seat, recording: Path) -> None:
    seat.post(ports.StartRecording("c1", recording, b"", tracks=True))
    seat.wait(ports.RecordingBegan)


def stop(seat: Seat) -> ports.RecordingEnded:
    seat.post(ports.StopRecording("c1"))
    return seat.wait(ports.RecordingEnded)


def mean_colour(path: Path) -> list[float]:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v:0", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return [float(each) for each in np.frombuffer(raw, dtype=np.uint8).reshape(-1, 3).mean(axis=0)]


def test_over_a_line_that_loses_each_has_their_own_picture_and_voice(
    seat: Seat, wife: ThinPhone, guarantor: ThinPhone, recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sieve(monkeypatch, 0.1)
    seat.open()
    wife.join(seat)
    start(seat, recording_path)
    guarantor.join(seat)
    soon(lambda: all(grown(recording_path, each, 100_000) for each in ("wife", "guarantor")), 30)
    stage = stop(seat)
    assert seat.all(ports.Failed) == []
    for party_id, pitch, rgb in (("wife", WIFE, RED), ("guarantor", GUARANTOR, BLUE)):
        path = track_of(recording_path, party_id)
        told, ended = about(path), end_of(path)
        assert ended is not None
        assert int(np.argmax(mean_colour(path))) == int(np.argmax(rgb))
        voice = read_voice(path)
        assert strength(voice[len(voice) // 4 : -len(voice) // 4], pitch) > 0.5
        assert strength(voice, WIFE + GUARANTOR - pitch) < 0.01, "another's voice"
        assert told.started_at >= seat.wait(ports.RecordingBegan).started_at
        assert (told.started_at - stage.ended_at).total_seconds() + ended.seconds == pytest.approx(0, abs=1.0)


def test_picture_and_sound_stand_at_the_moments_at_which_they_came(
    seat: Seat, wife: ThinPhone, recording_path: Path
) -> None:
    seat.open()
    start(seat, recording_path)
    wife.join(seat)
    soon(lambda: grown(recording_path, "wife", 100_000), 30)
    stop(seat)
    blocks = list(blocks_of(track_of(recording_path, "wife").read_bytes()))
    sounds = np.diff([block.milli for block in blocks if block.track == SOUND])
    pictures = np.diff([block.milli for block in blocks if block.track == PICTURE])
    assert (float(np.median(sounds)), float(np.median(pictures))) == (20.0, 125.0)
    assert sounds.min() > 0
    assert pictures.min() > 0


def test_of_who_is_muted_or_held_nothing_is_kept(seat: Seat, wife: ThinPhone, recording_path: Path) -> None:
    seat.open()
    start(seat, recording_path)
    wife.join(seat)
    soon(lambda: grown(recording_path, "wife", 20_000), 30)
    path = track_of(recording_path, "wife")
    for shut in (ports.MuteParty, ports.HoldParty):
        seat.post(shut("c1", "wife", True))
        time.sleep(2.0)
        seat.post(shut("c1", "wife", False))
        size = path.stat().st_size
        soon(lambda size=size: path.stat().st_size > size + 40_000, 90)  # type: ignore[misc]
    stop(seat)
    gaps = [gap for gap in gaps_noted(path) if gap.lack in (Lack.MUTED, Lack.HELD)]
    assert [gap.lack for gap in gaps] == [Lack.MUTED, Lack.HELD]
    blocks = list(blocks_of(path.read_bytes()))
    for gap in gaps:
        assert gap.end - gap.start > 1.5
        inside = [block for block in blocks if gap.start + 0.3 < block.milli / 1000 < gap.end - 0.05]
        assert inside == [], "what came while nothing was to be kept"
        after = [b for b in blocks if b.track == PICTURE and b.milli / 1000 > gap.end - 0.05]
        assert after[0].key, "pictures go on with one that needs no other"
    assert blocks[-1].milli / 1000 > gaps[-1].end
    moments = [block.milli for block in blocks if block.track == PICTURE]
    assert moments == sorted(set(moments)), "pictures that came at once have moments of their own"
    # in the file's own times: by a rate that is guessed, two pictures of a busy machine fall on one tick
    own = ["-fps_mode", "passthrough", "-enc_time_base", "-1"]
    command = ["ffmpeg", "-v", "error", "-i", str(path), *own, "-f", "null", "-"]
    assert subprocess.run(command, capture_output=True, check=True).stderr == b""


def test_who_drops_and_comes_back_goes_on_in_the_same_file(seat: Seat, wife: ThinPhone, recording_path: Path) -> None:
    seat.open()
    start(seat, recording_path)
    wife.join(seat)
    soon(lambda: grown(recording_path, "wife", 20_000), 30)
    wife.drop()
    time.sleep(2.5)
    wife.join(seat)
    size = track_of(recording_path, "wife").stat().st_size
    soon(lambda: grown(recording_path, "wife", size + 60_000), 30)
    stop(seat)
    (path,) = tracks_beside(recording_path)
    lacking = [gap for gap in gaps_noted(path) if gap.lack is Lack.PICTURE and gap.end - gap.start > 2]
    assert lacking, gaps_noted(path)
    assert end_of(path).seconds > lacking[0].end  # type: ignore[union-attr]


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_a_browser_plays_it(phone: Phone, tmp_path: Path, codec: str) -> None:
    from tests.unit.media.test_tracktape import taping

    with taping(tmp_path) as made:
        made.talk("par_1", 1.0, 30, codec)
    (path,) = made.tracks
    kind = "webm" if codec == "VP8" else "x-matroska"
    source = f"data:video/{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
    ended, width, heard, shown = phone.page.evaluate(PLAY, source)
    assert ended == pytest.approx(3.0, abs=0.2)
    assert (width, heard > 0, shown) == (320, True, 30)
