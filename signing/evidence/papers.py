"""``pingqian verify FILE.pdf``: the verdict over one paper, as a table or as JSON."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from signing.domain.beijing import BEIJING
from signing.service.pdf_report import PaperReport, PaperVerdict

Judge = Callable[[bytes, bytes, datetime, Sequence[bytes], str], PaperReport]
NOT_SIGNED_HERE = 2
EXIT = {PaperVerdict.VALID: 0, PaperVerdict.INCOMPLETE: 1, PaperVerdict.ALTERED: 1, PaperVerdict.UNREADABLE: 2}


def is_paper(path: Path) -> bool:
    """By its first bytes. Raises ``OSError``."""
    with path.open("rb") as file:
        return file.read(5) == b"%PDF-"


def paper_judge() -> Judge | None:
    """pyHanko's, where the service's signer is installed."""
    try:
        judge: Judge = import_module("signing.adapters.signer.revisions").judge_paper
    except (ImportError, AttributeError):
        return None
    return judge


def as_record(report: PaperReport) -> dict[str, Any]:
    """For programs; times are ISO 8601 in UTC."""
    return {
        "verdict": report.verdict.value,
        "headline": report.headline,
        "sha256": report.sha256,
        "faults": list(report.faults),
        "missing": list(report.missing),
        "notes": list(report.notes),
        "revisions": [
            {
                "number": one.number,
                "kind": one.kind_title,
                "field": one.field,
                "who": one.who,
                "at": None if one.at is None else one.at.astimezone(UTC).isoformat(),
                "certificate": one.certificate,
                "certificate_sha256": one.certificate_sha256,
                "since": one.since,
                "ok": one.ok,
                "detail": one.detail,
            }
            for one in report.revisions
        ],
    }


def as_lines(report: PaperReport, name: str) -> Iterator[str]:
    """For people."""
    yield f"文书　{name}"
    yield f"摘要　SHA-256 {report.sha256}"
    for one in report.revisions:
        at = "时间不明" if one.at is None else f"{one.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}（北京时间）"
        yield f"{'✓' if one.ok else '✗'} 第 {one.number} 次修订　{one.kind_title}　{one.who}　{at}"
        yield f"　　证书 {one.certificate}；SHA-256 {one.certificate_sha256}"
        yield f"　　其后的变化：{one.since}" + ("" if one.ok else f"　　{one.detail}")
    yield from (f"✗ {fault}" for fault in report.faults)
    yield from (f"缺少：{one}" for one in report.missing)
    yield from (f"说明：{note}" for note in report.notes)
    yield f"结论：{report.headline}"


def in_words(report: PaperReport, name: str, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(as_record(report), ensure_ascii=False, indent=2)
    return "\n".join(as_lines(report, name))
