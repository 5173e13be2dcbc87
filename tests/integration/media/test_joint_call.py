"""Several people in one call: a real Chromium page, aiortc peers, and a supervisor's engine that listens in."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from media import ports
from media.core.layout import Tile, stage_layout
from media.core.mixing import Samples
from media.pictures import to_rgb
from media.voice import read_voice
from tests.integration.media.phone import PHONE_TONE, Phone, write_tone
from tests.integration.media.seat import Seat
from tests.integration.media.sound import strength
from tests.integration.media.test_call import AGENT_TONE, connect, until
from tests.integration.media.thin import BLUE, GUARANTOR, RED, WIFE, ThinPhone

WHISPER = 3100
NOTHING = 0.001
"""Share of a sound's energy that Opus smears into a pitch nobody makes."""


def pitches(samples: Samples) -> set[int]:
    """Which of the known voices a sound holds."""
    known = (AGENT_TONE, PHONE_TONE, WIFE, GUARANTOR, WHISPER)
    return {pitch for pitch in known if strength(samples, pitch) > NOTHING}


def colour(seat: Seat, tile: Tile) -> tuple[float, ...]:
    picture = seat.engine.stage().latest()
    assert picture is not None
    box = tile.picture
    middle = to_rgb(picture)[box.y + 60 : box.y + box.height - 60, box.x + 40 : box.x + box.width - 40]
    return tuple(middle.reshape(-1, 3).mean(axis=0))


def is_like(seen: tuple[float, ...], rgb: tuple[int, int, int]) -> bool:
    return bool(np.argmax(seen) == np.argmax(rgb) and max(seen) > 90)


def soon(true: Callable[[], bool], timeout: float = 40) -> None:
    end = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.1)


def hold(seat: Seat, party_id: str, held: bool) -> None:
    seat.post(ports.HoldParty("c1", party_id, held))


@contextmanager
def listening(seat: Seat, folder: Path) -> Iterator[Seat]:
    """A supervisor's engine, connected; its voice is a file with a pitch of its own."""

    write_tone(folder / "whisper.wav", WHISPER)
    options = ports.EngineOptions(
        use_devices=False, voice_file=folder / "whisper.wav", heard_file=folder / "supervisor.wav"
    )
    ear = Seat(options)
    try:
        ear.post(ports.Listen("c1", "o1"))
        offer = ear.wait(ports.LocalOffer)
        seat.post(ports.RemoteOffer("c1", "staff:s1", "主管", offer.sdp, offer.offer_id, listener=True))
        answer = seat.wait(ports.LocalAnswer, where=lambda event: event.party_id == "staff:s1")
        ear.post(ports.RemoteAnswer("c1", answer.sdp, answer.offer_id))
        ear.wait(ports.FirstPicture)
        yield ear
    finally:
        ear.close()


def test_three_customers_are_seen_and_each_hears_all_but_themself(
    seat: Seat, phone: Phone, wife: ThinPhone, guarantor: ThinPhone
) -> None:
    seat.open()
    connect(seat, phone, "borrower")
    wife.join(seat)
    guarantor.join(seat)
    tiles = stage_layout(1280, 720, 4).tiles
    soon(lambda: is_like(colour(seat, tiles[2]), RED) and is_like(colour(seat, tiles[3]), BLUE))
    soon(lambda: pitches(wife.hears()) == {AGENT_TONE, PHONE_TONE, GUARANTOR})
    soon(lambda: pitches(guarantor.hears()) == {AGENT_TONE, PHONE_TONE, WIFE})
    until(lambda: min(phone.heard(pitch) for pitch in (WIFE, GUARANTOR)) > -50, phone)
    assert phone.heard(PHONE_TONE) < phone.heard(WIFE) - 20, "the customer hears themself"
    soon(lambda: bool(wife.pictures) and wife.pictures[-1].width == 640)
    assert seat.all(ports.Failed) == []


