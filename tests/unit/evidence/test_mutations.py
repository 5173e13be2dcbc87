"""Whatever is done to a package, it is no longer valid, and the item to blame is named."""

import asyncio
import io
import json
import random
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from signing.domain.ledger import canonical
from signing.domain.readable import whole_of
from signing.evidence.core.container import pack
from signing.evidence.core.manifest import CLOSING
from signing.evidence.package import AsicPackageBuilder
from signing.evidence.verify import judge_package, verify_package
from signing.service.ports import EvidenceParts
from signing.wire.audit import Verdict
from tests.fakes.notary import Notary, Shape, issue, revocation_list
from tests.unit.evidence.samples import CONSENT, SNAPSHOT, chain_of, entries_of, parts_of, rebuild, segments_of, sha

NESTED = b"[" * 200_000
"""JSON that no reader follows to its end."""
SAMPLE = 80
"""Of the entries a digest covers; those that nothing covers are tried at each byte."""


def build(notary: Notary, parts: EvidenceParts) -> bytes:
    return whole_of(asyncio.run(AsicPackageBuilder(notary).build(parts, datetime.now(UTC))))


def test_a_package_is_valid_as_it_was_built(package: bytes, notary: Notary) -> None:
    report = verify_package(package, notary.trust_pem())
    assert (report.verdict, report.first_bad_item) == (Verdict.VALID, None)
    assert {item.name for item in report.items} == set(entries_of(package))
    assert (report.signatures, report.timestamps) == (1, 1)
    assert rebuild(package, lambda _, data: data) == package


def test_without_a_trusted_root_the_report_says_so(package: bytes) -> None:
    report = verify_package(package)
    assert report.verdict is Verdict.VALID
    assert any("根证书取自包内" in line for line in report.not_checked)


def places(name: str, size: int, *, trusting: bool) -> list[int]:
    if trusting and name in ("mimetype", "META-INF/timestamp001.tst"):
        return list(range(size))
    return sorted({0, size - 1, *random.Random(name).sample(range(size), min(size, SAMPLE))})


ENTRIES = [
    "mimetype",
    "case.json",
    "events.jsonl",
    "certificates/evidence.pem",
    "certificates/root.pem",
    "certificates/tsa.pem",
    "recordings/rec_1.mp4",
    "recordings/rec_1.segments.json",
    "revocation/root.crl",
    "snapshots/face.jpg",
    "strokes/s1.json",
    "consents/c1.json",
    "VERIFY.md",
    "verify.py",
    *CLOSING,
]


@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize("trusting", [True, False])
def test_no_byte_of_any_entry_can_change(package: bytes, notary: Notary, name: str, *, trusting: bool) -> None:
    entries = entries_of(package)
    assert list(entries) == list(dict.fromkeys(["mimetype", *sorted(ENTRIES, key=list(entries).index)]))
    chance = random.Random(name)
    trust = notary.trust_pem() if trusting else None
    for place in places(name, len(entries[name]), trusting=trusting):
        changed = bytearray(entries[name])
        changed[place] ^= 1 << chance.randrange(8)
        judgement = judge_package(pack(entries | {name: bytes(changed)}), trust)
        assert judgement.verdict != "valid", (name, place)
        assert judgement.first_bad_item == name, (name, place, judgement.headline)


@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"\0", lambda _: b""])
def test_no_entry_can_shrink_or_grow(package: bytes, name: str, change: Callable[[bytes], bytes]) -> None:
    broken = rebuild(package, lambda entry, data: change(data) if entry == name else data)
    judgement = judge_package(broken)
    assert judgement.verdict != "valid"
    assert judgement.first_bad_item == name


def test_no_byte_of_the_container_can_change(package: bytes) -> None:
    chance = random.Random(11)
    tail = package.index(b"PK\x01\x02")
    headers = [at for at in range(len(package) - 30) if package[at : at + 4] == b"PK\x03\x04"]
    chosen = {at + step for at in headers for step in range(40)} | set(range(tail, len(package)))
    framing = chance.sample(sorted(chosen), 500)
    for place in [*framing, *chance.sample(range(len(package)), 100)]:
        changed = bytearray(package)
        changed[place] ^= 1 << chance.randrange(8)
        assert judge_package(bytes(changed)).verdict != "valid", place
    assert tail > headers[-1]


