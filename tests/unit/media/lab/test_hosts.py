"""Descriptions rewritten for the relay, and times freed of the bursts in which they were noted."""

import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from aiortc import RTCPeerConnection
from aiortc.sdp import SessionDescription

from media.core.callfigures import PictureFigures, SoundFigures
from media.core.mixing import silence
from media.lab.decoding import timing
from media.lab.hosts import Observed, by_relay, steady
from media.lab.trial import Kind, Trial, Way
from media.rtc import decoding


async def test_the_only_candidate_is_the_relay_s_port() -> None:
    host = RTCPeerConnection()
    host.addTransceiver("audio")
    host.addTransceiver("video")
    await host.setLocalDescription(await host.createOffer())
    sdp = by_relay(host.localDescription.sdp, 40_123)
    await host.close()
    candidates = [line for line in sdp.split("\r\n") if line.startswith("a=candidate")]
    assert candidates == ["a=candidate:1 1 udp 2130706431 127.0.0.1 40123 typ host generation 0"] * 2
    read = SessionDescription.parse(sdp)
    assert [[c.port for c in media.ice_candidates] for media in read.media] == [[40_123], [40_123]]
    assert all(media.ice_candidates_complete for media in read.media)


def test_what_else_a_description_says_stays() -> None:
    audio = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=candidate:9 1 udp 1 10.0.0.1 5 typ host\r\na=mid:0\r\n"
    sdp = f"v=0\r\na=group:BUNDLE 0\r\n{audio}"
    assert by_relay(sdp, 7).split("\r\n")[:3] == ["v=0", "a=group:BUNDLE 0", "m=audio 9 UDP/TLS/RTP/SAVPF 111"]
    assert "10.0.0.1" not in by_relay(sdp, 7)
    assert "a=mid:0" in by_relay(sdp, 7)


def test_bursts_are_evened_out() -> None:
    noted = [1000 + 10.0 * (n - n % 4 + 3) for n in range(400)]
    even = steady(noted, 10)
    assert np.diff(even) == pytest.approx(10, abs=1)
    assert abs(float(np.median(even - np.asarray(noted)))) < 20


def test_a_lasting_stall_is_followed() -> None:
    even = steady([10.0 * n + (700 if n >= 200 else 0) for n in range(400)], 10)
    assert (even[100], even[300]) == (1000, 3700)


def test_no_times_are_no_times() -> None:
    assert len(steady([], 10)) == 0


WINDOW = (10_000.0, 20_000.0)


def _going(step: float, without: tuple[float, float] = (0.0, 0.0)) -> tuple[float, ...]:
    times = [9_000 + step * number for number in range(int(12_000 / step))]
    return tuple(at for at in times if not without[0] <= at < without[1])


def _host(made: tuple[float, ...], played: tuple[float, ...]) -> Observed:
    return Observed(made, (), 0, (), silence(0), (), played)


def test_a_host_that_the_machine_let_play_no_sound_is_as_stalled_as_one_that_made_no_pictures() -> None:
    pictures, sound = _going(1000 / 15), _going(10.0)
    assert _host(pictures, sound).stalled(WINDOW) == 0
    blind = _host(_going(1000 / 15, (12_000, 13_000)), sound)
    deaf = _host(pictures, _going(10.0, (12_000, 13_000)))
    assert blind.stalled(WINDOW) == pytest.approx(0.1, abs=0.01)
    assert deaf.stalled(WINDOW) == pytest.approx(0.1, abs=0.01)
    assert _host(pictures, ()).stalled(WINDOW) == 1, "who played nothing at all heard nothing of the link"
    assert _host(pictures, tuple(at + 80 * (number % 9 == 0) for number, at in enumerate(sound))).stalled(WINDOW) == 0


def test_a_decoder_alone_that_is_slow_is_seen() -> None:
    """Pictures are made and sound is played all the while."""

    def decoding(share: float) -> Observed:
        spent = tuple((9_000.0 + 250 * number, share * 0.25 * number) for number in range(48))
        return replace(_host(_going(1000 / 15), _going(10.0)), decoded=spent)

    slow = decoding(0.9)
    assert slow.stalled(WINDOW) == 0
    assert slow.decoding(WINDOW) == pytest.approx(0.9)
    assert not _trial(slow.decoding(WINDOW)).trusted
    assert _trial(decoding(0.2).decoding(WINDOW)).trusted
    assert _host((), ()).decoding(WINDOW) == 0, "nobody told"


def _trial(decoding: float) -> Trial:
    seen, heard = PictureFigures(15.0, 0, 0.0, 0.0, None, None, None), SoundFigures(0.0, None, None)
    way = Way(seen, heard, 0, 0.0, 0.0, 0.0, 0.0, None)
    return Trial(Kind.OURS, 1, way, way, 0.0, 0.0, 0.0, 0.0, 0.0, decoding)


def test_what_decoders_take_is_added_up() -> None:
    class Slow:
        def decode(self, frame: int) -> list[int]:
            time.sleep(0.01)
            return [frame]

    place = SimpleNamespace(on_one_thread=lambda decoder: decoder)
    spent = timing(place)
    for decoder in (place.on_one_thread(Slow()), place.on_one_thread(Slow())):
        assert [decoder.decode(number) for number in (1, 2)] == [[1], [2]]
    assert len(spent) == 4
    assert [seconds for _, seconds in spent] == sorted(seconds for _, seconds in spent)
    assert spent[-1][1] >= 0.04


def test_the_decoders_of_a_connection_are_made_where_they_are_timed() -> None:
    assert "names.on_one_thread(" in Path(decoding.__file__).read_text(encoding="utf-8")
