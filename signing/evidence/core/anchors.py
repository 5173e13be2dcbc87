"""Whether the files of a package are those its events speak of. The rules are in ``signing.evidence``'s docstring."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from signing.domain.ledger import parse_canonical
from signing.domain.readable import Readable, View, whole_of
from signing.evidence.core.book import Book, Mismatch
from signing.evidence.core.manifest import sha256_of

DOCUMENT_KEYS = ("frozen_sha256", "revision_sha256", "current_sha256", "sha256", "final_sha256")
DIGEST = re.compile(r"[0-9a-f]{64}")
ANCHORED = ("documents/", "recordings/", "snapshots/", "strokes/", "consents/", "seals/", "backfill/")
SEGMENTS = ".segments.json"
IDENTITY_ACCEPTED = "identity.accepted"
RECORDING_LOST = "recording.lost"
RECORDING_HEAD = "recording.head"
RECORDING_STARTED = "recording.started"
DOCUMENT_VOIDED = "document.voided"


@dataclass
class Named:
    """The digests that events name, in order of time. ``documents``, ``recordings``, ``chains`` and ``certificates``
    go by identifier, ``bindings`` and ``people`` (who signed) by the certificate's digest; ``identities`` maps the
    digest of each line that accepts an identity to the party it accepts."""

    documents: dict[str, list[str]] = field(default_factory=dict)
    void: list[str] = field(default_factory=list)
    """Documents that a change of terms made void before anybody had signed them."""
    recordings: dict[str, str] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    """Recordings that a supervisor declared lost, with the reason; their files are not expected."""
    chains: dict[str, str] = field(default_factory=dict)
    heads: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """Of each recording, what went on the chain while it ran: a segment's number and its chain value."""
    ran: dict[str, None] = field(default_factory=dict)
    """Recordings that began or of which a head went on the chain, in order; each must be here, or declared lost."""
    certificates: dict[str, list[str]] = field(default_factory=dict)
    bindings: dict[str, str] = field(default_factory=dict)
    people: dict[str, object] = field(default_factory=dict)
    identities: dict[str, object] = field(default_factory=dict)
    images: list[str] = field(default_factory=list)
    strokes: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    seals: list[str] = field(default_factory=list)
    """Electronic seals of GB/T 38540-2020."""
    backfill: list[str] = field(default_factory=list)
    """What phones kept of their own side and brought afterwards."""
    sealed: dict[str, list[str]] = field(default_factory=dict)
    """The documents that each of them is named with."""
    cases: list[str] = field(default_factory=list)


def read_events(data: bytes) -> list[bytes]:
    """The lines without their newlines; every line has one. Raises ``Mismatch``."""
    if not data.endswith(b"\n"):
        raise Mismatch("事件链最后一行不完整")
    return data[:-1].split(b"\n")


def collect(lines: list[bytes]) -> Named:
    named = Named()
    for line in lines:
        record = json.loads(line)
        if record["type"] == IDENTITY_ACCEPTED:
            named.identities[hashlib.sha256(line).hexdigest()] = record["body"].get("party_id")
        if record["type"] in (RECORDING_STARTED, RECORDING_HEAD):
            named.ran[str(record["body"]["recording_id"])] = None
        if record["type"] == RECORDING_HEAD:
            _take_head(record["body"], named)
            continue
        for body in _objects(record["body"]):
            _take(body, named)
        if record["type"] == DOCUMENT_VOIDED:
            named.void.append(str(record["body"]["document_id"]))
        if record["type"] == RECORDING_LOST:
            named.lost[str(record["body"]["recording_id"])] = str(record["body"]["reason"])
    for recording in named.lost:
        named.recordings.pop(recording, None)
    return named


def _take_head(body: Mapping[str, object], named: Named) -> None:
    head = (int(str(body["index"])), str(body["chain"]))
    named.heads.setdefault(str(body["recording_id"]), []).append(head)