def test_who_is_held_is_neither_heard_nor_seen_nor_recorded(
    seat: Seat, wife: ThinPhone, guarantor: ThinPhone, recording_path: Path
) -> None:
    seat.open()
    wife.join(seat)
    guarantor.join(seat)
    soon(lambda: GUARANTOR in pitches(wife.hears()))
    hold(seat, "guarantor", True)
    soon(lambda: pitches(wife.hears()) == {AGENT_TONE})
    seat.post(ports.StartRecording("c1", recording_path))
    seat.wait(ports.RecordingBegan)
    assert np.abs(guarantor.hears().astype(int)).max() < 40, "who is held hears the call"
    assert not is_like(colour(seat, stage_layout(1280, 720, 3).tiles[2]), BLUE)
    soon(lambda: bool(np.abs(guarantor.pictures[-1].to_ndarray(format="gray").astype(int)).mean() < 60))
    seat.post(ports.TakeSnapshot("c1", "guarantor"))
    assert "正在等候" in seat.wait(ports.Failed).message
    seat.post(ports.StopRecording("c1"))
    voice = read_voice(seat.wait(ports.RecordingEnded).path)
    assert pitches(voice) == {AGENT_TONE, WIFE}
    hold(seat, "guarantor", False)
    soon(lambda: pitches(wife.hears()) == {AGENT_TONE, GUARANTOR})
    soon(lambda: is_like(colour(seat, stage_layout(1280, 720, 3).tiles[2]), BLUE))


def test_one_drops_returns_and_leaves_while_the_other_goes_on(
    seat: Seat, wife: ThinPhone, guarantor: ThinPhone, recording_path: Path
) -> None:
    seat.open()
    seat.post(ports.StartRecording("c1", recording_path))
    wife.join(seat)
    guarantor.join(seat)
    soon(lambda: GUARANTOR in pitches(wife.hears()))
    before = len(seat.all(ports.PeerChanged))
    guarantor.drop()
    soon(lambda: pitches(wife.hears()) == {AGENT_TONE})
    guarantor.join(seat)
    soon(lambda: pitches(wife.hears()) == {AGENT_TONE, GUARANTOR})
    seat.post(ports.RemoveParty("c1", "guarantor"))
    soon(lambda: is_like(colour(seat, stage_layout(1280, 720, 2).tiles[1]), RED))
    assert pitches(wife.hears()) == {AGENT_TONE}  # a whole second: the agent's tone rests for 0.6 s of each
    assert not [event for event in seat.all(ports.PeerChanged)[before:] if event.party_id == "wife"]
    seat.post(ports.StopRecording("c1"))
    ended = seat.wait(ports.RecordingEnded)
    assert seat.all(ports.Failed) == []
    sound = read_voice(ended.path)
    assert not any((sound[start : start + 9600] == 0).all() for start in range(96_000, len(sound) - 9600, 9600)), "hole"


def test_a_supervisor_hears_all_and_whispers_to_the_agent_alone(
    wife: ThinPhone, guarantor: ThinPhone, recording_path: Path, tmp_path: Path
) -> None:
    seat = Seat(ports.EngineOptions(use_devices=False, heard_file=tmp_path / "headset.wav"))
    try:
        _whisper(seat, wife, guarantor, recording_path, tmp_path)
    finally:
        seat.close()
    headset = read_voice(tmp_path / "headset.wav")
    seconds = [headset[start : start + 48_000] for start in range(0, len(headset) - 48_000, 24_000)]
    found = [pitches(second) for second in seconds]
    assert any(WHISPER in heard for heard in found)
    assert pitches(headset[-48_000:]) == {WIFE, GUARANTOR}
    assert AGENT_TONE not in set().union(*found), "the agent hears themself"
    supervisor = read_voice(tmp_path / "supervisor.wav")
    assert pitches(supervisor[-48_000:]) == {AGENT_TONE, WIFE, GUARANTOR}


def _whisper(seat: Seat, wife: ThinPhone, guarantor: ThinPhone, recording_path: Path, folder: Path) -> None:
    seat.open()
    wife.join(seat)
    guarantor.join(seat)
    with listening(seat, folder) as ear:
        seat.post(ports.StartRecording("c1", recording_path))
        soon(lambda: ear.engine.stage().latest() is not None)
        seat.post(ports.SetWhisper("c1", "staff:s1", True))
        ear.post(ports.SetTalking("c1", True))
        assert pitches(wife.hears(2.0)) == {AGENT_TONE, GUARANTOR}
        assert pitches(guarantor.hears(1.0)) == {AGENT_TONE, WIFE}
        ear.post(ports.SetTalking("c1", False))
        time.sleep(1.5)
        seat.post(ports.StopRecording("c1"))
        assert pitches(read_voice(seat.wait(ports.RecordingEnded).path)) == {AGENT_TONE, WIFE, GUARANTOR}
        assert seat.all(ports.Failed) == ear.all(ports.Failed) == []
