"""What a check of one signed paper finds, revision by revision."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PaperVerdict(StrEnum):
    """valid: signed by all, sealed, archived, untouched. incomplete: nothing is wrong, but something is missing.
    altered: changed, or not to be believed. unreadable: no PDF."""

    VALID = "valid"
    INCOMPLETE = "incomplete"
    ALTERED = "altered"
    UNREADABLE = "unreadable"


VERDICT_TITLES = {
    PaperVerdict.VALID: "已验证",
    PaperVerdict.INCOMPLETE: "不完整",
    PaperVerdict.ALTERED: "已被改动或不可信",
    PaperVerdict.UNREADABLE: "无法识别",
}


@dataclass(frozen=True)
class RevisionFound:
    """``kind_title``: 当事人签名, 机构印章, 归档时间戳, 归档时间戳续期. ``since``: what was done to the file
    after it, in words."""

    number: int
    kind_title: str
    field: str
    who: str
    at: datetime | None
    certificate: str
    """Serial number in hexadecimal, and issuer."""
    certificate_sha256: str
    since: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class PaperReport:
    """``faults``: what is wrong; ``missing``: what a finished paper would have."""

    verdict: PaperVerdict
    sha256: str
    revisions: tuple[RevisionFound, ...]
    faults: tuple[str, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        title = VERDICT_TITLES[self.verdict]
        if self.verdict is PaperVerdict.VALID:
            stamps = sum(one.kind_title.startswith("归档时间戳") for one in self.revisions)
            renewed = f"（续期 {stamps - 1} 次）" if stamps > 1 else ""
            return f"{title}：签章 {len(self.revisions) - stamps}，归档时间戳 {stamps}{renewed}，签署后未被改动"
        return f"{title}：{'；'.join(self.faults or self.missing)}"
