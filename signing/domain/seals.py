"""The institution's registered seals: which one may go on which paper, and what a refused use says.

A paper of the institution carries its contract seal 合同专用章 or, where none is for it, its official seal 公章; and
beside it the legal representative's square seal where one is registered (民法典 art. 490; 电子签名法 art. 14).
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from signing.domain.beijing import BEIJING
from signing.domain.errors import InputError, RuleBroken

STAND_IN_MARK = "替身"
"""In the name of every certificate of a stand-in: whatever shows the name shows what it is worth."""


class SealKind(StrEnum):
    CONTRACT = "contract"
    OFFICIAL = "official"
    REPRESENTATIVE = "representative"


KIND_TITLES = {
    SealKind.CONTRACT: "合同专用章",
    SealKind.OFFICIAL: "公章",
    SealKind.REPRESENTATIVE: "法定代表人名章",
}
ROUND = (SealKind.CONTRACT, SealKind.OFFICIAL)
"""In the order in which they are taken."""
LONGEST_TEXT = {SealKind.CONTRACT: 50, SealKind.OFFICIAL: 50, SealKind.REPRESENTATIVE: 16}
LONGEST = timedelta(days=3653)
"""Ten years: what ends later is a slip of the pen, and far enough off no clock can reckon with it."""
_NUMBER = re.compile(r"\d{13}")


@dataclass(frozen=True)
class RegisteredSeal:
    """``text`` goes around the arc, or is the representative's name. ``documents``: the kinds of paper it may go on,
    all where empty. ``second_above``: yuan; a larger case needs a supervisor's approval."""

    seal_id: str
    institution_id: str
    kind: SealKind
    text: str
    number: str
    custodian: str
    valid_from: datetime
    valid_until: datetime
    registered_at: datetime
    documents: tuple[str, ...] = ()
    second_above: Decimal | None = None
    retired_at: datetime | None = None
    retired_reason: str = ""
    suspended_at: datetime | None = None
    """Put aside for a time (``seal_changes``); nothing goes on a paper with it meanwhile."""
    suspended_by: str = ""
    suspended_reason: str = ""

    @property
    def title(self) -> str:
        return f"{KIND_TITLES[self.kind]}（{self.number or self.text}）"

    @property
    def in_use(self) -> bool:
        return self.retired_at is None

    def state_title(self, at: datetime) -> str:
        if not self.in_use:
            return "已停用"
        if self.suspended_at is not None:
            return "已暂停"
        if at >= self.valid_until:
            return "已过期"
        return "在用" if at >= self.valid_from else "未启用"

    def is_for(self, kind: str) -> bool:
        return not self.documents or kind in self.documents


@dataclass(frozen=True)
class Marks:
    """The seals that go on one paper."""

    round: RegisteredSeal
    square: RegisteredSeal | None = None

    @property
    def all(self) -> tuple[RegisteredSeal, ...]:
        return (self.round,) if self.square is None else (self.round, self.square)


@dataclass(frozen=True)
class SealUse:
    """A line of the log: a seal went on a paper, or ``refused`` says why none did. Nothing of it is ever changed."""

    use_id: str
    institution_id: str
    seal_id: str
    at: datetime
    case_id: str
    case_no: str
    document_id: str
    document_title: str
    by: str
    approved_by: str = ""
    sha256: str = ""
    """Of the sealed paper."""
    refused: str = ""


@dataclass(frozen=True)
class SealDelay:
    """A case whose seals were asked for and wait for something outside: CA, HSM or time-stamps."""

    case_id: str
    since: datetime
    tries: int
    next_at: datetime
    reason: str

    def again(self, now: datetime, reason: str) -> "SealDelay":
        """After another failure: waits one minute at first, doubling to an hour."""
        wait = min(timedelta(minutes=1) * 2 ** min(self.tries, 10), timedelta(hours=1))
        return replace(self, tries=self.tries + 1, next_at=now + wait, reason=reason)


@dataclass(frozen=True)
class SealedPaper:
    """A sealed paper under the code in its footer; what whoever holds the paper may know. No personal data.
    ``case_id``: empty where a paper of before is not found by its code any more."""

    document_id: str
    code: str
    sha256: str
    institution: str
    title: str
    pages: int
    sealed_at: datetime
    case_id: str = ""


@dataclass(frozen=True)
class Wanted:
    """What a seal is asked for. ``amount`` in yuan; None where nothing is lent. ``approved``: by second eyes."""

    document_kind: str
    amount: Decimal | None
    approved: bool
    at: datetime


def check(seal: RegisteredSeal) -> None:
    """Raises ``InputError`` for what no seal may be registered with."""
    longest = LONGEST_TEXT[seal.kind]
    if not 1 <= len(seal.text) <= longest or not seal.text.isprintable() or seal.text != seal.text.strip():
        raise InputError(f"印文应为 1 到 {longest} 个字", "请按刻章备案的内容填写")
    if seal.kind is not SealKind.REPRESENTATIVE and not _NUMBER.fullmatch(seal.number):
        raise InputError("印章编码应为 13 位数字", "请按公安机关备案的编码填写")
    if not 1 <= len(seal.custodian) <= 50 or not seal.custodian.isprintable():
        raise InputError("请写明印章由谁保管", "填写保管人或保管部门，至多 50 个字")
    if seal.valid_until <= seal.valid_from:
        raise InputError("印章的有效期到期日应晚于启用日", "请改正日期")
    if seal.second_above is not None and seal.second_above < 0:
        raise InputError("需要复核的金额不能小于零", "请改正金额")


