"""Seven customers in one call, all with real connections: the others and the recording go on whatever one of them does.

Each has a pitch of its own; what anybody hears, and what is recorded, is looked up in the sound's spectrum.
"""

import io
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from media import ports
from media.core.layout import Layout, Shape, Tile, stage_layout
from media.core.mixing import RATE, Samples
from media.pictures import from_rgb, to_rgb
from media.voice import read_voice
from tests.integration.media.seat import Seat
from tests.integration.media.sound import silent, strength
from tests.integration.media.test_call import AGENT_TONE
from tests.integration.media.thin import FarPhone, FarPhones

PITCHES = {f"p{number}": 700.0 + 310 * number for number in range(1, 8)}
"""None is a multiple of another, nor of the agent's."""
SHADES = {party: (40 * (number % 3), 40 + 30 * (number % 5), 255 - 30 * number) for number, party in enumerate(PITCHES)}
SIZES = {"p7": (960, 720)}
NOTHING = 0.001
QUIET = 2500
"""Seven of them together are not limited, which would make pitches that nobody has."""
STAGE_RATE = 6
"""Pictures a second of the stage: seven phones share these processors in this test."""

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def crowd() -> Iterator[dict[str, FarPhone]]:
    beside = FarPhones()
    yield {
        party: beside.phone(party, pitch, SHADES[party], size=SIZES.get(party, (320, 240)), rate=4, loud=QUIET)
        for party, pitch in PITCHES.items()
    }
    beside.close()


@pytest.fixture
def desk() -> Iterator[Seat]:
    opened = Seat(ports.EngineOptions(use_devices=False, frame_rate=STAGE_RATE))
    yield opened
    opened.close()


def heard(samples: Samples) -> set[str]:
    if silent(samples):
        return set()
    known = {"agent": AGENT_TONE, **PITCHES}
    return {person for person, pitch in known.items() if strength(samples, pitch) > NOTHING}


def soon(true: Callable[[], bool], timeout: float = 20) -> None:
    end = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.1)


def all_but(*absent: str) -> set[str]:
    return {"agent", *PITCHES} - set(absent)


class Undisturbed:
    """Over a change: those who have no part in it get pictures as before, and their connections are left alone.

    "As before" is held against the seconds before it: eight programs share two processors, and a rate says little.
    """

    def __init__(self, desk: Seat, phones: dict[str, FarPhone], *concerned: str) -> None:
        self._desk = desk
        self._others = {party: phone for party, phone in phones.items() if party not in concerned}

    def __enter__(self) -> None:
        self._mark()
        time.sleep(2)
        self._before = sum(self._rates().values())
        self._events = len(self._desk.all(ports.PeerChanged))
        self._mark()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            return
        time.sleep(max(0.0, 2 - (time.monotonic() - self._at)))
        rates = self._rates()
        assert sum(rates.values()) > 0.4 * self._before, f"pictures stood still: {rates}, before {self._before}"
        assert sum(rate > 0 for rate in rates.values()) > len(rates) / 2, f"most pictures stood still: {rates}"
        told = {event.party_id for event in self._desk.all(ports.PeerChanged)[self._events :]}
        assert not told & set(self._others)

    def _mark(self) -> None:
        self._at, self._seen = time.monotonic(), {party: phone.seen for party, phone in self._others.items()}

    def _rates(self) -> dict[str, float]:
        """Of each, pictures a second since the mark."""
        lasted = time.monotonic() - self._at
        return {party: (phone.seen - self._seen[party]) / lasted for party, phone in self._others.items()}


