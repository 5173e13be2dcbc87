"""A customer's own track."""

from datetime import timedelta

from signing.domain.case import Track
from signing.domain.events.base import Body, Happening, at, of
from signing.domain.heads import Head
from signing.domain.party import Party
from signing.domain.track import LACKS


def track_started(party: Party, track: Track) -> Happening:
    told: Body = {"call_id": track.call_id, "started_at": at(track.started_at), "video_codec": track.video_codec}
    return of(party, "track.started", track_id=track.track_id, file=track.file, **told)


def track_head(party: Party, track: Track, head: Head, late_by: timedelta | None = None) -> Happening:
    """``late_by``: how long after it was taped the segment came, where that is more than a delivery takes."""
    told: Body = {"index": head.index, "chain": head.chain, "seconds": head.seconds, "clock": _clock(head.seconds)}
    late = {} if late_by is None else {"late_seconds": round(late_by.total_seconds())}
    return of(party, "track.head", track_id=track.track_id, **told, **late)


def track_finished(party: Party, track: Track) -> Happening:
    gaps = [{"from": start, "to": end, "lack": lack} for start, end, lack in track.gaps]
    told: Body = {"segments": track.segments, "chain": track.chain, "sha256": track.sha256, "size": track.size}
    said = {"gaps": gaps, "given_up": track.given_up, "said": _said(track)}
    return of(party, "track.finished", track_id=track.track_id, **told, duration_seconds=track.duration_seconds, **said)


def _said(track: Track) -> str:
    """For the title: what a person looking for the track should know first."""
    if track.given_up:
        return f"，中途停止保存：{track.given_up}"
    kinds = dict.fromkeys(LACKS[lack] for _, _, lack in track.gaps)
    return f"，其中缺少 {len(track.gaps)} 处（{'、'.join(kinds)}）" if kinds else ""


def track_read_back(party: Party, track: Track) -> Happening:
    kind = "track.damaged" if track.findings else "track.verified"
    return of(party, kind, track_id=track.track_id, sha256=track.sha256, findings=list(track.findings))


def track_lost(party: Party, track: Track) -> Happening:
    return of(party, "track.lost", track_id=track.track_id, file=track.file, reason=track.lost_reason)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"