@pytest.mark.parametrize("cut", [0, 1, 21, 22, 1000, -1000, -22, -1])
def test_a_part_of_a_package_is_not_valid(package: bytes, cut: int) -> None:
    assert judge_package(package[:cut]).verdict == "unreadable"


@pytest.mark.parametrize("where", ["before", "after", "comment"])
def test_nothing_may_stand_around_the_entries(package: bytes, where: str) -> None:
    comment = package[:-2] + b"\x05\0hello"
    around = {"before": b"x" + package, "after": package + b"x", "comment": comment}[where]
    assert judge_package(around).verdict in ("altered", "unreadable")


@pytest.mark.parametrize("name", ENTRIES)
def test_a_missing_entry_is_named(package: bytes, name: str) -> None:
    entries = entries_of(package)
    del entries[name]
    judgement = judge_package(pack(entries))
    assert judgement.verdict in ("incomplete", "altered")
    assert judgement.first_bad_item == name


def test_a_missing_recording_makes_a_package_incomplete(package: bytes) -> None:
    entries = entries_of(package)
    del entries["recordings/rec_1.mp4"]
    assert verify_package(pack(entries)).verdict is Verdict.INCOMPLETE


def test_a_recording_that_was_declared_lost_is_a_finding_and_never_passed_over(notary: Notary) -> None:
    promised = ("recording.finished", {"recording_id": "rec_2", "sha256": sha(b"gone"), "chain": sha(b"chain")})
    lost = ("recording.lost", {"recording_id": "rec_2", "reason": "硬盘损坏", "sha256": sha(b"gone")})
    parts = parts_of(more=[promised, lost])
    report = verify_package(build(notary, parts), notary.trust_pem())
    (row,) = [item for item in report.items if item.name == "recordings/rec_2.mp4"]
    assert report.verdict is Verdict.VALID
    assert "1 段录像已声明遗失" in report.headline
    assert (row.ok, "硬盘损坏" in row.detail) == (False, True)
    put_back = EvidenceParts(parts.case_json, parts.events, {**parts.files, "recordings/rec_2.mp4": b"gone"})
    assert verify_package(build(notary, put_back), notary.trust_pem()).verdict is Verdict.ALTERED
    assert verify_package(build(notary, parts_of(more=[promised])), notary.trust_pem()).verdict is Verdict.INCOMPLETE


@pytest.mark.parametrize("name", ["documents/extra.pdf", "readme.txt", "META-INF/more.xml", "snapshots/other.jpg"])
def test_an_added_entry_is_named(package: bytes, name: str) -> None:
    judgement = judge_package(pack(entries_of(package) | {name: b"more"}))
    assert (judgement.verdict, judgement.first_bad_item) == ("altered", name)


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../b", "a\\b", "C:evil", "名字"])
def test_a_name_that_leads_elsewhere_is_refused(package: bytes, name: str) -> None:
    target = io.BytesIO(package)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(name, b"evil")
    judgement = judge_package(target.getvalue())
    assert (judgement.verdict, judgement.first_bad_item) == ("altered", name)


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
@pytest.mark.parametrize("name", ["case.json", "meta-inf/signature001.p7s"])
def test_a_name_may_appear_once(package: bytes, name: str) -> None:
    target = io.BytesIO(package)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(name, b"{}")
    judgement = judge_package(target.getvalue())
    assert (judgement.verdict, judgement.first_bad_item) == ("altered", name)


def test_the_order_is_part_of_a_package(package: bytes) -> None:
    entries = entries_of(package)
    names = list(entries)
    for first in range(len(names) - 1):
        swapped = [*names[:first], names[first + 1], names[first], *names[first + 2 :]]
        judgement = judge_package(pack({name: entries[name] for name in swapped}))
        assert judgement.verdict == "altered", swapped
        assert judgement.first_bad_item in names[first : first + 2]


