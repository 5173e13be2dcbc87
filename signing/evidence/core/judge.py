"""The verification of a package as a whole, from the outermost proof inwards, so that blame falls on the right item.

The token vouches for the archive manifest, that for every other entry; the signature vouches for the manifest; the
chain of events vouches, a second time and by itself, for the files; each PDF vouches for itself.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from signing.domain.ledger import ChainBroken, verify_chain
from signing.domain.readable import Readable, whole_of
from signing.evidence.core.anchors import Named, check_anchors, check_canonical, collect, read_events
from signing.evidence.core.binding import check_bindings
from signing.evidence.core.book import Book, Judgement, Means, Mismatch, close_book, unreadable
from signing.evidence.core.cms import Token, check_imprint, check_one_spelling, check_token, read_token
from signing.evidence.core.container import ASICE, MIMETYPE, Container, NotAPackage, unpack
from signing.evidence.core.log import INCLUSION, check_inclusion
from signing.evidence.core.manifest import ARCHIVE, CLOSING, MANIFEST, SIGNATURE, TIMESTAMP, read_manifest, sha256_of
from signing.evidence.core.national import check_national
from signing.evidence.core.pdf import check_pdf, check_unsigned
from signing.evidence.core.renewal import RECORD, Renewal, check_later, check_renewals, made_by, read_record
from signing.evidence.core.tracks import check_tracks, collect_tracks
from signing.evidence.core.trust import Trust, beijing_day, gather_trust, good_until
from signing.evidence.core.x509 import Lapsed

REQUIRED = (MIMETYPE, "case.json", "events.jsonl", *CLOSING)
CLOCKS_MAY_DIFFER = timedelta(minutes=5)


@dataclass
class Work:
    """What one verification works on."""

    box: Container
    means: Means
    book: Book = field(default_factory=Book)
    digests: dict[str, str] = field(default_factory=dict)
    token: Token | None = None
    case_no: str | None = None
    renewals: Sequence[Renewal] = ()
    later: Sequence[Renewal] = ()
    """Made after the moment that is judged by."""

    @property
    def now(self) -> datetime:
        return self.means.at or datetime.now(UTC)

    def get(self, name: str) -> bytes | None:
        return whole_of(self.box.entries[name]) if name in self.box.entries else None


def judge(data: Readable, means: Means) -> Judgement:
    """Never raises for what a package holds: whatever is wrong becomes a row."""
    try:
        box = unpack(data)
        if (
            whole_of(box.entries.get(MIMETYPE, b"")) != ASICE
            and MANIFEST not in box.entries
            and ARCHIVE not in box.entries
        ):
            raise NotAPackage("不是证据包（缺少 ASiC-E 标志）")
    except NotAPackage as error:
        return unreadable(error)
    work = Work(box, means)
    work.digests = {name: sha256_of(entry).hex() for name, entry in box.entries.items()}
    _check_presence(work)
    _read_token(work)
    _check_archive(work)
    _read_renewals(work)
    trust = gather_trust(box.entries, means, work.book)
    if means.trust is None:
        trust = trust.with_roots(row for one in work.renewals for row in one.token.data.certificates)
    _check_token(work, trust)
    _check_renewals(work, data, trust, asked=means.at is not None)
    _check_manifest(work, trust)
    _check_contents(work, trust)
    _check_shape(work)
    return close_book(work.book)


def judge_archive(data: Readable, means: Means) -> tuple[datetime, datetime, int, str]:
    """(made at, holds until, renewals, fault) of the time-stamps around a package, nothing else of it being looked at.
    Raises ``NotAPackage``, ``ValueError`` where there is no time-stamp that can be read."""
    work = Work(unpack(data), means)
    _read_token(work)
    _read_renewals(work)
    if work.token is None:
        raise Mismatch(work.book.rows[TIMESTAMP].detail if TIMESTAMP in work.book.rows else "没有归档时间戳")
    trust = gather_trust(work.box.entries, means, work.book)
    _check_token(work, trust)
    _check_renewals(work, data, trust, asked=False)
    last = work.renewals[-1].token if work.renewals else work.token
    judgement = close_book(work.book)
    bad = judgement.first_bad_item
    try:
        until = good_until(trust.path(last.data, last.at, Book()))
    except ValueError:
        until = last.data.signer.not_after
    return last.at, until, len(work.renewals), f"{bad}：{work.book.rows[bad].detail}" if bad else ""


def _check_presence(work: Work) -> None:
    for name in REQUIRED:
        if name not in work.box.entries:
            work.book.bad(name, "包内没有这个文件", missing=True)
    if whole_of(work.box.entries.get(MIMETYPE, ASICE)) != ASICE:
        work.book.bad(MIMETYPE, "不是 ASiC-E 的类型标志")
    for name, fault in work.box.faults.items():
        if "校验和" not in fault:
            work.book.bad(name, fault)


def _read_token(work: Work) -> None:
    """A token whose own signature holds is believed about the archive manifest; else the token is to blame."""
    der = work.get(TIMESTAMP)
    if der is None:
        return
    with work.book.blaming(TIMESTAMP):
        token = read_token(der)
        check_one_spelling(token.data)
        check_token(token, work.means.crypto)
        work.token = token
    archive = work.get(ARCHIVE)
    if work.token is not None and archive is not None:
        with work.book.blaming(ARCHIVE):
            check_imprint(work.token, archive)
            work.book.good(ARCHIVE, "与时间戳一致")


def _check_archive(work: Work) -> None:
    covered = {MIMETYPE, ARCHIVE, TIMESTAMP}
    archive = work.get(ARCHIVE)
    if archive is None:
        return
    with work.book.blaming(ARCHIVE):
        manifest = read_manifest(archive, TIMESTAMP)
        _compare(work, manifest.digests, covered)


def _compare(work: Work, said: Mapping[str, bytes], outside: set[str]) -> None:
    """Every entry but those ``outside`` has its digest in a manifest, and every digest its entry."""
    for name, digest in said.items():
        if name not in work.digests:
            work.book.bad(name, "清单里有，但包内没有", missing=True)
        elif work.digests[name] != digest.hex():
            work.book.bad(name, "内容与清单中的摘要不一致")
        else:
            work.book.good(name, "摘要一致")
    for name in work.box.entries:
        if name not in said and name not in outside:
            work.book.bad(name, "没有任何清单列出这个文件")
    listed = [name for name in work.box.entries if name in said]
    due = [name for name in said if name in work.box.entries]
    if due != listed:
        work.book.bad(next(a for a, b in zip(due, listed, strict=True) if a != b), "文件的先后次序与清单不同")


def _read_renewals(work: Work) -> None:
    if work.means.record is not None:
        with work.book.blaming(RECORD):
            work.renewals, work.later = made_by(read_record(work.means.record), work.now)


def _check_renewals(work: Work, data: Readable, trust: Trust, *, asked: bool) -> None:
    """``asked``: somebody named the moment to judge by, so that later renewals are left out. Else the clock is late."""
    if work.token is None:
        return
    if work.renewals:
        check_renewals(data, work.token, work.renewals, trust, work.book, work.now)
    for name, day in check_later(data, work.token, work.renewals, work.later, trust, work.book):
        if asked:
            work.book.skip(f"{name}于 {day} 加盖，晚于核对的时间，没有用来核对")
        else:
            work.book.unable(name, f"于 {day} 加盖，晚于这台机器的时间；请校准时间后再核对")


def _check_token(work: Work, trust: Trust) -> None:
    """It has to hold until the first renewal took its proof over; without any, until now."""
    if work.token is None:
        return
    with work.book.blaming(TIMESTAMP):
        try:
            _check_held(work, work.token, trust)
        except Lapsed as error:
            late = work.renewals and f"，第 1 次续期（{beijing_day(work.renewals[0].token.at)}）做得太晚"
            raise Lapsed(f"{error}{late or '，之后没有续期'}") from None
        work.book.timestamps += 1
        beijing = (work.token.at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
        work.book.good(TIMESTAMP, f"“{work.token.data.signer.title}”于北京时间 {beijing} 加盖")


def _check_held(work: Work, token: Token, trust: Trust) -> None:
    if not work.renewals:
        trust.check_timestamper(token, work.book, work.now)
        return
    first = work.renewals[0]
    trust.with_lists(first.lists).check_timestamper(token, work.book, first.token.at)


def _check_manifest(work: Work, trust: Trust) -> None:
    data, signature = work.get(MANIFEST), work.get(SIGNATURE)
    if data is None:
        return
    with work.book.blaming(MANIFEST):
        manifest = read_manifest(data, SIGNATURE)
        _compare(work, manifest.digests, {MIMETYPE, *CLOSING})
    if signature is None or work.token is None:
        return
    with work.book.blaming(SIGNATURE):
        signed = trust.check_signature(signature, data, work.token.at, work.book)
        work.book.signatures += 1
        work.book.good(SIGNATURE, f"由“{signed.signer.title}”签名")


def case_number(record: Mapping[str, object]) -> str:
    """What ``case.json`` says the case is. Raises ``Mismatch`` where it does not say."""
    case = record.get("case")
    number = case.get("case_no") if isinstance(case, dict) else None
    if not isinstance(number, str):
        raise Mismatch("没有写明业务编号")
    return number


def _check_contents(work: Work, trust: Trust) -> None:
    case, events = work.get("case.json"), work.get("events.jsonl")
    if case is not None:
        with work.book.blaming("case.json"):
            work.case_no = case_number(check_canonical(case))
    if events is None:
        return
    named = Named()
    with work.book.blaming("events.jsonl"):
        named = _check_chain(work, trust, events)
    if work.book.is_good("events.jsonl"):
        check_anchors(work.box.entries, work.digests, named, work.book)
        with work.book.blaming("events.jsonl"):
            check_national(work.box.entries, named.sealed, trust, work.book)
            check_tracks(work.box.entries, work.digests, collect_tracks(read_events(events)), work.book)
    for name in work.box.entries:
        if name.startswith("documents/"):
            with work.book.blaming(name):
                _check_document(work, trust, name, named)


def _check_chain(work: Work, trust: Trust, events: bytes) -> Named:
    lines = read_events(events)
    try:
        head = verify_chain(lines)
    except ChainBroken as error:
        raise Mismatch(error.message) from None
    latest = datetime.fromisoformat(json.loads(lines[-1])["at"])
    if work.token is not None and latest > work.token.at + CLOCKS_MAY_DIFFER:
        raise Mismatch("最后一个事件晚于时间戳")
    work.book.good("events.jsonl", f"{len(lines)} 个事件首尾相接")
    _check_log(work, trust, lines, head)
    return collect(lines)


def _check_log(work: Work, trust: Trust, lines: list[bytes], head: str) -> None:
    data = work.get(INCLUSION)
    if data is None:
        work.book.skip("包内没有服务端总日志的收录证明，未核对本案是否已入总日志")
        return
    with work.book.blaming(INCLUSION):
        text, signature, timestamp = check_inclusion(data, lines, head)
        token = trust.check_timestamp(timestamp, text, work.book)
        trust.check_signature(signature, text, token.at, work.book)
        work.book.signatures += 1
        work.book.timestamps += 1
        work.book.good(INCLUSION, "本案已收录于服务端总日志")


def _check_document(work: Work, trust: Trust, name: str, named: Named) -> None:
    pdf = whole_of(work.box.entries[name])
    document = name.removeprefix("documents/").removesuffix(".pdf")
    if document in named.void:
        if document in named.certificates:
            raise Mismatch("事件链说已作废的文书又有人签名")
        check_unsigned(pdf)
        work.book.good(name, "因业务要素变更已作废，无人签署")
        return
    closed = work.token.at if work.token is not None else work.now
    signers, stamps = check_pdf(pdf, trust, work.book, closed)
    if not set(named.certificates.get(document, [])) <= {hashlib.sha256(row.raw).hexdigest() for row in signers}:
        raise Mismatch("事件链记录的签名证书不在这份文件里")
    bound = check_bindings(document, signers, named, work.case_no)
    if work.means.inspect_pdf is None:
        work.book.skip("未逐项核对 PDF 各次签名之后追加的内容是否合规（可用 pingqian verify 核对）")
    else:
        ok, detail = work.means.inspect_pdf(pdf, closed)
        if not ok:
            raise Mismatch(detail or "PDF 签名核对未通过")
    work.book.signatures += len(signers)
    work.book.timestamps += stamps
    work.book.good(name, f"{len(signers)} 个签名有效，其中 {bound} 个一次性证书绑定无误")


def _check_shape(work: Work) -> None:
    """The ZIP itself; last, so that a changed content is named before the header that betrays it."""
    box = work.box
    for name, detail in [*box.faults.items(), *box.oddities.items()]:
        work.book.bad(name, detail)
    if box.order[0] != MIMETYPE:
        work.book.bad(MIMETYPE, "不是包内第一个文件")
    found, due = [name for name in box.order if name in CLOSING], [name for name in CLOSING if name in box.entries]
    for name in (a for a, b in zip(found, due, strict=False) if a != b):
        work.book.bad(name, "META-INF 文件的次序不对")
    if MIMETYPE in box.entries:
        work.book.good(MIMETYPE, "ASiC-E")
    for name in box.order:
        if name not in work.book.rows:
            work.book.bad(name, "没有得到核对")
