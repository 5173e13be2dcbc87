"""A whole paper judged revision by revision: who, when, with which certificate, and what changed since.

Stricter than a viewer: a paper of ours ends with its archive time-stamp, every revision is a signature, and every field
was there before the first of them (ISO 32000-2, 12.8; ETSI EN 319 142-1).
"""

import asyncio
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from itertools import takewhile

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.validation import SignatureCoverageLevel
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signing.adapters.signer.judging import (
    BROKEN,
    EXPIRED,
    Held,
    is_one_time,
    judge_signature,
    judge_timestamp,
    read_roots,
    stamped_at,
    taken_over,
)
from signing.adapters.signer.revision import frozen_part
from signing.domain.seals import STAND_IN_MARK
from signing.service.pdf_report import PaperReport, PaperVerdict, RevisionFound

SEAL, STRADDLE, SQUARE = "seal_institution", "straddle_", "seal_representative"
STAMP_TITLE, SEAL_TITLE, SIGNATURE_TITLE = "归档时间戳", "机构印章", "当事人签名"
RENEWAL_TITLE = "归档时间戳续期"
STAMP = "/DocTimeStamp"
LARGEST = 30_000_000
MOST = 40
"""Revisions: more than the parties of any product with seal and time-stamp; each takes a tenth of a second."""


def judge_paper(
    pdf: bytes,
    trust_pem: bytes,
    at: datetime,
    lists: Sequence[bytes] = (),
    known_sha256: str = "",
    seals_with: Callable[[x509.Certificate], bool] = lambda _: True,
) -> PaperReport:
    """``lists``: fresh CRLs (DER). ``known_sha256``: the digest that the institution has on record for this paper.
    ``seals_with``: whether a seal is made with this certificate; a trusted CA has other customers too.

    Never raises on a broken document. Raises ``InputError`` where ``trust_pem`` holds no certificate.
    """
    digest = hashlib.sha256(pdf).hexdigest()
    if not pdf.startswith(b"%PDF-") or len(pdf) > LARGEST:
        return PaperReport(PaperVerdict.UNREADABLE, digest, (), ("不是可以识别的 PDF 文件，或文件过大",), ())
    notes: tuple[str, ...] = (
        () if trust_pem else ("没有指定信任的根证书，以文书内自带的根证书核验：只能说明前后一致，不能说明由谁签发",)
    )
    roots = read_roots(trust_pem)
    try:
        # pyHanko is asynchronous only; the caller may be on a loop already.
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(lambda: asyncio.run(_examine(pdf, roots, at, lists, seals_with))).result()
    except BROKEN as error:
        if b"/ByteRange" not in pdf:  # nothing in it was ever signed: not ours, or not a document at all
            return PaperReport(PaperVerdict.UNREADABLE, digest, (), ("不是可以识别的 PDF 文件，里面也没有签名",), ())
        return PaperReport(PaperVerdict.ALTERED, digest, (), (f"文书无法核验（{type(error).__name__}）",), (), notes)
    revisions, faults, missing = found
    notes += _stand_ins(revisions)
    if known_sha256 and known_sha256 != digest:
        renewed = _renewed_since(pdf, revisions, known_sha256)
        if renewed:
            notes += (f"这份文书以机构留存的版本开头，一字节不差；其后只有 {renewed} 次归档时间戳续期",)
        else:
            faults = [*faults, "与机构留存的文书摘要不一致：被改动，或缺少最后的修订"]
    verdict = PaperVerdict.ALTERED if faults else PaperVerdict.INCOMPLETE if missing else PaperVerdict.VALID
    return PaperReport(verdict, digest, tuple(revisions), tuple(faults), tuple(missing), notes)