def test_each_of_seven_hears_all_but_themself_and_one_after_the_other_comes_and_goes(
    desk: Seat, crowd: dict[str, FarPhone], recording_path: Path
) -> None:
    desk.open()
    desk.post(ports.StartRecording("c1", recording_path))
    first, *others = crowd.values()
    first.join(desk)
    for phone in others:
        phone.join(desk)
    for party, phone in crowd.items():
        soon(lambda phone=phone, party=party: heard(phone.hears()) == all_but(party))  # type: ignore[misc]
    witness, p2, p5 = crowd["p1"], crowd["p2"], crowd["p5"]
    with Undisturbed(desk, crowd, "p2"):
        p2.drop()
        soon(lambda: heard(witness.hears()) == all_but("p1", "p2"))
    with Undisturbed(desk, crowd, "p2"):
        p2.join(desk)
        soon(lambda: heard(witness.hears()) == all_but("p1"))
    with Undisturbed(desk, crowd, "p3"):
        desk.post(ports.HoldParty("c1", "p3", True))
        soon(lambda: heard(witness.hears()) == all_but("p1", "p3"))
        assert heard(crowd["p3"].hears()) == set()
    with Undisturbed(desk, crowd, "p3"):
        desk.post(ports.HoldParty("c1", "p3", False))
        soon(lambda: heard(witness.hears()) == all_but("p1"))
    with Undisturbed(desk, crowd):
        desk.post(ports.MuteParty("c1", "p4", True))
        soon(lambda: heard(witness.hears()) == all_but("p1", "p4"))
        soon(lambda: heard(crowd["p4"].hears()) == all_but("p4"))
    with Undisturbed(desk, crowd, "p5"):
        desk.post(ports.RemoveParty("c1", "p5"))
        soon(lambda: heard(witness.hears()) == all_but("p1", "p4", "p5"))
    with Undisturbed(desk, crowd, "p5"):
        p5.join(desk)
        soon(lambda: heard(witness.hears()) == all_but("p1", "p4"))
    desk.post(ports.StopRecording("c1"))
    ended = desk.wait(ports.RecordingEnded, 30)
    assert desk.all(ports.Failed) == []
    _is_whole(ended.path)