def _objects(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(inner)


def _take(body: Mapping[str, object], named: Named) -> None:
    document, recording = body.get("document_id"), body.get("recording_id")
    certificate, binding = body.get("certificate_sha256"), body.get("binding")
    if isinstance(certificate, str) and isinstance(binding, str):
        named.bindings[certificate] = binding
        named.people[certificate] = body.get("party_id")
    for key, value in body.items():
        if not isinstance(value, str) or not DIGEST.fullmatch(value):
            continue
        if isinstance(document, str) and key in DOCUMENT_KEYS:
            named.documents.setdefault(document, []).append(value)
        elif isinstance(document, str) and key == "national_seal_sha256":
            named.sealed.setdefault(value, []).append(document)
        elif isinstance(document, str) and key == "certificate_sha256":
            named.certificates.setdefault(document, []).append(value)
        elif isinstance(recording, str) and key in ("sha256", "chain"):
            (named.recordings if key == "sha256" else named.chains)[recording] = value
        _take_plain(key, value, named)


def _take_plain(key: str, value: str, named: Named) -> None:
    lists = {
        "image_sha256": named.images,
        "strokes_sha256": named.strokes,
        "text_sha256": named.texts,
        "national_seal_sha256": named.seals,
        "backfill_sha256": named.backfill,
        "case_sha256": named.cases,
    }
    if key in lists:
        lists[key].append(value)


def check_anchors(files: Mapping[str, Readable], digests: Mapping[str, str], named: Named, book: Book) -> None:
    """``digests`` are the files' SHA-256 in hexadecimal."""
    for document, said in named.documents.items():
        _check_revisions(f"documents/{document}.pdf", files, said, book)
    for recording, digest in named.recordings.items():
        _check_recording(recording, files, digests, digest, named, book)
    for recording in named.ran:
        if recording not in named.recordings and recording not in named.lost:
            book.bad(f"recordings/{recording}.mp4", "事件链记有这段录像，但包内没有，也没有声明遗失", missing=True)
    for recording, reason in named.lost.items():
        book.note(f"recordings/{recording}.mp4", f"已由主管声明遗失，包内没有这段录像：{reason}")
    _check_set("snapshots/", named.images, digests, book)
    _check_set("strokes/", named.strokes, digests, book)
    _check_set("consents/", named.texts, digests, book)
    _check_set("seals/", named.seals, digests, book)
    _check_set("backfill/", named.backfill, digests, book)
    _check_case(digests, named, book)
    for name in files:
        if name.startswith(ANCHORED) and not _is_named(name, named, digests[name]):
            book.bad(name, "事件链没有提到这个文件")


def _is_named(name: str, named: Named, digest: str) -> bool:
    folder, _, rest = name.partition("/")
    stem = rest.partition(".")[0]
    if folder == "recordings":
        return stem in named.recordings and rest in (f"{stem}.mp4", f"{stem}{SEGMENTS}")
    if folder == "documents":
        return stem in named.documents and rest == f"{stem}.pdf"
    sets = {
        "snapshots": named.images,
        "strokes": named.strokes,
        "consents": named.texts,
        "seals": named.seals,
        "backfill": named.backfill,
    }
    return digest in sets[folder]


def _check_revisions(name: str, files: Mapping[str, Readable], said: list[str], book: Book) -> None:
    if name not in files:
        book.bad(name, "事件链提到，但包内没有", missing=True)
        return
    data = whole_of(files[name])
    known = set(revision_digests(data))
    whole = hashlib.sha256(data).hexdigest()
    if said[-1] != whole:
        book.bad(name, "与事件链最后记录的摘要不一致")
    elif not set(said) <= known | {whole}:
        book.bad(name, "不是由事件链记录的各个版本逐次追加而成")
    else:
        book.good(name, f"与事件链记录的 {len(set(said))} 个版本一致")


def revision_digests(pdf: bytes) -> list[str]:
    """SHA-256 of every prefix that ends a revision: after an end-of-file mark, with and without its line end."""
    digests: list[str] = []
    running, place = hashlib.sha256(), 0
    for match in re.finditer(rb"%%EOF(?=(\r\n|\n|\r)?)", pdf):
        for end in sorted({match.end(), match.end() + len(match.group(1) or b"")}):
            running.update(pdf[place:end])
            place = end
            digests.append(running.copy().hexdigest())
    return digests


def _check_recording(
    recording: str,
    files: Mapping[str, Readable],
    digests: Mapping[str, str],
    said: str,
    named: Named,
    book: Book,
) -> None:
    name, segments = f"recordings/{recording}.mp4", f"recordings/{recording}{SEGMENTS}"
    for wanted in (name, segments):
        if wanted not in files:
            book.bad(wanted, "事件链提到录像，但包内没有这个文件", missing=True)
    if name not in files or segments not in files:
        return
    if digests[name] != said:
        book.bad(name, "与事件链记录的录像摘要不一致")
        return
    with book.blaming(segments):
        links = check_segments(files[name], whole_of(files[segments]), recording, named.chains.get(recording))
        book.good(segments, f"{len(links)} 个分段逐段相接，覆盖整个录像")
        if _check_heads(name, named.heads.get(recording, ()), links, book):
            book.good(name, "与事件链记录一致")


def _check_heads(name: str, heads: Sequence[tuple[int, str]], links: list[str], book: Book) -> bool:
    """What went on the chain while the call ran lies on the chain of this very recording."""
    for index, chain in heads:
        if index >= len(links) or links[index] != chain:
            book.bad(name, f"第 {index + 1} 段与通话中上链的链值不符，录像被换过")
            return False
    if heads:
        book.good(name, f"通话中上链的 {len(heads)} 个链值都在这段录像上")
    return True


def check_segments(video: Readable, data: bytes, recording: str, chain: str | None) -> list[str]:
    """The chain value after each segment; they cover ``video`` without a gap. Raises ``Mismatch``."""
    record = parse_canonical(data)
    if not isinstance(record, dict) or set(record) != {"recording_id", "segments"}:
        raise Mismatch("分段清单的字段不对")
    place, link, links = 0, bytes(32), list[str]()
    for index, segment in enumerate(record["segments"]):
        piece = View(video, place, place + segment["size"])
        digest = sha256_of(piece)
        link = hashlib.sha256(link + digest).digest()
        found = {"offset": place, "size": len(piece), "sha256": digest.hex(), "chain": link.hex()}
        if any(segment[key] != value for key, value in found.items()) or segment["index"] not in (index, index + 1):
            raise Mismatch(f"录像第 {index + 1} 段与清单不一致")
        place += len(piece)
        links.append(link.hex())
    if place != len(video) or record["recording_id"] != recording or chain not in (None, link.hex()):
        raise Mismatch("分段清单与录像不对应")
    return links


def _check_set(folder: str, said: list[str], digests: Mapping[str, str], book: Book) -> None:
    there = {digest: name for name, digest in digests.items() if name.startswith(folder)}
    for digest in dict.fromkeys(said):
        if digest in there:
            book.good(there[digest], "与事件链记录一致")
        else:
            book.bad(f"{folder}{digest}", "事件链提到，但包内没有", missing=True)


def _check_case(digests: Mapping[str, str], named: Named, book: Book) -> None:
    if not named.cases:
        book.skip("事件链没有记录 case.json 的摘要，因此只核对了清单中的摘要")
    elif digests.get("case.json") != named.cases[-1]:
        book.bad("case.json", "与事件链记录的摘要不一致")


def check_canonical(data: bytes) -> Mapping[str, object]:
    """The object it is. Raises ``ValueError`` where it is not the canonical form of a JSON object."""
    value = parse_canonical(data)
    if not isinstance(value, dict):
        raise Mismatch("不是 JSON 对象")
    return value