def check_end(until: datetime, at: datetime) -> None:
    """Raises ``InputError`` for an end further off than a seal may be valid, seen from ``at``."""
    if until > at + LONGEST:
        raise InputError(
            f"印章的到期日不能晚于{_day(at + LONGEST)}", "一次至多登记十年，请核对日期；到期以前可以再更改到期日"
        )


def why_not(seal: RegisteredSeal, wanted: Wanted) -> str:
    """Why this seal may not go on such a paper now; empty where it may."""
    if seal.retired_at is not None:
        return f"已停用（{seal.retired_reason}）"
    if seal.suspended_at is not None:
        return f"已暂停使用（{seal.suspended_reason}）"
    if not seal.is_for(wanted.document_kind):
        return "不用于这类文书"
    if wanted.at < seal.valid_from:
        return f"{_day(seal.valid_from)}起才启用"
    if wanted.at >= seal.valid_until:
        return f"有效期已于{_day(seal.valid_until)}届满"
    if needs_second(seal, wanted):
        return f"金额超过 {seal.second_above:,.2f} 元，须由未经办的主管复核同意用印"
    return ""


def needs_second(seal: RegisteredSeal, wanted: Wanted) -> bool:
    above = seal.second_above is not None and wanted.amount is not None and wanted.amount > seal.second_above
    return above and not wanted.approved


def choose(seals: Iterable[RegisteredSeal], wanted: Wanted) -> Marks:
    """The seals for a paper. Raises ``RuleBroken`` seal.registry or seal.second, saying of each why not."""
    held = [seal for seal in seals if seal.in_use]
    first = _round(held, wanted)
    squares = [one for one in held if one.kind is SealKind.REPRESENTATIVE and one.is_for(wanted.document_kind)]
    if squares:
        return Marks(first, _usable(squares, wanted))
    return Marks(first)


def _round(held: list[RegisteredSeal], wanted: Wanted) -> RegisteredSeal:
    candidates = [seal for kind in ROUND for seal in held if seal.kind is kind]
    if not candidates:
        raise RuleBroken("seal.registry", "本机构没有登记在用的公章或合同专用章", "请管理员用 pingqian seals add 登记")
    return _usable(candidates, wanted)


def _usable(candidates: list[RegisteredSeal], wanted: Wanted) -> RegisteredSeal:
    """The first that may be used. A seal for this very kind of paper goes before one for all."""
    ordered = sorted(candidates, key=lambda seal: not seal.documents)
    reasons = [(seal, why_not(seal, wanted)) for seal in ordered]
    for seal, reason in reasons:
        if not reason:
            return seal
        if not why_not(seal, replace(wanted, approved=True)):
            break  # this one's turn, but for second eyes: no other seal goes round them
    if any(needs_second(seal, wanted) and seal.is_for(wanted.document_kind) for seal in ordered):
        rule, hint = "seal.second", "请主管复核同意后再用印"
    else:
        rule, hint = "seal.registry", "请管理员检查印章登记"
    raise RuleBroken(rule, "；".join(f"{seal.title}：{reason}" for seal, reason in reasons), hint)


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%Y-%m-%d}"


@dataclass(frozen=True)
class SealApproval:
    """A second pair of eyes on the use of seals in one case."""

    by: str
    by_id: str
    at: datetime
    note: str = ""


def made_number(institution_id: str, credit_code: str, kind: SealKind = SealKind.CONTRACT) -> str:
    """Thirteen digits as on a registered seal: region, then a number of our own making."""
    region = "".join(character for character in credit_code[2:8] if character.isdigit()).ljust(6, "0")
    salt = "" if kind is SealKind.CONTRACT else f"\n{kind.value}"
    digest = hashlib.sha256(f"seal\n{institution_id}{salt}".encode()).digest()
    return region + f"{int.from_bytes(digest[:4], 'big') % 10_000_000:07d}"


def usual_seal_id(institution_id: str) -> str:
    return "seal_" + hashlib.sha256(f"seal\n{institution_id}".encode()).hexdigest()[:24]


def usual_seal(institution_id: str, text: str, credit_code: str, at: datetime, custodian: str) -> RegisteredSeal:
    """The contract seal an institution begins with: its name, for all papers, for five years."""
    return RegisteredSeal(
        seal_id=usual_seal_id(institution_id),
        institution_id=institution_id,
        kind=SealKind.CONTRACT,
        text=text,
        number=made_number(institution_id, credit_code),
        custodian=custodian,
        valid_from=at - timedelta(days=1),
        valid_until=at + timedelta(days=5 * 365),
        registered_at=at,
    )
