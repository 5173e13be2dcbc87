"""What passes onto the tape, of whom and when."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from media.core.frames import Frame
from media.core.matroska import PICTURE
from media.core.trackpile import Bit, Lack
from media.tracktap import PartyTap, Tap
from media.tracktape import Gone, Shut, Thing, TrackTape


@dataclass
class Desk:
    """Stands where the tape's thread begins; the clock is set by hand."""

    now: float = 100.0
    full: bool = False
    things: list[Thing] = field(default_factory=list)
    path: Path = Path()

    def put(self, party_id: str, thing: Thing) -> bool:
        assert party_id == "par_1"
        if self.full and isinstance(thing, Bit):
            return False
        self.things.append(thing)
        return True

    def tap(self) -> tuple[PartyTap, Tap]:
        party = PartyTap("par_1", lambda: self.now)
        source = party.source()
        party.use(source)
        return party, source

    @property
    def tape(self) -> TrackTape:
        return cast(TrackTape, self)

    @property
    def pictures(self) -> list[bytes]:
        return [thing.data for thing in self.things if isinstance(thing, Bit) and thing.track == PICTURE]

    @property
    def shut(self) -> list[Shut]:
        return [thing for thing in self.things if isinstance(thing, Shut)]


def frame(name: str, *, key: bool = False) -> Frame:
    return Frame(0, name.encode(), key, damaged=False, arrived=0.0)


def test_nothing_passes_before_there_is_a_tape_and_then_from_a_key_frame_on() -> None:
    desk = Desk()
    party, source = desk.tap()
    source.picture("VP8", frame("a", key=True), None)
    assert not source.wants_key()
    party.record(desk.tape)
    assert source.wants_key()
    assert not source.wants_key(), "asked for once"
    source.picture("VP8", frame("b"), None)
    source.sound(960, b"s", 1.0, None)
    source.picture("VP8", frame("c", key=True), None)
    source.picture("VP8", frame("d"), None)
    assert desk.pictures == [b"c", b"d"]
    assert len(desk.things) == 3
    party.record(None)
    source.picture("VP8", frame("e", key=True), None)
    assert len(desk.things) == 3


def test_of_who_is_muted_or_held_nothing_passes_and_for_how_long_is_told() -> None:
    desk = Desk()
    party, source = desk.tap()
    party.record(desk.tape)
    party.gate(held=False, muted=True)
    source.picture("VP8", frame("a", key=True), None)
    source.sound(0, b"s", 1.0, None)
    desk.now = 103.0
    party.gate(held=True, muted=True)
    desk.now = 107.0
    source.picture("VP8", frame("b", key=True), None)
    party.gate(held=False, muted=False)
    source.picture("VP8", frame("c"), None)
    assert desk.things == [Shut(100.0, 103.0, Lack.MUTED), Shut(103.0, 107.0, Lack.HELD)]
    assert source.wants_key()
    source.picture("VP8", frame("d", key=True), None)
    assert desk.pictures == [b"d"]


def test_who_is_muted_when_the_recording_begins_or_ends_is_muted_in_it() -> None:
    desk = Desk()
    party, source = desk.tap()
    party.gate(held=False, muted=True)
    desk.now = 150.0
    party.record(desk.tape)
    source.sound(0, b"s", 1.0, None)
    desk.now = 160.0
    party.record(None)
    assert desk.things == [Shut(150.0, 160.0, Lack.MUTED)]


def test_only_the_connection_in_use_is_kept() -> None:
    desk = Desk()
    party, first = desk.tap()
    party.record(desk.tape)
    second = party.source()
    second.sound(0, b"second", 1.0, None)
    first.sound(0, b"first", 1.0, None)
    party.use(second)
    second.sound(1, b"second", 1.0, None)
    first.sound(1, b"first", 1.0, None)
    assert [thing.data for thing in desk.things if isinstance(thing, Bit)] == [b"first", b"second"]
    one, other = (thing.source for thing in desk.things if isinstance(thing, Bit))
    assert one < other
    assert second.wants_key()
    assert not first.wants_key()


def test_a_stream_that_begins_anew_is_another_source() -> None:
    desk = Desk()
    party, source = desk.tap()
    party.record(desk.tape)
    source.sound(9_000_000, b"1", 1.0, None)
    source.restart()
    source.sound(0, b"2", 2.0, None)
    before, after = (thing.source for thing in desk.things if isinstance(thing, Bit))
    assert before < after


def test_what_the_tape_does_not_take_is_a_gap_until_it_does() -> None:
    desk = Desk()
    party, source = desk.tap()
    party.record(desk.tape)
    source.picture("VP8", frame("a", key=True), None)
    desk.full = True
    source.sound(0, b"s", 1.0, None)
    desk.now, desk.full = 104.0, False
    assert source.wants_key()
    source.picture("VP8", frame("b"), None)
    assert desk.pictures == [b"a"], "what leans on a picture that was left out is left out too"
    source.picture("VP8", frame("c", key=True), None)
    assert desk.shut == [Shut(100.0, 104.0, Lack.BEHIND)]


def test_who_leaves_is_told() -> None:
    desk = Desk()
    party, _ = desk.tap()
    party.record(desk.tape)
    party.leave()
    assert desk.things == [Gone()]