def _renewed_since(pdf: bytes, revisions: Sequence[RevisionFound], known_sha256: str) -> int:
    """How many renewals came after the version on record; 0 where that is no beginning of this file, or anything but
    renewals follows it."""
    renewals = sum(1 for _ in takewhile(lambda one: one.kind_title == RENEWAL_TITLE, reversed(revisions)))
    ends = [found.end() for found in re.finditer(rb"%%EOF(?:\r\n|\n|\r)?", pdf)]
    known = [hashlib.sha256(pdf[:end]).hexdigest() for end in ends[-renewals - 1 : -1]]
    return len(known) - known.index(known_sha256) if known_sha256 in known else 0


def _stand_ins(revisions: Sequence[RevisionFound]) -> tuple[str, ...]:
    marked = [f"第 {one.number} 次修订" for one in revisions if STAND_IN_MARK in one.who + one.certificate]
    return (f"{'、'.join(marked)}用的是替身机构的证书，仅供试用，不具有法律效力",) if marked else ()


async def _examine(
    pdf: bytes,
    roots: list[x509.Certificate],
    at: datetime,
    lists: Sequence[bytes],
    seals_with: Callable[[x509.Certificate], bool],
) -> tuple[list[RevisionFound], list[str], list[str]]:
    reader = PdfFileReader(BytesIO(pdf))
    embedded = list(reader.embedded_signatures)
    if len(embedded) > MOST:
        return [], [f"有 {len(embedded)} 处签章，不是本系统制作的文书"], []
    held = Held(reader, roots or list(_carried(embedded)), at, lists)
    frozen = hashlib.sha256(frozen_part(pdf)).digest()
    archive = [one for one in embedded if one.sig_object_type == STAMP]
    revisions = [
        await _revision(number, one, held, frozen, taken_over(one, archive), first=one in archive[:1])
        for number, one in enumerate(embedded, 1)
    ]
    faults = [f"{_called(one)}：{one.detail}" for one in revisions if not one.ok and one.detail != EXPIRED]
    faults += [
        "机构印章用的不是本系统登记的证书"
        for one in embedded
        if one.field_name == SEAL and not (one.signer_cert and seals_with(one.signer_cert))
    ]
    faults += _structure(reader, embedded)
    expired = [f"{_called(one)}：{one.detail}，证明力只到期满之日" for one in revisions if one.detail == EXPIRED]
    return revisions, faults, _missing(reader, revisions) + expired


def _called(one: RevisionFound) -> str:
    return f"第 {one.number} 次修订（{one.kind_title} {one.who}）"


def _carried(embedded: Sequence[EmbeddedPdfSignature]) -> Iterator[x509.Certificate]:
    """The authorities inside signatures and tokens: all there is to go by without a root of one's own. The root is
    not among them everywhere: a signature carries its issuer's certificate only."""
    for one in embedded:
        tokens = extract_tst_data_iter(one.signer_info, signed=False)
        stamped = (choice.chosen for token in tokens for choice in token["certificates"])
        for certificate in (*one.other_embedded_certs, *stamped):
            if certificate.ca:
                yield certificate


async def _revision(
    number: int, one: EmbeddedPdfSignature, held: Held, frozen: bytes, until: datetime | None, *, first: bool
) -> RevisionFound:
    """``first``: whether it is the archive time-stamp that later ones renew."""
    certificate = one.signer_cert
    serial = f"{certificate.serial_number:X}，{_name(certificate.issuer)}签发" if certificate else ""
    print_ = hashlib.sha256(certificate.dump()).hexdigest() if certificate else ""
    if one.sig_object_type == STAMP:
        fault, moment = await judge_timestamp(one, held, until), stamped_at(one)
        who = _name(certificate.subject) if certificate else ""
        title = STAMP_TITLE if first else RENEWAL_TITLE
        return RevisionFound(
            number, title, one.field_name, who, moment, serial, print_, _since(one), not fault, fault or "有效"
        )
    judged = await judge_signature(one, held, frozen, until)
    if judged.ok and one.field_name.startswith("sign_") and not (certificate and is_one_time(certificate)):
        judged = replace(judged, ok=False, detail="当事人签名用的不是一次性证书")
    title = SEAL_TITLE if one.field_name == SEAL else SIGNATURE_TITLE
    return RevisionFound(
        number, title, one.field_name, judged.signer, judged.at, serial, print_, _since(one), judged.ok, judged.detail
    )


