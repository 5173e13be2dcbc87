"""What a phone brought afterwards of a time that the recording lacks."""

from signing.domain.backfill import Piece
from signing.domain.beijing import BEIJING
from signing.domain.events.base import Happening, at, of
from signing.domain.party import Party

KEPT = "backfill.kept"


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


def _said(piece: Piece, seconds: float) -> str:
    clock = f"{piece.since.astimezone(BEIJING):%H:%M:%S}"
    return f"{clock} 的照片" if piece.kind == "image/jpeg" else f"{clock} 起 {seconds:g} 秒的画面和声音"
