"""What a supervisor may change of a registered seal: put it aside for a time, take it up again, say who keeps it and
until when it is valid. Retiring one is for good (``RetireSeal``)."""

from dataclasses import replace
from datetime import datetime

from signing.domain.errors import ConflictError, InputError
from signing.domain.seals import RegisteredSeal, check, check_end


def suspended(seal: RegisteredSeal, at: datetime, by: str, reason: str) -> RegisteredSeal:
    """Raises ``ConflictError`` where it is out of use already."""
    _require_kept(seal)
    if seal.suspended_at is not None:
        raise ConflictError(f"{seal.title} 已由{seal.suspended_by}暂停使用", "不需要再操作")
    return replace(seal, suspended_at=at, suspended_by=by, suspended_reason=reason)


def resumed(seal: RegisteredSeal) -> RegisteredSeal:
    """Raises ``ConflictError`` where it is not suspended, or retired."""
    _require_kept(seal)
    if seal.suspended_at is None:
        raise ConflictError(f"{seal.title} 没有暂停使用", "请刷新印章登记")
    return replace(seal, suspended_at=None, suspended_by="", suspended_reason="")


def amended(
    seal: RegisteredSeal, at: datetime, custodian: str | None = None, valid_until: datetime | None = None
) -> RegisteredSeal:
    """None leaves as it is. Raises ``ConflictError`` for a retired one, ``InputError`` for what no seal may have, for
    an end in the past or more than ten years off, and where nothing would change."""
    _require_kept(seal)
    after = replace(
        seal,
        custodian=seal.custodian if custodian is None else custodian.strip(),
        valid_until=seal.valid_until if valid_until is None else valid_until,
    )
    if after == seal:
        raise InputError("没有改动保管人，也没有改动到期日", "请先改动再保存")
    check(after)
    if after.valid_until != seal.valid_until:
        _check_new_end(after.valid_until, at)
    return after


def _check_new_end(until: datetime, at: datetime) -> None:
    if until <= at:
        raise InputError("新的到期日已经过去", "要立即停止使用，请暂停使用这枚印章")
    check_end(until, at)


def difference(before: RegisteredSeal, after: RegisteredSeal) -> str:
    """For the access log: what it was and what it is."""
    parts = []
    if before.custodian != after.custodian:
        parts.append(f"custodian={before.custodian}->{after.custodian}")
    if before.valid_until != after.valid_until:
        parts.append(f"valid_until={before.valid_until.isoformat()}->{after.valid_until.isoformat()}")
    return " ".join(parts)


def _require_kept(seal: RegisteredSeal) -> None:
    if not seal.in_use:
        raise ConflictError(f"{seal.title} 已经停用，不能恢复也不能更改", "如需使用，请管理员重新登记一枚印章")