def _name(name: x509.Name) -> str:
    return str(name.native.get("common_name", ""))


def _since(one: EmbeddedPdfSignature) -> str:
    """What was done to the file after this revision, in words."""
    found = one.diff_result
    if found is None:
        return "无"
    if not isinstance(found, DiffResult):
        return "有不允许的改动"
    # Below that, the library names fields that it only looked at.
    filled = found.modification_level > ModificationLevel.LTA_UPDATES
    words = list(_fields(found.changed_form_fields)) if filled else []
    if found.modification_level >= ModificationLevel.LTA_UPDATES:
        words.append("补入核验资料或归档时间戳")
    return "、".join(words) or "无"


def _fields(names: set[str]) -> Iterator[str]:
    signed = sorted(name for name in names if name.startswith("sign_"))
    if signed:
        yield f"其他当事人签名 {len(signed)} 处"
    if SEAL in names:
        yield "加盖机构印章"
    if SQUARE in names:
        yield "加盖法定代表人章"
    slices = sum(name.startswith(STRADDLE) for name in names)
    if slices:
        yield f"加盖骑缝章 {slices} 处"
    others = [name for name in names if not name.startswith(("sign_", "seal_", STRADDLE, "timestamp_"))]
    if others:
        yield f"填写其他位置 {len(others)} 处"


def _structure(reader: PdfFileReader, embedded: Sequence[EmbeddedPdfSignature]) -> Iterator[str]:
    """What a paper of ours never has, whatever the rules of PDF allow."""
    if not embedded:
        return
    if embedded[-1].evaluate_signature_coverage() < SignatureCoverageLevel.ENTIRE_FILE:
        yield "最后一次签章之后又追加了内容"
    if reader.xrefs.total_revisions != len(embedded) + 1:
        yield "有一次修订不属于任何签章"
    if [one.signed_revision for one in embedded] != list(range(1, len(embedded) + 1)):
        yield "各次修订的次序不对"
    before, after = form_of(reader, 0), form_of(reader, None)
    if len({name for name, _ in after}) != len(after):
        yield "有两个同名的签章位置，其中一个被遮盖"
    added = [name for name, _ in set(after) - set(before) if not name.startswith("timestamp_")]
    if added or set(before) - set(after):
        yield "签章位置与制作文书时的不一致"


def form_of(reader: PdfFileReader, revision: int | None) -> list[tuple[str, tuple[float, ...]]]:
    """Every field's name and rectangle, as of a revision or now."""
    root = reader.root if revision is None else reader.get_historical_root(revision)
    if "/AcroForm" not in root:
        return []
    found = []
    for field in root["/AcroForm"]["/Fields"]:
        field = field.get_object()
        found.append((str(field.get("/T", "")), tuple(float(value) for value in field["/Rect"])))
    return found


def _missing(reader: PdfFileReader, revisions: Sequence[RevisionFound]) -> list[str]:
    filled, missing = {one.field for one in revisions}, []
    if not revisions:
        return ["没有任何签名"]
    empty = [name for name, _ in form_of(reader, None) if name.startswith("sign_") and name not in filled]
    if empty:
        missing.append(f"还有 {len(empty)} 处当事人没有签名")
    if not any(name.startswith("sign_") for name in filled):
        missing.append("没有当事人签名")
    if SEAL not in filled:
        missing.append("没有机构印章：尚未用印，或缺少最后的修订")
    if revisions[-1].kind_title not in (STAMP_TITLE, RENEWAL_TITLE):
        missing.append("没有归档时间戳：缺少最后的修订")
    return missing
