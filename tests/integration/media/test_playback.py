"""Foreign players play a recording, whole or recovered after a crash."""

import base64
import subprocess
from pathlib import Path

import pytest

from media.fragments import segments_path
from media.recovery import recover
from tests.integration.media.phone import Phone
from tests.unit.media.sample import record

PLAY = """async source => {
  const video = document.createElement('video');
  video.muted = true;
  video.src = source;
  const ready = name => new Promise((done, fail) => {
    video.addEventListener(name, done, {once: true});
    video.addEventListener('error', () => fail(new Error(video.error.message)), {once: true});
  });
  await ready('canplaythrough');
  video.currentTime = 2.5;
  await ready('seeked');
  await video.play();
  await ready('ended');
  return [video.duration, video.videoWidth, video.currentTime, video.webkitAudioDecodedByteCount];
}"""


@pytest.mark.parametrize("torn", [False, True])
def test_a_browser_plays_seeks_and_hears_it(phone: Phone, tmp_path: Path, torn: bool) -> None:
    done = record(tmp_path / "r.mp4", 3.8 if torn else 4.0)
    if torn:
        done.path.write_bytes(done.path.read_bytes()[: done.segments[-1].offset + 500])
        lines = segments_path(done.path)
        lines.write_bytes(b"".join(lines.read_bytes().splitlines(keepends=True)[:-1]))
        recover(done.path)
    source = "data:video/mp4;base64," + base64.b64encode(done.path.read_bytes()).decode()
    duration, width, ended, heard = phone.page.evaluate(PLAY, source)
    assert duration == pytest.approx(3.0 if torn else 4.0, abs=0.1)
    assert ended == pytest.approx(duration, abs=0.05)
    assert width == 320
    assert heard > 0


def test_ffmpeg_makes_a_still_of_any_second(tmp_path: Path) -> None:
    done = record(tmp_path / "r.mp4", 3.0)
    for second in ("0.5", "2.9"):
        still = tmp_path / f"{second}.png"
        command = ["ffmpeg", "-v", "error", "-ss", second, "-i", str(done.path), "-frames:v", "1", str(still)]
        assert subprocess.run(command, capture_output=True, check=True, text=True).stderr == ""
        assert still.read_bytes().startswith(b"\x89PNG")