def _is_whole(path: Path) -> None:
    """No second without a voice, no place without a picture, and the muted one is silent to the end.

    The first one's own voice may lack where their program was held up; the agent's comes from the seat itself.
    """
    sound = read_voice(path)
    seconds = [sound[start : start + RATE] for start in range(4 * RATE, len(sound) - RATE, RATE)]
    assert len(seconds) > 10
    lacking = {number: sorted(heard(second)) for number, second in enumerate(seconds) if "p1" not in heard(second)}
    assert len(lacking) <= len(seconds) / 20, f"{len(seconds)} seconds; without the first voice: {lacking}"
    assert all("agent" in heard(second) for second in seconds)
    assert "p4" in set().union(*(heard(second) for second in seconds[: len(seconds) // 2]))
    assert "p4" not in heard(seconds[-1])
    with av.open(str(path)) as container:
        times = [float(frame.time or 0) for frame in container.decode(video=0)]
    assert max(later - earlier for earlier, later in pairwise(times)) < 1


def shade(desk: Seat, tile: Tile) -> tuple[float, ...]:
    picture, box = desk.engine.stage().latest(), tile.picture
    assert picture is not None
    x, y = box.x + box.width // 2, box.y + box.height // 2
    return tuple(to_rgb(picture)[y - 10 : y + 10, x - 10 : x + 10].reshape(-1, 3).mean(axis=0))


def is_of(desk: Seat, tile: Tile, party: str) -> bool:
    return bool(np.abs(np.array(shade(desk, tile)) - SHADES[party]).max() < 40)


def test_a_talk_with_one_alone_is_heard_by_nobody_else_and_said_on_the_stage(
    desk: Seat, crowd: dict[str, FarPhone], recording_path: Path
) -> None:
    desk.open()
    phones = {party: crowd[party] for party in ("p1", "p2", "p3")}
    for phone in phones.values():
        phone.join(desk)
    soon(lambda: heard(phones["p1"].hears()) == {"agent", "p2", "p3"})
    plain = desk.engine.stage().latest()
    for party in ("p1", "p3"):
        desk.post(ports.HoldParty("c1", party, True))
    desk.post(ports.SetAside("c1", "p2"))
    soon(lambda: heard(phones["p2"].hears()) == {"agent"})
    desk.post(ports.StartRecording("c1", recording_path))
    desk.wait(ports.RecordingBegan)
    for party in ("p1", "p3"):
        assert heard(phones[party].hears()) == set()
        soon(lambda party=party: _is_dark(phones[party]))  # type: ignore[misc]
    told = desk.engine.stage().latest()
    assert plain is not None
    assert told is not None
    middle = (slice(0, 46), slice(400, 860))
    assert not np.array_equal(plain.y[middle], told.y[middle]), "the header does not say so"
    time.sleep(1)
    desk.post(ports.StopRecording("c1"))
    assert heard(read_voice(desk.wait(ports.RecordingEnded).path)) == {"agent", "p2"}
    for party in ("p1", "p3"):
        desk.post(ports.HoldParty("c1", party, False))
    desk.post(ports.SetAside("c1", None))
    soon(lambda: heard(phones["p1"].hears()) == {"agent", "p2", "p3"})
    assert desk.all(ports.Failed) == []


def _is_dark(phone: FarPhone) -> bool:
    """The still that says 请稍候: dark ground, and light words."""
    luma = phone.luma().astype(int)
    return bool(luma.mean() < 60 and luma.max() > 150)


def test_the_stage_is_arranged_as_it_is_told(desk: Seat, crowd: dict[str, FarPhone]) -> None:
    desk.open()
    phones = [crowd[party] for party in ("p1", "p2", "p3")]
    for phone in phones:
        phone.join(desk)
    grid, speaker = (stage_layout(1280, 720, 4, shape).tiles for shape in (Shape.GRID, Shape.SPEAKER))
    soon(lambda: all(is_of(desk, grid[number], f"p{number}") for number in (1, 2, 3)))
    for party in ("p1", "p3"):
        desk.post(ports.MuteParty("c1", party, True))
    desk.post(ports.SetLayout("c1", Layout.SPEAKER))
    soon(lambda: is_of(desk, speaker[0], "p2"))
    desk.post(ports.SetLayout("c1", Layout.AUTO))
    page = from_rgb(np.full((1188, 840, 3), 235, dtype=np.uint8))
    desk.post(ports.ShowDocument("c1", page, "《个人借款合同》", "第 2 页，共 6 页"))
    beside = stage_layout(1280, 720, 4, Shape.DOCUMENT)
    assert beside.page is not None
    place = beside.page
    soon(lambda: min(shade(desk, place)) > 225 and is_of(desk, beside.tiles[2], "p2"))
    desk.post(ports.ShowDocument("c1", None))
    soon(lambda: is_of(desk, grid[2], "p2"))
    assert desk.all(ports.Failed) == []


def test_a_snapshot_is_the_received_picture_at_its_own_size_and_not_a_piece_of_the_stage(
    desk: Seat, crowd: dict[str, FarPhone]
) -> None:
    """Every pixel of the customer's picture: of a size that no tile has, and without what is written on the stage."""
    desk.open()
    crowd["p7"].join(desk)
    desk.post(ports.MuteParty("c1", "p7", True))
    desk.post(ports.SetPartyLine("c1", "p7", "风险告知", "协助人在场"))
    soon(lambda: (seen := desk.engine.party("p7").latest()) is not None and seen.width == 960)
    desk.post(ports.TakeSnapshot("c1", "p7"))
    taken = desk.wait(ports.SnapshotTaken)
    assert (taken.width, taken.height) == (960, 720)
    picture = np.asarray(Image.open(io.BytesIO(taken.jpeg)))
    assert picture.shape == (720, 960, 3)
    assert np.abs(picture.astype(int) - SHADES["p7"]).max() < 60, "something is drawn on it"
