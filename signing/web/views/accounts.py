"""Accounts as an administrator's list shows them."""

from collections.abc import Iterable

import segno

from signing.domain.resting import CAUSES, Change
from signing.service import accounts as service
from signing.service.resting import RestingAccount
from signing.wire import accounts as wire
from signing.wire.staff import StaffRole


def account_list(found: Iterable[service.Account]) -> wire.Accounts:
    return wire.Accounts(accounts=[_account(one) for one in found])


def _account(account: service.Account) -> wire.Account:
    member = account.member
    return wire.Account(
        staff_id=member.staff_id,
        username=member.username,
        name=member.name,
        role=StaffRole(member.role),
        branch=account.branch,
        seat_id=member.seat_id,
        active=member.active,
        resting=account.resting,
        locked_until=account.locked_until,
        factor=account.factor,
        factor_required=account.factor_required,
        sessions=[
            wire.SessionRow(
                ref=one.ref, since=one.since, seen_at=one.seen_at, expires_at=one.expires_at, address=one.address
            )
            for one in account.sessions
        ],
    )


def resting_account(found: RestingAccount) -> wire.RestingAccount:
    member, resting = found.member, found.resting
    return wire.RestingAccount(
        staff_id=member.staff_id,
        username=member.username,
        name=member.name,
        role=StaffRole(member.role),
        branch=found.branch,
        since=resting.since,
        changes=[_change(one, found) for one in resting.changes],
        refusal=_refusal(found),
    )


def _change(change: Change, found: RestingAccount) -> wire.RestingChange:
    by = found.names.get(change.by_id, "命令行")
    return wire.RestingChange(cause=wire.RestingCause(change.cause), title=CAUSES[change.cause], at=change.at, by=by)


def _refusal(found: RestingAccount) -> wire.RestingRefusal | None:
    resting = found.resting
    if resting.refused_at is None:
        return None
    by = found.names.get(resting.refused_by, "")
    return wire.RestingRefusal(at=resting.refused_at, by=by, reason=resting.refused_for)


def squares(text: str) -> list[str]:
    """A QR code of medium correction with its border of four, a row a text of 0 (light) and 1 (dark)."""
    code = segno.make(text, error="m", micro=False)
    return ["".join("1" if dark else "0" for dark in row) for row in code.matrix_iter(border=4)]
