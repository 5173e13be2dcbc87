"""Reading recordings back: whole ones, and every way in which one can lack something."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from media.core.chain import Link, link
from media.readback import ReadBack, Stretches, read_back
from media.recovery import Recording, segments_of
from tests.unit.media.sample import Take, picture, record


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return record(tmp_path_factory.mktemp("whole") / "r.mp4", 4.0)


def _relinked(content: bytes) -> list[Link]:
    return list(segments_of(content))


def test_a_whole_recording_has_no_findings(whole: Recording) -> None:
    heard: list[float] = []
    seen = read_back(whole.path, whole.segments, heard.append)
    assert seen.whole
    assert (seen.frames, seen.duration_seconds, seen.video_codec, seen.audio_codec) == (60, 4.0, "h264", "aac")
    assert (seen.width, seen.height, seen.advice) == (320, 240, ())
    assert seen.audio_seconds == pytest.approx(4.0, abs=0.05)
    assert [round(at) for at in heard] == [1, 2, 3, 4]


def test_bytes_and_file_read_the_same(whole: Recording) -> None:
    assert read_back(whole.path.read_bytes(), whole.segments) == read_back(whole.path, whole.segments)


def test_one_flipped_bit_is_found(whole: Recording) -> None:
    content = bytearray(whole.path.read_bytes())
    content[-2000] ^= 1
    assert any("被改动" in finding for finding in read_back(bytes(content), whole.segments).findings)


def test_a_missing_end_is_found(whole: Recording) -> None:
    content = whole.path.read_bytes()
    found = read_back(content[: whole.segments[-1].offset], whole.segments).findings
    assert f"第 {whole.segments[-1].index} 段在文件中不完整" in found
    assert any(f"清单却列了 {len(whole.segments)} 段" in finding for finding in found)


def test_a_missing_middle_is_found_even_where_the_list_hides_it(whole: Recording) -> None:
    content, cut = whole.path.read_bytes(), whole.segments[2]
    shorter = content[: cut.offset] + content[cut.offset + cut.size :]
    found = read_back(shorter, _relinked(shorter)).findings
    assert any("画面在 00:01 处缺了一截" in finding for finding in found)
    assert any("声音" in finding and "缺了一截" in finding for finding in found)


def test_a_moved_start_is_found(whole: Recording) -> None:
    links = list(whole.segments)
    links[3] = replace(links[3], start_seconds=9.0)
    assert read_back(whole.path, links).findings == ("第 3 段的开始时间与清单不符",)


@pytest.mark.parametrize("content", [b"", b"not a recording at all", bytes(4096)])
def test_rubbish_is_reported_not_raised(content: bytes) -> None:
    seen = read_back(content, [link(None, b"something", 0.0)])
    assert not seen.whole
    assert "没有画面" in seen.findings
    assert "没有声音" in seen.findings


def test_no_list_of_segments_is_a_finding(whole: Recording) -> None:
    assert "没有分段清单" in read_back(whole.path, []).findings


def _mp4(path: Path, *, video: int, audio: int) -> ReadBack:
    """Pictures and 1024-sample blocks written by PyAV alone; zero leaves the track out."""
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof+skip_trailer"}
    with av.open(path, "w", format="mp4", options=options) as container:
        if video:
            pictures = container.add_stream("libx264", rate=15)
            pictures.width, pictures.height, pictures.pix_fmt = 64, 64, "yuv420p"
        if audio:
            sound = container.add_stream("aac", rate=48_000, layout="mono")
        for number in range(video):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), number * 3 % 255, np.uint8))
            container.mux(pictures.encode(frame))
        for _ in range(audio):
            block = av.AudioFrame.from_ndarray(np.full((1, 1024), 0.1, np.float32), format="fltp", layout="mono")
            block.sample_rate = 48_000
            container.mux(sound.encode(block))
        if video:
            container.mux(pictures.encode(None))
        if audio:
            container.mux(sound.encode(None))
    content = path.read_bytes()
    return read_back(content, _relinked(content) if video else [])


def test_a_recording_without_sound_lacks_evidence(tmp_path: Path) -> None:
    assert _mp4(tmp_path / "x.mp4", video=45, audio=0).findings == ("没有声音",)


def test_a_recording_without_picture_lacks_evidence(tmp_path: Path) -> None:
    assert "没有画面" in _mp4(tmp_path / "x.mp4", video=0, audio=100).findings


def test_lengths_that_differ_lack_evidence(tmp_path: Path) -> None:
    found = _mp4(tmp_path / "x.mp4", video=45, audio=30).findings
    assert any("长短不一" in finding for finding in found)


def test_frozen_and_silent_is_advice_not_a_finding(tmp_path: Path) -> None:
    take = Take(tmp_path / "r.mp4")
    take.run(0, 1)
    for number in range(15, 12 * 15):
        take.recorder.show(picture(15), number * 1_000_000_000 // 15 + 1, present=True)
        take.recorder.drain()
    done = take.stop(12)
    seen = read_back(done.path, done.segments)
    assert seen.findings == ()
    assert [words.rsplit(" ", 1)[1] for words in seen.advice] == ["画面静止", "没有声音"]


def test_stretches_shorter_than_wanted_are_left_out() -> None:
    stretches = Stretches(2.0)
    for start, holds in enumerate([True, False, True, True, True, False, True]):
        stretches.observe(start, start + 1, holds)
    stretches.close()
    assert stretches.found == [(2, 5)]
