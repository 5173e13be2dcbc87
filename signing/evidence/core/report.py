"""A judgement as JSON (the wire's ``VerificationReport``) and as a table for people."""

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from signing.evidence.core.book import INCOMPLETE, UNREADABLE, UNTRUSTED, VALID, Judgement, Row

WORDS = {VALID: "有效", INCOMPLETE: "不完整", "altered": "已被改动", UNTRUSTED: "不可追溯", UNREADABLE: "无法读取"}
EXIT_CODES = {VALID: 0, UNREADABLE: 2}
"""Of ``verify``; 1 for everything between."""


def exit_code(judgement: Judgement) -> int:
    return EXIT_CODES.get(judgement.verdict, 1)


def as_record(judgement: Judgement, checked_at: datetime) -> dict[str, object]:
    """The fields of the wire's ``VerificationReport``."""
    return {
        "verdict": judgement.verdict,
        "headline": judgement.headline,
        "first_bad_item": judgement.first_bad_item,
        "items": [{"name": row.name, "ok": row.ok, "detail": row.detail} for row in judgement.rows],
        "signatures": judgement.signatures,
        "timestamps": judgement.timestamps,
        "checked_at": checked_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "not_checked": list(judgement.not_checked),
    }


def as_table(judgement: Judgement, title: str, checked_at: datetime) -> Iterator[str]:
    """Lines for a terminal."""
    width = max([_columns(row.name) for row in judgement.rows] + [4])
    beijing = checked_at.astimezone(UTC) + timedelta(hours=8)
    yield f"证据包 {title}"
    yield f"核对时间 {beijing:%Y-%m-%d %H:%M:%S}（北京时间）"
    yield ""
    yield f"结果  {_pad('项目', width)}  说明"
    for row in judgement.rows:
        yield f"{_mark(row)}  {_pad(row.name, width)}  {row.detail}"
    yield ""
    yield f"签名 {judgement.signatures} 个，时间戳 {judgement.timestamps} 个"
    if judgement.not_checked:
        yield "本次没有核对的内容："
        yield from (f"  · {what}" for what in judgement.not_checked)
    yield ""
    yield f"结论：{judgement.headline}"


def _mark(row: Row) -> str:
    if row.noted:
        return "遗失"
    return "通过" if row.ok else "不符"


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _columns(text))
