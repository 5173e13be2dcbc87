"""A real Chromium page in a call with the engine over the loopback."""

import io
import json
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Browser

from media import ports
from media.compositor import TileState
from media.core.layout import stage_layout
from media.core.murmur import Sound
from media.pictures import to_rgb
from media.readback import read_back
from media.voice import read_voice
from tests.integration.media.phone import PHONE_TONE, Phone
from tests.integration.media.seat import Seat
from tests.integration.media.sound import silent, strength

AGENT_TONE = 440
CUSTOMER = stage_layout(1280, 720, 2).tiles[1]


def connect(seat: Seat, phone: Phone, party: str = "p1", video: bool = True) -> ports.LocalAnswer:
    """Offer, answer, first picture."""
    since = len(seat.events)
    seat.post(ports.RemoteOffer("c1", party, "王建国", phone.offer(video)))
    answer = seat.wait(ports.LocalAnswer, since=since)
    phone.accept(answer.sdp)
    if video:
        seat.wait(ports.FirstPicture, since=since)
    return answer


def until(true: Callable[[], bool], phone: Phone, timeout: float = 10) -> None:
    """Lets the page run until something holds."""
    end = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < end, "did not happen in time"
        phone.page.wait_for_timeout(100)


def customer_tile(picture: ports.Picture) -> np.ndarray[Any, np.dtype[np.uint8]]:
    box = CUSTOMER.picture
    return to_rgb(picture)[box.y : box.y + box.height, box.x : box.x + box.width]


def greenish(picture: ports.Picture) -> bool:
    """Chromium's fake camera is a green picture."""
    red, green, blue = customer_tile(picture).reshape(-1, 3).mean(axis=0)
    return bool(green > red + 40 and green > blue + 40)


def stage(seat: Seat) -> ports.Picture:
    picture = seat.engine.stage().latest()
    assert picture is not None
    return picture


def test_picture_and_sound_go_both_ways_and_are_recorded(seat: Seat, phone: Phone, recording_path: Path) -> None:
    opened = seat.open()
    assert "无摄像头" in opened.camera
    assert "无麦克风" in opened.microphone
    seat.post(ports.StartRecording("c1", recording_path))
    seat.wait(ports.RecordingBegan)
    answer = connect(seat, phone)
    assert f"a=fingerprint:{answer.local_fingerprint}" in answer.sdp
    assert answer.remote_fingerprint.startswith("sha-256 ")
    assert seat.wait(ports.FirstPicture).seconds_since_offer < 5

    until(lambda: phone.seen()["frames"] > 45, phone)
    until(lambda: (phone.seen()["width"], phone.seen()["height"]) == (640, 360), phone)
    seen = phone.seen()
    assert seen["state"] == "connected"
    assert seen["first"] < 5
    until(lambda: abs(phone.loudest()[0] - AGENT_TONE) < 15 and phone.loudest()[1] > -60, phone)
    assert phone.heard(PHONE_TONE) < phone.heard(AGENT_TONE) - 20, "the customer hears themself"
    until(lambda: greenish(stage(seat)), phone)
    quality = seat.wait(ports.Quality, where=lambda q: q.pictures_per_second > 10 and q.round_trip_ms is not None)
    assert quality.audio_level > 0.05
    assert quality.loss_percent < 5

    phone.page.wait_for_timeout(2000)
    seat.post(ports.CloseCall("c1"))
    ended = seat.wait(ports.RecordingEnded)
    seat.wait(ports.CallClosed)
    check_recording(seat, ended)
    assert seat.all(ports.Failed) == []


def check_recording(seat: Seat, ended: ports.RecordingEnded) -> None:
    command = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(ended.path)]
    streams = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["streams"]
    assert [stream["codec_name"] for stream in streams] == ["h264", "aac"]
    assert abs(float(streams[0]["duration"]) - float(streams[1]["duration"])) < 0.1
    back = read_back(ended.path, ended.segments)
    assert back.findings == ()
    assert (back.width, back.height) == (1280, 720)
    assert abs(back.duration_seconds - ended.duration_seconds) < 0.01
    assert tuple(seat.all(ports.SegmentClosed)) == ended.segments
    voice = read_voice(ended.path)[-3 * 48_000 :]
    assert strength(voice, AGENT_TONE) > 0.005
    assert strength(voice, PHONE_TONE) > 0.5
    assert ended.gaps[0][0] < 0.2  # nobody was there at first
    assert all(end < ended.duration_seconds - 2 for _, end in ended.gaps)


