"""Small packages whose parts are right, to be broken by the tests."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from signing.domain.ledger import GENESIS, append, canonical
from signing.service.ports import EvidenceParts

SNAPSHOT = b"\xff\xd8\xff\xe0 a face \xff\xd9"
STROKES = canonical({"width": 300.5, "height": 120, "strokes": [[{"x": 1.25, "y": 2, "t": 0, "pressure": 0.5}]]})
CONSENT = canonical({"kind": "recording", "title": "同意录音录像", "paragraphs": ["会全程录音录像。"]})
SYSTEM = {"kind": "system", "id": "system", "role": "system", "name": ""}


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def segments_of(video: bytes, size: int = 1000) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    link = bytes(32)
    for index, offset in enumerate(range(0, len(video), size)):
        piece = video[offset : offset + size]
        link = hashlib.sha256(link + hashlib.sha256(piece).digest()).digest()
        row = {"index": index, "offset": offset, "size": len(piece), "start_seconds": index * 2.0}
        rows.append(row | {"sha256": sha(piece), "chain": link.hex()})
    return rows


def chain_of(bodies: Sequence[tuple[str, Mapping[str, object]]], at: datetime | None = None) -> list[bytes]:
    lines: list[bytes] = []
    prev = GENESIS
    for seq, (kind, body) in enumerate(bodies, start=1):
        line = append(prev, seq, at or datetime.now(UTC), SYSTEM, kind, body)
        lines.append(line.data)
        prev = line.sha256
    return lines


def parts_of(video: bytes = b"video " * 500, more: Sequence[tuple[str, Mapping[str, object]]] = ()) -> EvidenceParts:
    """A recording, a snapshot, strokes and a consent's words, all named by events."""
    rows = segments_of(video)
    case = canonical({"case": {"case_id": "case_1", "case_no": "SH2026-0001"}})
    recording = {"recording_id": "rec_1", "sha256": sha(video), "chain": rows[-1]["chain"], "size": len(video)}
    bodies: list[tuple[str, Mapping[str, object]]] = [
        ("case.opened", {"case_no": "SH2026-0001"}),
        ("party.consent_given", {"text_sha256": sha(CONSENT)}),
        ("identity.face_compared", {"face": {"image_sha256": sha(SNAPSHOT)}}),
        ("document.signed", {"strokes_sha256": sha(STROKES)}),
        ("recording.verified", recording),
        *more,
        ("case.closed", {"case_sha256": sha(case)}),
    ]
    files = {
        "recordings/rec_1.mp4": video,
        "recordings/rec_1.segments.json": canonical({"recording_id": "rec_1", "segments": rows}),
        "snapshots/face.jpg": SNAPSHOT,
        "strokes/s1.json": STROKES,
        "consents/c1.json": CONSENT,
    }
    return EvidenceParts(case, chain_of(bodies), files)


def entries_of(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rebuild(package: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The same ZIP with other contents and right checksums, by another writer than ours."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as archive, zipfile.ZipFile(target, "w") as copy:
        for info in archive.infolist():
            copy.writestr(info, change(info.filename, archive.read(info)))
    return target.getvalue()
