"""A confirmed account is taken by its owner: with the code they were handed, and a password that nobody else knows."""

from dataclasses import replace
from hmac import compare_digest

from signing.domain.errors import ConflictError, InputError, NotLoggedIn, SigningError
from signing.domain.lockout import Tries
from signing.domain.passwords import check_password
from signing.domain.resting import CODE_TRIES, Resting, awaits_owner, wrong_code
from signing.service.account_commands import TakeAccount
from signing.service.bus import Handler
from signing.service.commands import BEARER, Command
from signing.service.handlers.log_in import (
    Attempt,
    count_try,
    kept_out,
    log_failure,
    proven,
    refused,
    still_proven,
    take_back,
)
from signing.service.services import Services
from signing.service.sessions import staff_actor
from signing.service.store import StaffMember, Unit


def code_digest(services: Services, staff_id: str, code: str) -> str:
    return services.secrets.digest("owner-code", f"{staff_id} {code}")


def take(command: TakeAccount, services: Services) -> None:
    """Raises as ``log_in`` does, ``NotLoggedIn`` with code ``owner_code_wrong`` for a wrong code, ``ConflictError``
    where the account does not rest, ``InputError`` for a bad password or the one that it has."""
    check_password(command.new, command.username)
    if command.new == command.password:
        raise InputError("新密码不能与现在的密码相同", "现在的密码别人也知道，请另设一个")
    attempt = count_try(services, command.username, command.address)
    proof = proven(services, command.username, command.password)
    if proof is None:
        raise refused(services, attempt, command.username, command.address)
    hashed = services.secrets.hash_password(command.new)
    with services.db.write() as unit:
        refusal = _taken(unit, services, still_proven(unit, proof), command, attempt, hashed)
    if refusal is not None:
        raise refusal


def _taken(
    unit: Unit, services: Services, member: StaffMember, command: TakeAccount, attempt: Attempt, hashed: str
) -> SigningError | None:
    """None where it is done. A refusal is returned, so that what is counted stays counted."""
    resting = unit.accounts.resting(member.staff_id)
    if resting is None:
        take_back(unit, attempt)
        return ConflictError("这个账号不需要确认码", "请直接用密码登录")
    if not awaits_owner(resting, attempt.at):
        return kept_out(unit, resting, attempt, command.address)
    if not compare_digest(resting.code_hash, code_digest(services, member.staff_id, command.code)):
        return _not_that(unit, services, member, wrong_code(resting), command, attempt)
    unit.people.save_staff(replace(member, password_hash=hashed))
    unit.accounts.end_rest(member.staff_id)
    unit.accounts.save_tries(attempt.who, Tries())
    unit.logs.record_view(staff_actor(member, ""), attempt.at, "account.taken", "", command.address)
    unit.changes.branch_ids.add(member.branch_id)
    return None


def _not_that(
    unit: Unit, services: Services, member: StaffMember, resting: Resting, command: TakeAccount, attempt: Attempt
) -> NotLoggedIn:
    unit.accounts.save_resting(resting)
    log_failure(unit, services, attempt, member.username, command.address)
    left = CODE_TRIES - resting.code_tries
    if left > 0:
        return NotLoggedIn("确认码不正确", f"请向确认的同事核对，还可以试 {left} 次", code="owner_code_wrong")
    detail = f"{member.staff_id} {command.address}".strip()
    unit.logs.record_view(BEARER, attempt.at, "account.code_spent", "", detail)
    unit.changes.branch_ids.add(member.branch_id)
    return NotLoggedIn(
        "确认码输错次数太多，已经作废", "请另一位主管或审计再次确认，取得新的确认码", code="account_resting"
    )


HANDLERS: dict[type[Command], Handler] = {TakeAccount: take}