def test_a_compressed_copy_is_not_the_package(package: bytes) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries_of(package).items():
            archive.writestr(name, data)
    assert judge_package(target.getvalue()).verdict == "altered"
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(2**26 + 1))
    assert judge_package(target.getvalue()).verdict == "unreadable"


def test_recordings_cannot_be_swapped_between_packages(package: bytes, notary: Notary) -> None:
    other = entries_of(build(notary, parts_of(b"another video")))
    swapped = pack(entries_of(package) | {"recordings/rec_1.mp4": other["recordings/rec_1.mp4"]})
    judgement = judge_package(swapped, notary.trust_pem())
    assert (judgement.verdict, judgement.first_bad_item) == ("altered", "recordings/rec_1.mp4")


def test_another_authority_under_the_same_names_is_not_believed(notary: Notary, stranger: Notary) -> None:
    forged = build(stranger, parts_of())
    assert judge_package(forged).verdict == "valid"
    judgement = judge_package(forged, notary.trust_pem())
    assert (judgement.verdict, judgement.first_bad_item) == ("untrusted", "META-INF/timestamp001.tst")
    assert judgement.headline.startswith("不能追溯到您信任的根证书：META-INF/timestamp001.tst")
    assert "已被改动" not in judgement.headline


def test_what_nobody_known_signed_and_somebody_changed_is_altered_first_of_all(
    notary: Notary, stranger: Notary
) -> None:
    entries = entries_of(build(stranger, parts_of()))
    changed = pack(entries | {"case.json": b'{"case":{"case_id":"case_2","case_no":"SH2026-0002"}}'})
    assert judge_package(changed, notary.trust_pem()).verdict == "altered"
    left = {name: data for name, data in entries.items() if name != "VERIFY.md"}
    assert judge_package(pack(left), notary.trust_pem()).verdict == "altered"


@pytest.mark.parametrize("who", ["evidence", "tsa"])
def test_one_forged_signature_among_genuine_ones_is_named(notary: Notary, stranger: Notary, who: str) -> None:
    forged = build(notary.with_(**{who: getattr(stranger, who)}), parts_of())
    bad = {"evidence": "META-INF/signature001.p7s", "tsa": "META-INF/timestamp001.tst"}[who]
    judgement = judge_package(forged, notary.trust_pem())
    assert (judgement.verdict, judgement.first_bad_item) == ("altered", bad)


def test_a_time_stamping_certificate_cannot_sign_a_package(notary: Notary) -> None:
    judgement = judge_package(build(notary.with_(evidence=notary.tsa), parts_of()), notary.trust_pem())
    assert judgement.first_bad_item == "META-INF/signature001.p7s"


def test_an_ordinary_certificate_cannot_issue_others(notary: Notary) -> None:
    below = issue(Shape("冒名者"), notary.evidence)
    lists = {**notary.lists, "certificates/middle.pem": notary.evidence.pem()}
    judgement = judge_package(build(notary.with_(evidence=below, lists=lists), parts_of()), notary.trust_pem())
    assert judgement.first_bad_item == "META-INF/signature001.p7s"
    assert "无权签发" in judgement.headline


def test_an_expired_certificate_is_not_believed(notary: Notary) -> None:
    expired = issue(Shape("过期证书", not_after=datetime.now(UTC) - timedelta(hours=1)), notary.root)
    judgement = judge_package(build(notary.with_(evidence=expired), parts_of()), notary.trust_pem())
    assert judgement.first_bad_item == "META-INF/signature001.p7s"
    assert "有效期" in judgement.headline


def test_a_revoked_certificate_is_not_believed(notary: Notary) -> None:
    lists = {"revocation/root.crl": revocation_list(notary.root, notary.evidence)}
    judgement = judge_package(build(notary.with_(lists=lists), parts_of()), notary.trust_pem())
    assert judgement.first_bad_item == "META-INF/signature001.p7s"
    assert "吊销" in judgement.headline


def test_without_revocation_lists_the_report_says_so(notary: Notary) -> None:
    report = verify_package(build(notary.with_(lists={}), parts_of()), notary.trust_pem())
    assert report.verdict is Verdict.VALID
    assert any("吊销" in line for line in report.not_checked)


