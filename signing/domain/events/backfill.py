"""What a phone brought afterwards of a time that the recording lacks."""

from signing.domain.backfill import Keeps, Piece
from signing.domain.beijing import BEIJING
from signing.domain.events.base import Happening, at, of
from signing.domain.party import Party

KEPT = "backfill.kept"
KEEPS = "backfill.keeps"
_KEEPS = {
    Keeps.WHOLE: "又有余力，重新保存自己的画面和声音",
    Keeps.SOUND: "余力不足，只保存自己的声音和照片，不保存画面",
    Keeps.STILLS: "余力不足或不能录音录像，只保存照片",
    Keeps.NOTHING: "没有地方可存，不保存自己的画面和声音",
}


def backfill_kept(party: Party, piece: Piece, sha256: str, size: int) -> Happening:
    """``backfill_sha256`` names the file; ``source`` says who alone has seen it. Times by the phone's clock."""
    seconds = round((piece.until - piece.since).total_seconds(), 1)
    return of(
        party,
        KEPT,
        call_id=piece.call_id,
        since=at(piece.since),
        until=at(piece.until),
        kind=piece.kind,
        size=size,
        backfill_sha256=sha256,
        source="phone",
        said=_said(piece, seconds),
    )


def backfill_keeps(party: Party, call_id: str, keeps: Keeps) -> Happening:
    """From here on; where the line is lost later, nothing else can be brought of it."""
    return of(party, KEEPS, call_id=call_id, keeps=keeps.value, source="phone", said=_KEEPS[keeps])


def _said(piece: Piece, seconds: float) -> str:
    clock = f"{piece.since.astimezone(BEIJING):%H:%M:%S}"
    if piece.kind == "image/jpeg":
        return f"{clock} 的照片"
    return f"{clock} 起 {seconds:g} 秒的{'声音' if piece.kind.startswith('audio/') else '画面和声音'}"
