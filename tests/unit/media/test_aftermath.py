"""What faults leave behind: of somebody who was let go, of a disk that refused, of a process killed while it wrote, or
of a file that somebody changed."""

import hashlib
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from media.core.chain import link
from media.core.frames import Frame
from media.core.matroska import BLOCK, CLUSTER, DATE, INFO, SOUND, TIMESTAMP, Block, _element, blocks_of, header
from media.core.timeline import Timeline
from media.parts import Parts
from media.recovery import recover_sealed
from media.sealedstore import SealedStore, read_told, sealed_path, told_links
from media.sealing import new_key
from media.trackfile import About, TrackFile, tracks_beside
from media.trackreadback import read_track
from media.tracktap import PartyTap, Tap
from media.tracktape import TrackTape
from media.waiting import make_room, waiting_path
from tests.unit.media.tracks import encoded, opus

AT = datetime(2026, 11, 27, 2, 0, 0, tzinfo=UTC)


def speak(source: Tap, begin: float) -> None:
    """A second of pictures and sound from ``begin``, in monotonic seconds."""
    for number, (data, key) in enumerate(encoded("VP8")[:10]):
        source.picture("VP8", Frame(number * 9000, data, key, False, begin + number / 10), None)
    for number in range(50):
        source.sound(number * 960, opus(), begin + number / 50, None)


def sounds(path: Path) -> int:
    return sum(block.track == SOUND for block in blocks_of(path.read_bytes()))


def test_nothing_of_somebody_who_was_let_go_is_kept(tmp_path: Path) -> None:
    """Packets come until their connection is closed."""
    now = time.monotonic() - 60
    tape = TrackTape(tmp_path / "recording.mp4", None, Timeline(AT, round(now * 1e9)), print)
    tap = PartyTap("par_1")
    source = tap.source()
    tap.use(source)
    tap.record(tape)
    speak(source, now + 1)
    tap.leave()
    speak(source, now + 3)
    tape.stop()
    (kept,) = tracks_beside(tmp_path / "recording.mp4")
    assert 0 < sounds(kept) <= 50


def test_a_track_promises_no_digest_over_what_the_disk_refused(tmp_path: Path) -> None:
    key, path = new_key(), tmp_path / "recording-track-01.mkv"
    track = TrackFile(path, About("par", AT, "", 0, 0), None, key)
    for milli in (0, 2000):
        track.write([Block(2, milli, True, opus())])
    sealed_path(path, 3).mkdir()
    with pytest.raises(OSError):
        track.write([Block(2, 4000, True, opus())])
    end = track.close(4.0, "磁盘")
    links = told_links(path)
    whole = hashlib.sha256(b"".join(read_told(path, key, links, index) for index in range(len(links))))
    assert end.size == links[-1].offset + links[-1].size
    assert end.sha256 in ("", whole.hexdigest())


def test_a_segment_torn_in_memory_does_not_stop_the_recovery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "spool").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    path, key = tmp_path / "spool" / "recording.mp4", new_key()
    store = SealedStore(path, key)
    for number in range(3):
        store.append(bytes([number]) * 1000, number)
    store.close()
    place = waiting_path(path)
    assert place is not None
    make_room(place)
    sealed_path(place, 3).write_bytes(b"half")
    found = recover_sealed(path, key, lambda ends: (AT, 3.0), lambda segments, seconds: ())
    assert len(found.segments) == 3
    assert not sealed_path(place, 3).exists()


@pytest.mark.parametrize("block", [b"", b"\x82", b"\x82\0\0"])
def test_a_piece_whose_block_is_cut_short_is_named_and_stops_nobody(block: bytes) -> None:
    cut = _element(CLUSTER, _element(TIMESTAMP, b"\0") + _element(BLOCK, block))
    assert read(header(AT, None, {}), cut) == ("第 2 段读不出来", "里面没有画面，也没有声音")


def test_a_beginning_whose_date_is_none_is_named_and_stops_nobody() -> None:
    dated = _element(INFO, _element(DATE, b"\0\0\0"))
    assert "第 1 段读不出来" in read(dated)


def read(*pieces: bytes) -> tuple[str, ...]:
    """What is found wrong with a track of these pieces."""
    links = [link(None, pieces[0], 0.0)]
    for piece in pieces[1:]:
        links.append(link(links[-1], piece, 0.0))
    return read_track(Parts(links, lambda one: pieces[one.index]), links).findings