# What a dishonest service could build with its own keys: the events speak against it.

Forge = Callable[[EvidenceParts], EvidenceParts]


def without_last_event(parts: EvidenceParts) -> EvidenceParts:
    return EvidenceParts(parts.case_json, parts.events[:-2], parts.files)


def with_lost_event(parts: EvidenceParts) -> EvidenceParts:
    return EvidenceParts(parts.case_json, [*parts.events[:1], *parts.events[2:]], parts.files)


def changing(name: str, data: bytes | None) -> Forge:
    def forge(parts: EvidenceParts) -> EvidenceParts:
        files = dict(parts.files)
        files.pop(name, None)
        return EvidenceParts(parts.case_json, parts.events, files if data is None else files | {name: data})

    return forge


def with_late_event(parts: EvidenceParts) -> EvidenceParts:
    late = datetime(2099, 1, 1, tzinfo=UTC)
    return EvidenceParts(parts.case_json, chain_of([("case.opened", {})], late), {})


def with_other_case(parts: EvidenceParts) -> EvidenceParts:
    return EvidenceParts(
        canonical({"case": {"case_id": "case_2", "case_no": "SH2026-0002"}}), parts.events, parts.files
    )


def with_edited_event(parts: EvidenceParts) -> EvidenceParts:
    record = json.loads(parts.events[0])
    edited = canonical(record | {"body": {"case_no": "SH2026-9999"}})
    return EvidenceParts(parts.case_json, [edited, *parts.events[1:]], parts.files)


@pytest.mark.parametrize(
    ("forge", "verdict", "bad"),
    [
        (without_last_event, "altered", "recordings/rec_1.mp4"),
        (with_lost_event, "altered", "events.jsonl"),
        (with_edited_event, "altered", "events.jsonl"),
        (with_late_event, "altered", "events.jsonl"),
        (with_other_case, "altered", "case.json"),
        (changing("recordings/rec_1.mp4", b"short"), "altered", "recordings/rec_1.mp4"),
        (changing("recordings/rec_1.mp4", None), "incomplete", "recordings/rec_1.mp4"),
        (changing("recordings/rec_1.segments.json", b"{}"), "altered", "recordings/rec_1.segments.json"),
        (changing("recordings/rec_1.segments.json", None), "incomplete", "recordings/rec_1.segments.json"),
        (changing("snapshots/face.jpg", None), "incomplete", f"snapshots/{sha(SNAPSHOT)}"),
        (changing("consents/c1.json", None), "incomplete", f"consents/{sha(CONSENT)}"),
        (changing("consents/second.json", b"other words"), "altered", "consents/second.json"),
        (changing("snapshots/second.jpg", b"another"), "altered", "snapshots/second.jpg"),
        (changing("documents/doc_9.pdf", b"%PDF"), "altered", "documents/doc_9.pdf"),
        (changing("certificates/root.pem", b"nonsense"), "altered", "certificates/root.pem"),
        (changing("log/inclusion.json", b"{}"), "altered", "log/inclusion.json"),
        (changing("log/inclusion.json", NESTED), "altered", "log/inclusion.json"),
        (changing("recordings/rec_1.segments.json", NESTED), "altered", "recordings/rec_1.segments.json"),
    ],
)
def test_events_and_files_must_agree(notary: Notary, forge: Forge, verdict: str, bad: str) -> None:
    judgement = judge_package(build(notary, forge(parts_of())), notary.trust_pem())
    assert (judgement.verdict, judgement.first_bad_item) == (verdict, bad)


@pytest.mark.parametrize(
    "segments", [None, "abc", 1, [1], [{}], [{"size": -1}], [{"size": "1"}], [{"size": 2**53 - 1}]]
)
def test_a_list_of_segments_of_any_shape_is_judged(notary: Notary, segments: object) -> None:
    name = "recordings/rec_1.segments.json"
    forge = changing(name, canonical({"recording_id": "rec_1", "segments": segments}))
    judgement = judge_package(build(notary, forge(parts_of())), notary.trust_pem())
    assert (judgement.verdict, judgement.first_bad_item) == ("altered", name)