def test_the_header_and_the_label_are_burned_in(seat: Seat, phone: Phone) -> None:
    seat.open()
    connect(seat, phone)
    before = stage(seat)
    seat.post(ports.SetPartyLine("c1", "p1", "借款人 · 风险告知"))
    phone.page.wait_for_timeout(1300)
    after = stage(seat)
    label, header = CUSTOMER.label, stage_layout(1280, 720, 2).header
    strip = (slice(label.y, label.y + label.height), slice(label.x + label.width // 2, label.x + label.width))
    assert not np.array_equal(before.y[strip], after.y[strip])
    assert after.y[: header.height - 4].std() > 15
    clock = (slice(0, header.height - 4), slice(1040, 1280))
    assert not np.array_equal(before.y[clock], after.y[clock])


def test_a_snapshot_is_what_was_received_at_full_size(seat: Seat, phone: Phone) -> None:
    seat.open()
    connect(seat, phone)
    seat.post(ports.TakeSnapshot("c1", "p1"))
    taken = seat.wait(ports.SnapshotTaken)
    image = Image.open(io.BytesIO(taken.jpeg))
    picture = seat.engine.party("p1").latest()
    assert picture is not None
    assert image.format == "JPEG"
    assert image.size == (taken.width, taken.height) == (picture.width, picture.height) == (640, 480)
    seat.post(ports.TakeSnapshot("c1", "nobody"))
    assert "不在这通电话里" in seat.wait(ports.Failed).message


def test_mute_is_silence_for_the_customer_and_in_the_file(seat: Seat, phone: Phone, recording_path: Path) -> None:
    seat.open()
    seat.post(ports.StartRecording("c1", recording_path))
    connect(seat, phone)
    until(lambda: abs(phone.loudest()[0] - AGENT_TONE) < 15 and phone.loudest()[1] > -60, phone)
    seat.post(ports.SetMuted("c1", True))
    phone.page.wait_for_timeout(3500)
    assert phone.loudest()[1] < -100 or abs(phone.loudest()[0] - AGENT_TONE) > 15
    seat.post(ports.StopRecording("c1"))
    voice = read_voice(seat.wait(ports.RecordingEnded).path)[-2 * 48_000 :]
    assert strength(voice, AGENT_TONE) < 0.0005
    assert strength(voice, PHONE_TONE) > 0.9


def test_a_frozen_camera_is_marked_and_is_a_gap(seat: Seat, phone: Phone, recording_path: Path) -> None:
    seat.open()
    connect(seat, phone)
    seat.post(ports.StartRecording("c1", recording_path))
    until(lambda: greenish(stage(seat)), phone)
    phone.freeze()
    phone.page.wait_for_timeout(3500)
    assert not greenish(stage(seat))
    assert customer_tile(stage(seat)).std() > 5, "words must stand where the picture was"
    seat.post(ports.TakeSnapshot("c1", "p1"))
    refused = seat.wait(ports.Failed, where=lambda event: event.what == "TakeSnapshot")
    assert "没有客户的画面" in refused.message, "whatever else a busy computer has to say"
    seat.post(ports.StopRecording("c1"))
    ended = seat.wait(ports.RecordingEnded)
    begin, end = ended.gaps[-1]
    assert end - begin > 1
    assert end == ended.duration_seconds


def test_a_customer_drops_and_returns_with_a_new_offer(seat: Seat, phone: Phone) -> None:
    seat.open()
    first = connect(seat, phone)
    phone.hang_up()
    seat.wait(ports.PeerChanged, where=lambda event: event.state in ("closed", "failed", "disconnected"))
    phone.page.wait_for_timeout(2500)
    assert not greenish(stage(seat))
    second = connect(seat, phone)
    assert second.remote_fingerprint != first.remote_fingerprint or second.sdp != first.sdp
    until(lambda: greenish(stage(seat)), phone)
    until(lambda: phone.seen()["state"] == "connected", phone)


def test_a_new_offer_replaces_a_connection_that_still_stands(seat: Seat, phone: Phone) -> None:
    seat.open()
    connect(seat, phone)
    connect(seat, phone)
    until(lambda: phone.seen()["state"] == "connected" and greenish(stage(seat)), phone)
    assert len(seat.all(ports.FirstPicture)) == 2


def test_a_page_that_vanishes_is_noticed_within_seconds(seat: Seat, browser: tuple[Browser, str]) -> None:
    context = browser[0].new_context()
    seat.open()
    connect(seat, Phone(context, browser[1]))
    context.close()
    gone = seat.wait(ports.PeerChanged, timeout=8, where=lambda event: event.state not in ("connecting", "connected"))
    assert gone.state in ("disconnected", "closed", "failed")


def test_two_customers_see_the_stage_and_hear_each_other(seat: Seat, browser: tuple[Browser, str]) -> None:
    contexts = [browser[0].new_context() for _ in range(2)]
    phones = [Phone(context, browser[1]) for context in contexts]
    seat.open()
    for number, phone in enumerate(phones):
        connect(seat, phone, party=f"p{number}")
    for phone in phones:
        until(lambda phone=phone: phone.heard(PHONE_TONE) > -50, phone)  # type: ignore[misc]
    tiles = stage_layout(1280, 720, 3).tiles[1:]

    def both_green() -> bool:
        rgb = to_rgb(stage(seat))
        boxes = [tile.picture for tile in tiles]
        cuts = [rgb[box.y + 200 : box.y + 400, box.x + 20 : box.x + box.width - 20] for box in boxes]
        return all(cut[:, :, 1].mean() > cut[:, :, 0].mean() + 40 for cut in cuts)

    until(both_green, phones[0])
    for context in contexts:
        context.close()


def test_a_customer_without_camera_is_said_to_have_none(seat: Seat, phone: Phone) -> None:
    seat.open()
    connect(seat, phone, video=False)
    until(lambda: phone.seen()["state"] == "connected", phone)
    phone.page.wait_for_timeout(500)
    seat.wait(ports.PeerChanged, where=lambda event: event.state == "connected")
    assert TileState.CAMERA_OFF.words[0] == "摄像头已关闭"
    assert customer_tile(stage(seat)).std() > 5
    assert seat.engine.party("p1").latest() is None


def test_a_muted_camera_is_told_from_a_picture(seat: Seat, phone: Phone) -> None:
    seat.open()
    connect(seat, phone)
    until(lambda: greenish(stage(seat)), phone)
    phone.mute_camera(True)
    until(lambda: not greenish(stage(seat)), phone)
    # an empty black tile explains nothing: there are words in it
    until(lambda: 0.005 < (customer_tile(stage(seat)).max(axis=2) > 120).mean() < 0.2, phone)
    phone.mute_camera(False)
    until(lambda: greenish(stage(seat)), phone)


def test_a_microphone_that_dies_in_the_call_is_told_and_no_fault_of_the_line(seat: Seat, phone: Phone) -> None:
    seat.open()
    connect(seat, phone)
    seat.wait(ports.Quality, where=lambda event: event.sound is Sound.THERE and event.audio_level > 0.01)
    before = len(seat.events)
    phone.page.evaluate("window.media.getAudioTracks()[0].enabled = false")
    gone = seat.wait(ports.Quality, since=before, where=lambda event: event.sound is Sound.GONE, timeout=40)
    assert gone.judgement is not None
    assert gone.judgement.bars > 0


def test_stop_in_the_middle_of_a_call_leaves_nothing_behind(phone: Phone, recording_path: Path) -> None:
    before = set(threading.enumerate())
    seat = Seat()
    seat.open()
    connect(seat, phone)
    seat.post(ports.StartRecording("c1", recording_path))
    seat.wait(ports.SegmentClosed, where=lambda segment: segment.index >= 1)
    seat.close()
    ended = seat.wait(ports.RecordingEnded)
    assert isinstance(seat.events[-1], ports.CallClosed)
    assert read_back(ended.path, ended.segments).findings == ()
    assert {t for t in threading.enumerate() if t.is_alive()} <= before
    assert not silent(read_voice(ended.path))