@pytest.mark.parametrize("seed", range(12))
def test_rubbish_is_judged_and_never_raises(package: bytes, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(10):
        data = bytearray(package)
        for _ in range(chance.randrange(1, 30)):
            start = chance.randrange(len(data))
            data[start : start + chance.randrange(9)] = chance.randbytes(chance.randrange(9))
        assert bytes(data) == package or judge_package(bytes(data)).verdict != "valid"


# --- the heads of a recording's chain -------------------------------------------------------------------------------


def with_heads(video: bytes, *heads: tuple[int, str]) -> EvidenceParts:
    """Heads of ``rec_1`` on the chain of a package whose recording is ``video``."""
    more = [
        ("recording.head", {"recording_id": "rec_1", "index": n, "chain": chain, "seconds": 0}) for n, chain in heads
    ]
    return parts_of(video, more)


def test_heads_that_lie_on_the_recordings_chain_are_counted(notary: Notary) -> None:
    video = b"video " * 500
    rows = segments_of(video)
    report = verify_package(build(notary, with_heads(video, *((n, str(rows[n]["chain"])) for n in (1, 2)))))
    assert report.verdict is Verdict.VALID
    (row,) = [item for item in report.items if item.name == "recordings/rec_1.mp4"]
    assert "上链的 2 个链值" in row.detail


def test_a_recording_that_was_swapped_for_another_is_named(notary: Notary) -> None:
    """All else fits the other recording: its digest, its list of segments, the event of its read-back."""
    ran, other = b"video " * 500, b"other " * 500
    head = (1, str(segments_of(ran)[1]["chain"]))
    report = verify_package(build(notary, with_heads(other, head)))
    assert report.verdict is Verdict.ALTERED
    assert report.first_bad_item == "recordings/rec_1.mp4"
    (row,) = [item for item in report.items if item.name == "recordings/rec_1.mp4"]
    assert "录像被换过" in row.detail


def test_a_recording_that_ends_before_its_last_head_is_named(notary: Notary) -> None:
    video = b"video " * 500
    report = verify_package(build(notary, with_heads(video, (7, "ab" * 32))))
    assert (report.verdict, report.first_bad_item) == (Verdict.ALTERED, "recordings/rec_1.mp4")


STARTED = ("recording.started", {"recording_id": "rec_2", "call_id": "call_2"})
HEAD = ("recording.head", {"recording_id": "rec_2", "index": 3, "chain": "ab" * 32, "seconds": 3.0})
UNKNOWN = ("recording.finished", {"recording_id": "rec_2", "sha256": None, "chain": "ab" * 32})
LOST = ("recording.lost", {"recording_id": "rec_2", "reason": "硬盘损坏", "sha256": None})


@pytest.mark.parametrize("more", [[STARTED], [HEAD], [STARTED, HEAD], [STARTED, UNKNOWN], [STARTED, HEAD, UNKNOWN]])
def test_a_recording_that_ran_and_was_left_out_of_the_package_is_missed(
    notary: Notary, more: list[tuple[str, dict[str, object]]]
) -> None:
    """Whoever builds the package leaves out the file and the event of its read-back too: no digest speaks of it."""
    report = verify_package(build(notary, parts_of(more=more)), notary.trust_pem())
    assert (report.verdict, report.first_bad_item) == (Verdict.INCOMPLETE, "recordings/rec_2.mp4")
    (row,) = [item for item in report.items if item.name == "recordings/rec_2.mp4"]
    assert "没有声明遗失" in row.detail
    as_lost = verify_package(build(notary, parts_of(more=[*more, LOST])), notary.trust_pem())
    assert as_lost.verdict is Verdict.VALID
    assert "1 段录像已声明遗失" in as_lost.headline


def test_a_recording_too_short_for_a_head_needs_none(notary: Notary) -> None:
    started = ("recording.started", {"recording_id": "rec_1", "call_id": "call_1"})
    report = verify_package(build(notary, parts_of(more=[started])), notary.trust_pem())
    assert (report.verdict, report.first_bad_item) == (Verdict.VALID, None)
